package io.millrace.simulator;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.jobmanager.JobManager;
import io.millrace.runtime.jobmanager.ResourceManager;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.taskmanager.TaskManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What YARN is to the cluster: starts JobManager attempts, gives them processes for TaskManagers,
 * notices deaths late, and starts a new attempt when the old one is dead or silent.
 */
final class Platform {
  private static final Address CLIENT = new Address("client/1");

  private final World world;
  private final Network network;
  private final SimulatedExchange.Wires wires;
  private final SimulatedStore store;
  private final Faults faults;
  private final JobSpec spec;
  private final LedgerLoader classes;
  private final Configuration configuration;
  private final SplittableRandom chance;
  private final List<Attempt> attempts = new ArrayList<>();
  private final TreeMap<String, SimulatedProcess> taskManagers = new TreeMap<>();
  private int started;
  private boolean calm;
  private Optional<JobStatus> finished = Optional.empty();
  private String diagnostics = "";

  Platform(
      World world,
      Network network,
      SimulatedStore store,
      Faults faults,
      JobSpec spec,
      LedgerLoader classes,
      Configuration configuration) {
    this.world = world;
    this.network = network;
    this.wires = new SimulatedExchange.Wires(world, network);
    this.store = store;
    this.faults = faults;
    this.spec = spec;
    this.classes = classes;
    this.configuration = configuration;
    this.chance = world.fork();
  }

  void calm() {
    calm = true;
    attempts.forEach(attempt -> attempt.process.resume());
    taskManagers.values().forEach(SimulatedProcess::resume);
  }

  /** How the job ended, once the platform was told. */
  Optional<JobStatus> finished() {
    return finished;
  }

  String diagnostics() {
    return diagnostics;
  }

  int attempts() {
    return attempts.size();
  }

  int taskManagersStarted() {
    return started;
  }

  /** Starts the next JobManager attempt. */
  void startAttempt() {
    if (finished.isPresent()) {
      return;
    }
    var attempt = new Attempt(attempts.size() + 1);
    attempts.add(attempt);
    attempt.start();
  }

  private Attempt newest() {
    return attempts.get(attempts.size() - 1);
  }

  /** Kills a TaskManager of the newest attempt, if there is one. */
  void crashTaskManager() {
    pick().ifPresent(process -> processEnds(process, "killed"));
  }

  void pauseTaskManager(long millis) {
    pick()
        .ifPresent(
            process -> {
              process.pause();
              world.afterMillis(millis, "wake " + process, process::resume);
            });
  }

  /** No message gets through between two processes, in one direction or in both. */
  void partition(long millis) {
    List<SimulatedProcess> all = new ArrayList<>(taskManagers.values());
    all.removeIf(process -> !process.alive());
    all.add(newest().process);
    if (all.size() < 2) {
      return;
    }
    SimulatedProcess a = all.remove(chance.nextInt(all.size()));
    SimulatedProcess b = all.remove(chance.nextInt(all.size()));
    boolean bothWays = chance.nextBoolean();
    network.cut(a.name(), b.name());
    if (bothWays) {
      network.cut(b.name(), a.name());
    }
    wires.breakWires();
    world.afterMillis(
        millis,
        "heal " + a + " " + b,
        () -> {
          network.heal(a.name(), b.name());
          network.heal(b.name(), a.name());
        });
  }

  void crashJobManager() {
    newest().crash();
  }

  /** The JobManager sleeps; if longer than the platform waits, another one is started beside it. */
  void pauseJobManager(long millis, boolean replaced) {
    Attempt sleeping = newest();
    if (!sleeping.process.alive()) {
      return;
    }
    sleeping.process.pause();
    world.afterMillis(millis, "wake " + sleeping.process, sleeping.process::resume);
    if (replaced) {
      world.afterMillis(
          millis / 2,
          "the platform gives up " + sleeping.process,
          () -> {
            if (sleeping == newest()) {
              startAttempt();
            }
          });
    }
  }

  void cancelJob() {
    newest().process.deliver(CLIENT, new ClientRequest.Cancel(7, spec.job()));
  }

  private Optional<SimulatedProcess> pick() {
    List<SimulatedProcess> living =
        taskManagers.values().stream().filter(SimulatedProcess::alive).toList();
    return living.isEmpty()
        ? Optional.empty()
        : Optional.of(living.get(chance.nextInt(living.size())));
  }

  private void processEnds(SimulatedProcess process, String why) {
    process.crash();
    wires.breakWires();
    world.afterMillis(
        delay(),
        "end of " + process + " noticed",
        () -> {
          for (Attempt attempt : attempts) {
            attempt.taskManagerEnded(process, why);
          }
        });
  }

  private long delay() {
    return calm ? 50 : 50 + chance.nextInt(2_000);
  }

  private void send(SimulatedProcess from, Address to, Message message) {
    if (to.equals(Address.JOB_MANAGER)) {
      for (Attempt attempt : attempts) {
        if (attempt.owns(from)) {
          network.send(from, new TaskManagerId(from.name()).address(), attempt.process, message);
        }
      }
      return;
    }
    if (message instanceof ClientAnswer) {
      return;
    }
    SimulatedProcess target = taskManagers.get(to.name().replaceFirst("^taskmanager/", ""));
    if (target != null) {
      network.send(from, Address.JOB_MANAGER, target, message);
    }
  }

  private long offloadMicros() {
    int max = calm ? 3 : faults.storeMaxMillis();
    return 200 + chance.nextInt(1_000 * (chance.nextInt(8) == 0 ? max : Math.min(max, 4)));
  }

  /** One JobManager and the processes that the platform gave it. */
  private final class Attempt implements ResourceManager {
    private final int number;
    private final SimulatedProcess process;
    private final TreeMap<String, SimulatedProcess> mine = new TreeMap<>();
    private int starting;
    private int wanted;

    Attempt(int number) {
      this.number = number;
      this.process =
          new SimulatedProcess(
              world, "jobmanager-" + number, Platform.this::send, Platform.this::offloadMicros);
    }

    void start() {
      for (Attempt older : attempts) {
        if (older != this && !older.process.paused()) {
          older.process.crash();
        }
      }
      process.start(
          new JobManager(
              "simulated",
              number,
              this,
              store,
              userClasses(),
              configuration,
              JobManager.Lifetime.PER_JOB));
      process.deliver(CLIENT, new ClientRequest.Submit(1, spec));
      // The containers of older attempts are taken back, sooner or later.
      for (Attempt older : attempts) {
        if (older != this) {
          older.mine.values().stream()
              .filter(SimulatedProcess::alive)
              .forEach(
                  old ->
                      world.afterMillis(
                          delay() * 3, "take back " + old, () -> processEnds(old, "taken back")));
        }
      }
    }

    void crash() {
      if (!process.alive()) {
        return;
      }
      process.crash();
      if (this == newest()) {
        world.afterMillis(delay(), "next attempt", this::replace);
      }
    }

    private void replace() {
      if (this == newest()) {
        startAttempt();
      }
    }

    boolean owns(SimulatedProcess taskManager) {
      return mine.get(taskManager.name()) == taskManager;
    }

    void taskManagerEnded(SimulatedProcess taskManager, String why) {
      if (owns(taskManager)) {
        mine.remove(taskManager.name());
        process.post(new TaskManagerEnded(new TaskManagerId(taskManager.name()), why));
        startMissing();
      }
    }

    @Override
    public void want(int count) {
      wanted = count;
      startMissing();
    }

    private void startMissing() {
      while (mine.size() + starting < wanted && process.alive()) {
        starting++;
        world.afterMillis(delay(), "start a TaskManager", this::startTaskManager);
      }
    }

    private void startTaskManager() {
      starting--;
      if (!process.alive() || mine.size() >= wanted) {
        return;
      }
      String name = "tm-" + ++started;
      var taskManager =
          new SimulatedProcess(world, name, Platform.this::send, Platform.this::offloadMicros);
      taskManagers.put(name, taskManager);
      mine.put(name, taskManager);
      var id = new TaskManagerId(name);
      taskManager.start(
          new TaskManager(
              new TaskManagerLocation(id, name, 1),
              1,
              new SimulatedTaskHost(world, taskManager),
              new SimulatedExchange(wires, taskManager),
              store,
              userClasses(),
              configuration,
              taskManager::post,
              reason -> processEnds(taskManager, reason)));
    }

    @Override
    public void release(TaskManagerId id) {
      SimulatedProcess taskManager = mine.get(id.value());
      if (taskManager != null) {
        processEnds(taskManager, "released");
      }
    }

    @Override
    public void finish(JobStatus status, String why) {
      world.trace().note(process + " finishes the cluster: " + status + " " + why);
      if (finished.isPresent() && finished.get() != status) {
        throw new InvariantViolation("the job ended twice: " + finished.get() + " and " + status);
      }
      finished = Optional.of(status);
      diagnostics = why;
      mine.values().forEach(SimulatedProcess::crash);
      process.crash();
    }

    @Override
    public void fenced(String reason) {
      world.trace().note(process + " is fenced: " + reason);
      crash();
    }

    private UserClasses userClasses() {
      return new UserClasses() {
        @Override
        public ClassLoader open(JobId job, List<JarRef> jars) {
          return classes;
        }

        @Override
        public void release(JobId job) {}
      };
    }
  }
}
