package io.millrace.runtime.jobmanager;

import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToTaskManager;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The TaskManagers that work for this JobManager: who comes, what each says of its tasks, who was
 * kept from the JobManager before, and who is lost. What it learns, it tells the jobs.
 */
final class Crew {
  /** How long a TaskManager whose connection broke may take to connect again. */
  private static final Duration RECONNECT = Duration.ofMillis(500);

  /** How often in a row containers end before they have registered until their job is given up. */
  private static final int STILLBORN = 5;

  /** What ends within that time of another has the same cause: a machine that dies takes many. */
  private static final Duration STILLBORN_APART = Duration.ofSeconds(1);

  private final Env env;
  private final ResourceManager resourceManager;
  private final SlotLedger slots;
  private final Jobs jobs;
  private final JobManager.Setup setup;

  private final Roster roster = new Roster();
  private final Idlers idlers = new Idlers();

  /** What the ResourceManager was asked to make TaskManagers for. */
  private final LinkedHashSet<SlotResources> measuresTold = new LinkedHashSet<>();

  private int stillborn;
  private long stillbornMillis;

  /** What each said last of its logs, in case it is killed. */
  private final TreeMap<TaskManagerId, Heard> lastHeard = new TreeMap<>();

  /** Those that the platform will take, and why. */
  private final TreeMap<TaskManagerId, String> leaving = new TreeMap<>();

  /**
   * Those of a JobManager before that have not said yet what they run: their slots are given to
   * nobody until then.
   */
  private final TreeSet<TaskManagerId> unheard = new TreeSet<>();

  /** What the platform has kept for this JobManager, once it has said so. */
  private Optional<List<TaskManagerId>> kept = Optional.empty();

  /** Whom it tells. */
  interface Jobs {
    /** Whether the JobManager has ended; then nobody hears any more. */
    boolean over();

    /** Where TaskManagers will find the next JobManager. */
    Optional<String> home();

    /** Whether nobody needs what a TaskManager still has of the job. */
    boolean isPast(JobId job);

    void tell(JobId job, JobEvent event);

    void tellEach(Function<JobId, JobEvent> event);

    /** Those that wait for slots will get none for now. */
    void slotsImpossible(String reason);

    void slotsCame();

    void slotsWent();
  }

  Crew(
      Env env,
      ResourceManager resourceManager,
      SlotLedger slots,
      Jobs jobs,
      JobManager.Setup setup) {
    this.env = env;
    this.resourceManager = resourceManager;
    this.slots = slots;
    this.jobs = jobs;
    this.setup = setup;
  }

  void start() {
    if (!resourceManager.startsTaskManagers()) {
      env.after(adoptionTimeout(), new OwnMessage.MusterDue());
    }
  }

  private Duration adoptionTimeout() {
    return setup.configuration().get(ClusterSettings.ADOPTION_TIMEOUT);
  }

  void receive(ToJobManager message) {
    TaskManagerId id = message.taskManager();
    if (roster.isGone(id)) {
      env.send(id.address(), new ToTaskManager.Shutdown("it was given up before"));
    } else if (message instanceof ToJobManager.Register register) {
      register(register);
    } else if (message instanceof ToJobManager.Heartbeat heartbeat) {
      if (roster.isHere(id)) {
        heartbeat(heartbeat);
      } else if (!mayStillCome()) {
        env.send(id.address(), new ToTaskManager.Shutdown("this JobManager does not know it"));
      }
    } else if (message instanceof ToJobManager.WatermarkReached reached) {
      jobs.tell(reached.attempt().job(), new JobEvent.WatermarkReached(reached));
    } else if (message instanceof ToJobManager.LastLines last) {
      if (roster.isHere(id)) {
        lastHeard.put(id, new Heard(new LogExcerpt(last.lines()), last.memory()));
      }
    } else {
      Check.that(false, "a known message of a TaskManager, found " + message);
    }
  }

  private void register(ToJobManager.Register register) {
    TaskManagerId id = register.taskManager();
    if (register.inherited() && kept.isEmpty() && resourceManager.startsTaskManagers()) {
      return; // it asks again, and whether it may stay is the platform's word
    } else if (register.inherited() && !mayStillCome() && !kept.get().contains(id)) {
      env.send(id.address(), new ToTaskManager.Shutdown("it is not among those that were kept"));
      return;
    }
    stillborn = 0;
    boolean isNew = roster.register(id, now().monotonicMillis());
    if (isNew) {
      slots.add(register.location(), register.slots(), register.each());
      if (leaving.containsKey(id)) {
        slots.leaves(id);
      }
      if (register.inherited()) {
        unheard.add(id);
        slots.suspend(id);
      }
    }
    env.send(id.address(), new ToTaskManager.Registered(id, setup.attempt(), jobs.home()));
    if (isNew) {
      String what = "a TaskManager has registered: " + id.value() + ", slots: " + register.slots();
      jobs.tellEach(job -> new JobEvent.Reached(what));
    }
    jobs.slotsCame();
    tellOfLeaving();
  }

  /**
   * Whether anybody of before may come and stay. Who does not know yet that this is another
   * JobManager, because it listens where the one before did, looks for one until he is answered.
   */
  private boolean mayStillCome() {
    return kept.isEmpty() && !resourceManager.startsTaskManagers();
  }

  private void heartbeat(ToJobManager.Heartbeat heartbeat) {
    TaskManagerId id = heartbeat.taskManager();
    for (Report report : roster.heard(heartbeat, now().monotonicMillis())) {
      jobs.tell(report.attempt().job(), new JobEvent.Reported(report));
    }
    if (jobs.over() || !roster.isHere(id)) {
      return;
    }
    env.send(
        id.address(), new ToTaskManager.HeartbeatAnswer(roster.reportsSeen(id), roster.digest(id)));
    for (JobId job : heartbeat.idle()) {
      if (jobs.isPast(job)) {
        // It was told so by the job itself, or by that of a JobManager before, and has not heard.
        var last = new Epoch(setup.attempt(), Integer.MAX_VALUE);
        env.send(id.address(), new ToTaskManager.ReleaseJob(job, last));
      }
    }
    roster.attempts(id).ifPresent(attempts -> attemptsSeen(id, attempts));
    if (unheard.remove(id)) {
      slots.resume(id);
      jobs.slotsCame();
    }
  }

  private void attemptsSeen(TaskManagerId id, List<ToJobManager.AttemptStatus> attempts) {
    jobs.tellEach(
        job ->
            new JobEvent.AttemptsSeen(
                id, attempts.stream().filter(s -> s.attempt().job().equals(job)).toList()));
  }

  /** Tells all that is known of their tasks again. */
  void showAttempts() {
    roster.all().forEach(id -> roster.attempts(id).ifPresent(all -> attemptsSeen(id, all)));
  }

  /** News of a TaskManager's connection. */
  void connection(Connection connection) {
    if (connection instanceof Connection.Opened opened) {
      roster.connected(opened.taskManager());
      if (!unheard.contains(opened.taskManager())) {
        slots.resume(opened.taskManager());
        jobs.slotsCame();
      }
    } else if (connection instanceof Connection.Lost lost) {
      TaskManagerId id = lost.taskManager();
      if (roster.isHere(id)) {
        slots.suspend(id); // where one process died, the next deployment must not meet another
        waitForReconnect(id, roster.disconnected(id));
      }
    } else if (connection instanceof Connection.Refused refused) {
      if (roster.lacks(refused.taskManager())) {
        broken(refused.taskManager(), "its connection broke, and its port refuses others");
      }
    } else {
      Check.that(false, "known news of a connection, found " + connection);
    }
  }

  private void waitForReconnect(TaskManagerId id, long loss) {
    env.after(RECONNECT, new OwnMessage.ReconnectDue(id, loss, env.now().monotonicMillis()));
  }

  /** One that lives comes back at once; of one that has died its machine may have told before. */
  void reconnectDue(OwnMessage.ReconnectDue due) {
    TaskManagerId id = due.taskManager();
    if (!roster.lacks(id, due.loss())) {
      return;
    }
    if (now().monotonicMillis() - due.sinceMillis() > 2 * RECONNECT.toMillis()) {
      waitForReconnect(id, due.loss()); // slept itself: that it is back may be still to be read
      return;
    }
    broken(
        id, "its connection broke and it did not come back within " + RECONNECT.toMillis() + " ms");
  }

  private void broken(TaskManagerId id, String broke) {
    resourceManager.replace(id);
    // Where a platform starts them it will say how this one ended, and its last lines stand there.
    giveUp(id, resourceManager.startsTaskManagers() ? broke : lastHeard(id).lines().below(broke));
  }

  /** The platform says that its process has. */
  void ended(ResourceManager.TaskManagerEnded ended) {
    Heard heard = lastHeard(ended.taskManager());
    LogExcerpt known = ended.lastLines().isEmpty() ? heard.lines() : ended.lastLines();
    String memory =
        ended.forMemory() && !heard.memory().isEmpty()
            ? "; as last heard of, it had " + heard.memory()
            : "";
    String explanation = known.below(ended.explanation() + memory);
    if (!roster.isHere(ended.taskManager()) && !roster.isGone(ended.taskManager())) {
      long now = now().monotonicMillis();
      stillborn += stillborn == 0 || now - stillbornMillis >= STILLBORN_APART.toMillis() ? 1 : 0;
      stillbornMillis = now;
      if (stillborn >= STILLBORN) {
        String reason =
            "TaskManagers ended before they registered, "
                + stillborn
                + " times in a row, the last one: "
                + explanation;
        jobs.slotsImpossible(reason);
      }
    }
    lose(ended.taskManager(), explanation, ended.exited());
  }

  /** What a TaskManager has said of itself in case it is killed. */
  private record Heard(LogExcerpt lines, String memory) {
    static final Heard NOTHING = new Heard(LogExcerpt.NONE, "");
  }

  /** For the last time. */
  private Heard lastHeard(TaskManagerId id) {
    return Optional.ofNullable(lastHeard.remove(id)).orElse(Heard.NOTHING);
  }

  void giveUpSilent(Duration timeout) {
    for (TaskManagerId id : roster.silentFor(timeout.toMillis(), now().monotonicMillis())) {
      sendHome(
          id,
          lastHeard(id).lines().below("it was silent for more than " + timeout.toMillis() + " ms"));
    }
  }

  /**
   * Gives back who has had no work for that long and is not wanted.
   *
   * @param wanted how many are, by what they are made for
   */
  void releaseIdle(Duration timeout, Map<Optional<SlotResources>, Integer> wanted) {
    List<TaskManagerId> idle = idlers.longerThan(timeout, slots.idle(), now().monotonicMillis());
    for (TaskManagerId id : idle) {
      Optional<SlotResources> each = slots.madeFor(id);
      if (madeFor(each, roster.all()) > wanted.getOrDefault(each, 0)) {
        sendHome(id, "no job has needed it for " + timeout.toMillis() + " ms");
      }
    }
  }

  private int madeFor(Optional<SlotResources> each, Collection<TaskManagerId> all) {
    return (int) all.stream().filter(id -> slots.madeFor(id).equals(each)).count();
  }

  /**
   * Asks for TaskManagers, and for others instead of those that leave.
   *
   * @param needed how many jobs need, by what they are made for
   */
  void want(Map<Optional<SlotResources>, Integer> needed) {
    var all = new LinkedHashMap<Optional<SlotResources>, Integer>();
    measuresTold.forEach(each -> all.put(Optional.of(each), 0));
    all.put(Optional.empty(), 0);
    all.putAll(needed);
    all.forEach(
        (each, count) -> {
          int wanted = count + madeFor(each, leaving.keySet());
          each.ifPresentOrElse(one -> want(one, wanted), () -> resourceManager.want(wanted));
        });
  }

  private void want(SlotResources each, int wanted) {
    resourceManager.want(each, wanted);
    if (wanted == 0) {
      measuresTold.remove(each);
    } else {
      measuresTold.add(each);
    }
  }

  /** Nothing is told of its end any more. */
  private void sendHome(TaskManagerId id, String explanation) {
    lastHeard.remove(id);
    resourceManager.release(id);
    giveUp(id, explanation);
  }

  private void giveUp(TaskManagerId id, String explanation) {
    env.send(id.address(), new ToTaskManager.Shutdown(explanation));
    lose(id, explanation, false);
  }

  private void lose(TaskManagerId id, String explanation, boolean ended) {
    roster.remove(id);
    slots.remove(id);
    unheard.remove(id);
    boolean foretold = leaving.remove(id) != null;
    jobs.tellEach(job -> new JobEvent.TaskManagerLost(id, explanation, foretold, ended));
    jobs.slotsWent();
  }

  // ---- those that the platform will take

  void leaves(ResourceManager.Leaving news) {
    TaskManagerId id = news.taskManager();
    if (!roster.isGone(id) && leaving.putIfAbsent(id, news.reason()) == null) {
      slots.leaves(id);
      jobs.slotsWent();
      tellOfLeaving();
    }
  }

  /** Those that no job needs any more go at once; jobs that have slots of others hear it again. */
  void releaseLeaving() {
    for (TaskManagerId id : slots.idle()) {
      if (leaving.containsKey(id)) {
        sendHome(id, "it was left: " + leaving.get(id));
      }
    }
    tellOfLeaving();
  }

  private void tellOfLeaving() {
    if (!leaving.isEmpty()) {
      List<TaskManagerId> all = List.copyOf(leaving.keySet());
      String reason = leaving.firstEntry().getValue();
      jobs.tellEach(job -> new JobEvent.Leaving(all, reason, slots.couldMove(job)));
    }
  }

  // ---- those of the JobManager before

  /** What is not among these does not come any more, or may not stay. */
  void kept(List<TaskManagerId> taskManagers) {
    kept = Optional.of(taskManagers);
    env.after(adoptionTimeout(), new OwnMessage.KeptDue(taskManagers));
    jobs.tellEach(job -> new JobEvent.Kept(taskManagers));
  }

  /** Where no platform says who was kept, those are who has come by now. */
  void musterDue() {
    kept(roster.all());
  }

  Optional<List<TaskManagerId>> kept() {
    return kept;
  }

  /** Some were kept that had never met the JobManager before, and will not find this one. */
  void keptDue(OwnMessage.KeptDue due) {
    for (TaskManagerId id : due.taskManagers()) {
      if (!roster.isHere(id) && !roster.isGone(id)) {
        sendHome(id, "it did not come to the new JobManager");
      }
    }
  }

  private Clock now() {
    return env.now();
  }
}
