package io.millrace.simulator;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.jobmanager.Connection;
import io.millrace.runtime.jobmanager.JobManager;
import io.millrace.runtime.jobmanager.Lease;
import io.millrace.runtime.jobmanager.LogExcerpt;
import io.millrace.runtime.jobmanager.ResourceManager;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToTaskManager;
import io.millrace.runtime.taskmanager.Line;
import io.millrace.runtime.taskmanager.TaskManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What YARN is to the cluster: starts JobManager attempts, gives them processes for TaskManagers,
 * notices deaths late, and starts a new attempt when the old one is dead or silent.
 */
final class Platform {
  private final World world;
  private final Network network;
  private final SimulatedExchange.Wires wires;
  private final SimulatedStore store;
  private final Faults faults;
  private final Rules rules;
  private final Moments moments;
  private final String prefix;
  private final JobSpec spec;
  private final LedgerLoader classes;

  private final Company company;

  private final Configuration configuration;
  private final int paceMicros;
  private final SplittableRandom chance;
  private final User user;
  private final Ambushes ambushes;
  private final Outages outages;
  private final List<Attempt> attempts = new ArrayList<>();
  private final TreeMap<String, SimulatedProcess> taskManagers = new TreeMap<>();

  /** Which JobManager each TaskManager speaks with, by the TaskManager's name. */
  private final TreeMap<String, Attempt> lines = new TreeMap<>();

  private final SimulatedShelves shelves;
  private final List<SimulatedTaskHost> hosts = new ArrayList<>();
  private int started;
  private final TreeMap<String, Runnable> breaks = new TreeMap<>();
  private final Delays delays;
  private boolean calm;
  private Optional<JobStatus> finished = Optional.empty();

  /** What any JobManager has said; only the newest one's word ends the cluster. */
  private Optional<JobStatus> told = Optional.empty();

  private String diagnostics = "";
  private final Optional<SimulatedMain> main;

  Platform(
      World world,
      Network network,
      SimulatedStore store,
      Faults faults,
      Rules rules,
      Moments moments,
      String prefix,
      JobSpec spec,
      LedgerLoader classes,
      Company company,
      Configuration configuration,
      int paceMicros) {
    this.company = company;
    this.paceMicros = paceMicros;
    this.world = world;
    this.network = network;
    this.wires = new SimulatedExchange.Wires(world, network);
    this.store = store;
    this.faults = faults;
    this.rules = rules;
    this.moments = moments;
    this.prefix = prefix;
    this.spec = spec;
    this.classes = classes;
    this.configuration = configuration;
    this.chance = world.fork();
    this.shelves = new SimulatedShelves(world);
    this.user =
        new User(
            world,
            rules,
            spec,
            request -> newest().process.deliver(User.ADDRESS, request),
            () -> finished.isPresent());
    this.main =
        isSession() && chance.nextBoolean()
            ? Optional.of(
                SimulatedMain.of(company.with(spec), world, rules, user, chance.nextInt(8)))
            : Optional.empty();
    this.ambushes = new Ambushes(world, chance, this);
    this.delays = new Delays(world, faults, chance, this);
    this.outages = new Outages(world, network, wires, chance, this);
    moments.add(ambushes);
  }

  void calm() {
    calm = true;
    delays.calm();
    attempts.forEach(attempt -> attempt.seclusion.over());
    attempts.forEach(attempt -> attempt.process.resume());
    taskManagers.values().forEach(SimulatedProcess::resume);
  }

  /** How the job ended, once the platform was told. */
  Optional<JobStatus> finished() {
    return finished;
  }

  String diagnostics() {
    return isSession() ? user.lastWord() : diagnostics;
  }

  List<Neighbour> neighbours() {
    return company.neighbours();
  }

  private boolean isSession() {
    return company.isSession();
  }

  int attempts() {
    return attempts.size();
  }

  int taskManagersStarted() {
    return started;
  }

  /** Starts the first JobManager attempt. */
  void start() {
    startAttempt(true);
    if (isSession() && main.isEmpty()) {
      world.trace().hit("cluster of several jobs");
      user.runAll(company.with(spec));
    }
  }

  private void startAttempt(boolean olderDie) {
    if (finished.isPresent()) {
      return;
    }
    var attempt = new Attempt(attempts.size() + 1);
    attempts.add(attempt);
    attempt.start(olderDie);
  }

  /** The application is over for the platform too: everything that is left of it dies. */
  void end() {
    attempts.forEach(attempt -> attempt.process.crash());
    taskManagers.values().forEach(SimulatedProcess::crash);
  }

  /** Names of processes that still run. */
  List<String> living() {
    return Stream.concat(attempts.stream().map(a -> a.process), taskManagers.values().stream())
        .filter(SimulatedProcess::alive)
        .map(SimulatedProcess::name)
        .toList();
  }

  /** Where each task is that has not ended, a line for each. */
  String standing() {
    return hosts.stream().flatMap(SimulatedTaskHost::standing).collect(Collectors.joining());
  }

  SimulatedProcess jobManager() {
    return newest().process;
  }

  SimulatedProcess jobManager(int attempt) {
    return attempts.get(attempt - 1).process;
  }

  // ---- faults

  private Attempt newest() {
    return attempts.get(attempts.size() - 1);
  }

  /** Kills a TaskManager of the newest attempt, if there is one. */
  void crashTaskManager() {
    pick()
        .ifPresent(
            process -> {
              world.trace().hit("TaskManager killed");
              processEnds(process, "killed");
            });
  }

  /** Kills all TaskManagers at once. */
  void crashAllTaskManagers() {
    List<SimulatedProcess> living = livingTaskManagers();
    if (!living.isEmpty()) {
      world.trace().hit("all TaskManagers killed");
    }
    living.forEach(process -> processEnds(process, "killed"));
  }

  /** Kills that very process, JobManager or TaskManager. */
  void crash(SimulatedProcess process) {
    if (isTaskManager(process)) {
      processEnds(process, "killed");
    }
    for (Attempt attempt : List.copyOf(attempts)) {
      if (attempt.process == process) {
        attempt.crash();
      }
    }
  }

  /** Whether it is one of this platform's, and not of a job's earlier life. */
  boolean knows(SimulatedProcess who) {
    return isTaskManager(who) || attempts.stream().anyMatch(attempt -> attempt.process == who);
  }

  /** Whether the newest attempt holds it. */
  boolean isHeld(SimulatedProcess taskManager) {
    return newest().owns(taskManager);
  }

  boolean isTaskManager(SimulatedProcess who) {
    return taskManagers.get(who.name()) == who;
  }

  void sleep(SimulatedProcess process, long millis) {
    process.pause();
    world.afterMillis(millis, "wake " + process, process::resume);
  }

  /** The platform gives up a JobManager that may live on, and starts another one beside it. */
  void replaceIn(long millis, SimulatedProcess old) {
    world.afterMillis(
        millis,
        "the platform gives up " + old,
        () -> {
          if (old == newest().process) {
            startAttempt(false);
          }
        });
  }

  /** Witnesses do not answer the newest JobManager for a while. */
  void seclude(Seclusion.Silent who, long millis) {
    if (!calm) {
      newest().seclusion.begin(who, millis);
    }
  }

  /** A TaskManager's control connection breaks, which both ends see; it comes back later. */
  void breakConnection(long millis) {
    pick().ifPresent(process -> breakConnection(process, millis));
  }

  /** All of them come back at the same moment. */
  void breakAllConnections(long millis) {
    world.trace().hit("all control connections broken at once");
    livingTaskManagers().forEach(process -> breakConnection(process, millis));
  }

  private void breakConnection(SimulatedProcess taskManager, long millis) {
    world.trace().hit("control connection broken");
    Attempt attempt = lines.get(taskManager.name());
    String jobManager = attempt.process.name();
    network.cut(taskManager.name(), jobManager);
    network.cut(jobManager, taskManager.name());
    attempt.hears(new Connection.Lost(new TaskManagerId(taskManager.name())));
    lineLost(taskManager);
    world.afterMillis(
        millis,
        taskManager + " connects again",
        () -> {
          network.heal(taskManager.name(), jobManager);
          network.heal(jobManager, taskManager.name());
          if (taskManager.alive() && lines.get(taskManager.name()) == attempt) {
            attempt.hears(new Connection.Opened(new TaskManagerId(taskManager.name())));
            lineMade(taskManager);
          }
        });
  }

  private void lineMade(SimulatedProcess taskManager) {
    world.after(
        network.delayMicros(),
        taskManager + " has a line",
        () -> taskManager.deliver(Address.SELF, new Line.Made()));
  }

  private void lineLost(SimulatedProcess taskManager) {
    world.after(
        network.delayMicros(),
        taskManager + " sees its line break",
        () -> taskManager.deliver(Address.SELF, new Line.Lost()));
  }

  /** What the TaskManager says goes to another JobManager from now on. */
  private void follow(SimulatedProcess taskManager, Attempt next) {
    world.trace().hit("TaskManager followed a new JobManager");
    var id = new TaskManagerId(taskManager.name());
    lines.put(taskManager.name(), next).hears(new Connection.Lost(id));
    next.hears(new Connection.Opened(id));
    lineMade(taskManager);
  }

  void crashJobManager() {
    if (newest().process.alive()) {
      world.trace().hit("JobManager killed");
    }
    newest().crash();
  }

  User user() {
    return user;
  }

  Ambushes ambushes() {
    return ambushes;
  }

  Delays delays() {
    return delays;
  }

  Outages outages() {
    return outages;
  }

  List<SimulatedProcess> livingTaskManagers() {
    return taskManagers.values().stream().filter(SimulatedProcess::alive).toList();
  }

  /** A TaskManager that lives; empty if none does. */
  Optional<SimulatedProcess> pick() {
    List<SimulatedProcess> living = livingTaskManagers();
    return living.isEmpty()
        ? Optional.empty()
        : Optional.of(living.get(chance.nextInt(living.size())));
  }

  private void processEnds(SimulatedProcess process, String why) {
    process.crash();
    wires.breakWires();
    if (chance.nextDouble() >= faults.links().silentDeath()) {
      var id = new TaskManagerId(process.name());
      Attempt attempt = lines.get(process.name());
      attempt.hears(new Connection.Lost(id));
      if (chance.nextBoolean()) {
        world.after(
            network.delayMicros(),
            process + " is found to have ended",
            () -> attempt.hears(new Connection.Refused(id)));
      }
    }
    tellEnd(process, why, true);
  }

  /**
   * @param exited whether somebody has seen it
   */
  private void tellEnd(SimulatedProcess process, String why, boolean exited) {
    world.afterMillis(
        delay(),
        "end of " + process + " noticed",
        () -> {
          for (Attempt attempt : attempts) {
            attempt.taskManagerEnded(process, why, exited);
          }
        });
  }

  /** The process lives on where nobody reaches it, but the store does, until it is found. */
  void takeForLost(SimulatedProcess process, long foundAfterMillis) {
    network.lose(process.name());
    wires.breakWires();
    lines.get(process.name()).hears(new Connection.Lost(new TaskManagerId(process.name())));
    tellEnd(process, "lost", false);
    world.afterMillis(foundAfterMillis, "find " + process, process::crash);
  }

  private long delay() {
    return calm ? 50 : 50 + chance.nextInt(2_000);
  }

  /** The JobManager breaks an invariant when it sends the next message of that kind. */
  void plantBreak(String kind) {
    plantBreak(newest().number, kind, () -> {});
  }

  void plantBreak(int attempt, String kind, Runnable happened) {
    breaks.put(prefix + "jobmanager-" + attempt + " " + kind, happened);
  }

  private void send(SimulatedProcess from, Address to, Message message) {
    String moment = breaks.isEmpty() ? "" : from.name() + " " + SimulatedProcess.kindOf(message);
    Runnable happened = breaks.remove(moment);
    if (happened != null) {
      happened.run();
      world.trace().hit("JobManager broke an invariant");
      throw new SimulatedProcess.PlantedBreak(moment);
    }
    rules.sent(from, message);
    if (message instanceof ToTaskManager.CheckpointAborted) {
      world.trace().hit("checkpoint aborted (a message to a TaskManager)");
    }
    if (to.equals(Address.JOB_MANAGER)) {
      SimulatedProcess jobManager = lines.get(from.name()).process;
      network.send(from, new TaskManagerId(from.name()).address(), jobManager, message);
      return;
    }
    if (message instanceof ClientAnswer answer && to.equals(SimulatedMain.ADDRESS)) {
      main.orElseThrow().hears(from, answer); // which is in the same process
      return;
    }
    if (message instanceof ClientAnswer answer) {
      // Nobody listens any more to one that was replaced: who asks again asks the next.
      if (from.equals(newest().process)) {
        user.hears(answer);
      }
      return;
    }
    SimulatedProcess target = taskManagers.get(nameOf(to));
    if (target != null) {
      network.send(from, Address.JOB_MANAGER, target, message);
    }
  }

  private static String nameOf(Address taskManager) {
    String name = taskManager.name();
    return name.substring(name.indexOf('/') + 1);
  }

  /** One JobManager and the processes that the platform gave it. */
  private final class Attempt implements ResourceManager {
    private final int number;
    private final SimulatedProcess process;
    private final PlatformLine line;
    private final Seclusion seclusion;
    private final TreeMap<String, SimulatedProcess> mine = new TreeMap<>();
    private int starting;
    private int wanted;

    Attempt(int number) {
      this.number = number;
      this.process =
          new SimulatedProcess(world, prefix + "jobmanager-" + number, Platform.this::send, delays);
      this.line = new PlatformLine(world, process, () -> this == newest());
      this.seclusion = new Seclusion(world, moments, rules, process, line, this::giveUp);
      process.whenBroken(this::crash);
    }

    void start(boolean olderDie) {
      for (Attempt older : attempts) {
        if (older != this && olderDie && !older.process.paused()) {
          older.process.crash();
        }
      }
      process.start(
          new JobManager(
              new JobManager.Setup(
                  "simulated",
                  number,
                  Optional.of(new JobManager.Control(process.name(), number)),
                  configuration,
                  main.isPresent()
                      ? JobManager.Lifetime.APPLICATION
                      : isSession() ? JobManager.Lifetime.SESSION : JobManager.Lifetime.PER_JOB,
                  isSession() ? Optional.of("memory:/docket/" + prefix) : Optional.empty(),
                  faults.silences().watched() ? Seclusion.LEASE : Lease.DEFAULT),
              this,
              store,
              company.classes(classes)));
      if (faults.silences().watched()) {
        line.bearWitness(Seclusion.LEASE);
      }
      if (number > 1) {
        for (Attempt older : attempts.subList(0, number - 1)) {
          if (chance.nextDouble() < faults.processes().kept()) {
            mine.putAll(older.mine);
            older.mine.clear();
          } else {
            older.takenBack();
          }
        }
        world.afterMillis(delay(), process + " registers", () -> line.say(this::registers));
      }
      if (!isSession()) {
        process.deliver(User.ADDRESS, new ClientRequest.Submit(1, spec));
      }
      main.ifPresent(each -> each.beside(process));
    }

    /** What it gets may have died already, which the platform notices later. */
    private void registers() {
      process.post(new Kept(mine.keySet().stream().map(TaskManagerId::new).toList()));
    }

    /** Sooner or later. */
    private void takenBack() {
      for (SimulatedProcess old : mine.values()) {
        world.afterMillis(
            1 + chance.nextInt(faults.processes().lingerMillis()),
            "take back " + old,
            () -> {
              if (old.alive()) {
                processEnds(old, "taken back");
              }
            });
      }
    }

    void crash() {
      if (!process.alive()) {
        return;
      }
      process.crash();
      for (SimulatedProcess taskManager : taskManagers.values()) {
        if (taskManager.alive()
            && lines.get(taskManager.name()) == this
            && chance.nextDouble() >= faults.links().silentDeath()) {
          lineLost(taskManager);
        }
      }
      if (this == newest()) {
        world.afterMillis(delay(), "next attempt", this::replace);
      }
    }

    private void giveUp() {
      if (this == newest() && finished.isEmpty()) {
        world.trace().hit("JobManager replaced as the platform did not hear it");
        startAttempt(false);
      }
    }

    private void replace() {
      if (this == newest()) {
        startAttempt(true);
      }
    }

    boolean owns(SimulatedProcess taskManager) {
      return mine.get(taskManager.name()) == taskManager;
    }

    void hears(Connection connection) {
      world.after(
          network.delayMicros(),
          process + " sees a connection",
          () -> process.deliver(new Address("connections"), connection));
    }

    void taskManagerEnded(SimulatedProcess taskManager, String why, boolean exited) {
      if (owns(taskManager)) {
        mine.remove(taskManager.name());
        var id = new TaskManagerId(taskManager.name());
        var ended = new TaskManagerEnded(id, why, LogExcerpt.NONE, false, exited);
        line.say(
            () -> {
              process.post(ended);
              startMissing();
            });
      }
    }

    @Override
    public void want(int count) {
      line.say(
          () -> {
            wanted = count;
            startMissing();
          });
    }

    private void startMissing() {
      int spare = wanted == 0 ? 0 : faults.processes().spareTaskManagers();
      while (mine.size() + starting < wanted + spare && process.alive() && this == newest()) {
        starting++;
        world.afterMillis(delay(), "start a TaskManager", this::startTaskManager);
      }
    }

    private void startTaskManager() {
      starting--;
      if (!process.alive() || this != newest() || finished.isPresent()) {
        return;
      }
      String name = prefix + "tm-" + ++started;
      var taskManager = new SimulatedProcess(world, name, Platform.this::send, delays);
      taskManagers.put(name, taskManager);
      mine.put(name, taskManager);
      lines.put(name, this);
      var id = new TaskManagerId(name);
      var disk = new SimulatedDisk(world, faults.storage().localDisk(), () -> calm);
      var host =
          new SimulatedTaskHost(
              world,
              taskManager,
              company.apart(),
              disk,
              shelves.of(taskManager, disk),
              () -> calm ? 0 : paceMicros,
              () -> calm ? 0 : faults.processes().stuckMicros(chance));
      hosts.add(host);
      taskManager.start(
          new TaskManager(
              new TaskManagerLocation(id, name, 1),
              company.slots(),
              host,
              new SimulatedExchange(wires, taskManager),
              store,
              company.classes(classes),
              configuration,
              taskManager::post,
              Optional.empty(),
              at -> follow(taskManager, attempts.get(at.port() - 1)),
              reason -> processEnds(taskManager, reason)));
    }

    @Override
    public void release(TaskManagerId id) {
      line.say(
          () -> {
            SimulatedProcess taskManager = mine.get(id.value());
            if (taskManager != null) {
              processEnds(taskManager, "released");
            }
          });
    }

    @Override
    public void finish(JobStatus status, String why) {
      world.trace().note(process + " finishes the cluster: " + status + " " + why);
      if (line.isCut()) {
        // What was decided is durable: the next attempt finds it, and gets through.
        world.trace().hit("the platform could not be told of the job's end");
        mine.values().forEach(SimulatedProcess::crash);
        crash();
        return;
      }
      if (!why.startsWith("cannot claim")) { // else it has decided nothing
        if (told.isPresent() && told.get() != status) {
          throw rules.broken("the job ended twice: " + told.get() + " and " + status);
        }
        told = Optional.of(status);
      }
      if (this == newest()) {
        main.ifPresent(each -> each.check(status));
        finished = isSession() ? user.ended(spec.job()) : Optional.of(status);
        diagnostics = why;
      } else {
        world.trace().hit("a superseded JobManager brought the job to its end");
      }
      mine.values().forEach(SimulatedProcess::crash);
      process.crash();
    }

    @Override
    public void fenced(String reason) {
      world.trace().hit("JobManager fenced");
      world.trace().note(process + " is fenced: " + reason);
      seclusion.check(reason);
      crash();
    }
  }
}
