package io.millrace.runtime.jobmanager;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.Setting;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Settlement;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.kernel.Actor;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.plan.InvalidPlanException;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToTaskManager;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The head of a cluster: knows the TaskManagers, gives out their slots, answers clients, and does
 * what its {@link JobMaster}s decide.
 */
public final class JobManager implements Actor {
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);
  private static final Duration TOLD = Duration.ofMillis(200);

  /** How long a TaskManager whose connection broke may take to connect again. */
  private static final Duration RECONNECT = Duration.ofMillis(500);

  /** How often in a row containers end before they have registered until their job is given up. */
  private static final int STILLBORN = 5;

  /** What ends within that time of another has the same cause: a machine that dies takes many. */
  private static final Duration STILLBORN_APART = Duration.ofSeconds(1);

  private final Setup setup;
  private final ResourceManager resourceManager;
  private final CheckpointStore store;
  private final UserClasses userClasses;
  private final Configuration configuration;

  private final LinkedHashMap<JobId, JobMaster> jobs = new LinkedHashMap<>();
  private final LinkedHashMap<JobId, Integer> waiting = new LinkedHashMap<>();
  private final TreeMap<JobId, Integer> needed = new TreeMap<>();
  private final SlotLedger slots = new SlotLedger();
  private final Roster roster = new Roster();
  private Env env;
  private Errands errands;

  /** The job whose event is being handled; {@code null} outside of all jobs. */
  private JobId handled;

  private boolean over;
  private boolean finishing;
  private int stillborn;
  private long stillbornMillis;
  private long clientSeenMillis = Long.MIN_VALUE;
  private long confirmedMillis;
  private long tickedMillis;
  private boolean platformWitness;

  /** What the platform has kept for this JobManager, once it has said so. */
  private Optional<List<TaskManagerId>> kept = Optional.empty();

  /** What ends the cluster. */
  public enum Lifetime {
    /** Its first job's end. */
    PER_JOB,
    /** Whoever holds it. */
    SESSION
  }

  /**
   * What a JobManager is told at its start.
   *
   * @param cluster its id, for people and claims
   * @param attempt of this process, higher than that of any JobManager of this cluster before
   * @param control where it can be reached, made known to whoever may read the job's directory;
   *     empty if nobody beyond this process has to
   * @param configuration defaults for jobs, and the cluster's own settings
   */
  public record Setup(
      String cluster,
      int attempt,
      Optional<Control> control,
      Configuration configuration,
      Lifetime lifetime,
      Lease lease) {}

  /** A control port. */
  public record Control(String host, int port) {}

  public JobManager(
      Setup setup,
      ResourceManager resourceManager,
      CheckpointStore store,
      UserClasses userClasses) {
    this.setup = setup;
    this.configuration = setup.configuration();
    this.resourceManager = resourceManager;
    this.store = store;
    this.userClasses = userClasses;
  }

  @Override
  public void start(Env env) {
    this.env = env;
    this.errands = new Errands(env, store);
    this.confirmedMillis = env.now().monotonicMillis();
    this.tickedMillis = confirmedMillis;
    env.after(configuration.get(ClusterSettings.HEARTBEAT_INTERVAL), new OwnMessage.Tick());
  }

  @Override
  public void receive(Address from, Message message) {
    if (over) {
      return; // fenced or finished: no effect any more
    }
    if (message instanceof ToJobManager fromTaskManager) {
      onTaskManager(fromTaskManager);
    } else if (message instanceof ClientRequest request) {
      onClient(from, request);
    } else if (message instanceof ResourceManager.Event event) {
      onResources(event);
    } else if (message instanceof Connection connection) {
      onConnection(connection);
    } else if (message instanceof OwnMessage own) {
      onOwn(own);
    } else {
      Check.that(false, "a message for a JobManager, found " + message);
    }
  }

  @Override
  public List<Runnable> lastWords(Throwable broken) {
    var words = new ArrayList<Runnable>();
    if (over || broken instanceof OutOfMemoryError) {
      return words; // how much memory there is says nothing of a job
    }
    var cause =
        new Failure(
            Failure.Kind.ENGINE, false, "", -1, broken.getClass().getName(), "" + broken, "");
    for (var entry : jobs.entrySet()) {
      if (handled == null || handled.equals(entry.getKey())) {
        entry
            .getValue()
            .lastWords(cause, now())
            .ifPresent(fact -> words.add(() -> write(entry.getKey(), fact)));
      }
    }
    return words;
  }

  private void write(JobId job, WriteFact fact) {
    Procedure.run(fact, store.names(store.directoryOf(job)));
  }

  // ---- TaskManagers

  private void onTaskManager(ToJobManager message) {
    TaskManagerId id = message.taskManager();
    if (roster.isGone(id)) {
      env.send(id.address(), new ToTaskManager.Shutdown("it was given up before"));
    } else if (message instanceof ToJobManager.Register register) {
      register(register);
    } else if (message instanceof ToJobManager.Heartbeat heartbeat) {
      if (roster.isHere(id)) {
        heartbeat(heartbeat);
      } else {
        env.send(id.address(), new ToTaskManager.Shutdown("this JobManager does not know it"));
      }
    } else if (message instanceof ToJobManager.WatermarkReached reached) {
      tell(reached.attempt().job(), new JobEvent.WatermarkReached(reached));
    } else {
      Check.that(false, "a known message of a TaskManager, found " + message);
    }
  }

  private void register(ToJobManager.Register register) {
    TaskManagerId id = register.taskManager();
    if (register.inherited() && kept.isEmpty()) {
      return; // it asks again, and whether it may stay is the platform's word
    } else if (register.inherited() && !kept.get().contains(id)) {
      env.send(id.address(), new ToTaskManager.Shutdown("the platform has not kept it"));
      return;
    }
    stillborn = 0;
    if (roster.register(id, now().monotonicMillis())) {
      slots.add(register.location(), register.slots());
    }
    env.send(id.address(), new ToTaskManager.Registered(id, setup.attempt()));
    grantSlots();
  }

  private void heartbeat(ToJobManager.Heartbeat heartbeat) {
    TaskManagerId id = heartbeat.taskManager();
    for (Report report : roster.heard(heartbeat, now().monotonicMillis())) {
      tell(report.attempt().job(), new JobEvent.Reported(report));
    }
    if (over || !roster.isHere(id)) {
      return;
    }
    env.send(
        id.address(), new ToTaskManager.HeartbeatAnswer(roster.reportsSeen(id), roster.digest(id)));
    roster.attempts(id).ifPresent(attempts -> attemptsSeen(id, attempts));
  }

  private void attemptsSeen(TaskManagerId id, List<ToJobManager.AttemptStatus> attempts) {
    for (JobId job : List.copyOf(jobs.keySet())) {
      var ofJob = attempts.stream().filter(s -> s.attempt().job().equals(job)).toList();
      tell(job, new JobEvent.AttemptsSeen(id, ofJob));
    }
  }

  private void onConnection(Connection connection) {
    if (connection instanceof Connection.Opened opened) {
      roster.connected(opened.taskManager());
      slots.resume(opened.taskManager());
      grantSlots();
    } else if (connection instanceof Connection.Lost lost) {
      TaskManagerId id = lost.taskManager();
      if (roster.isHere(id)) {
        slots.suspend(id); // where one process died, the next deployment must not meet another
        waitForReconnect(id, roster.disconnected(id));
      }
    } else {
      Check.that(false, "known news of a connection, found " + connection);
    }
  }

  private void waitForReconnect(TaskManagerId id, long loss) {
    env.after(RECONNECT, new OwnMessage.ReconnectDue(id, loss, env.now().monotonicMillis()));
  }

  /** A process that dies closes its connections; one that lives comes back at once. */
  private void reconnectDue(OwnMessage.ReconnectDue due) {
    TaskManagerId id = due.taskManager();
    if (!roster.lacks(id, due.loss())) {
      return;
    }
    if (now().monotonicMillis() - due.sinceMillis() > 2 * RECONNECT.toMillis()) {
      waitForReconnect(id, due.loss()); // slept itself: that it is back may be still to be read
      return;
    }
    resourceManager.replace(id);
    giveUp(
        id, "its connection broke and it did not come back within " + RECONNECT.toMillis() + " ms");
  }

  private void giveUp(TaskManagerId id, String explanation) {
    env.send(id.address(), new ToTaskManager.Shutdown(explanation));
    lose(id, explanation);
  }

  private void lose(TaskManagerId id, String explanation) {
    roster.remove(id);
    slots.remove(id);
    for (JobId job : List.copyOf(jobs.keySet())) {
      tell(job, new JobEvent.TaskManagerLost(id, explanation));
    }
    want();
  }

  private void onResources(ResourceManager.Event event) {
    if (event instanceof ResourceManager.TaskManagerEnded ended) {
      taskManagerEnded(ended);
    } else if (event instanceof ResourceManager.Unfulfillable unfulfillable) {
      for (JobId job : List.copyOf(waiting.keySet())) {
        tell(job, new JobEvent.SlotsImpossible(unfulfillable.reason(), false));
      }
    } else if (event instanceof ResourceManager.Kept all) {
      kept = Optional.of(all.taskManagers());
      env.after(
          configuration.get(ClusterSettings.ADOPTION_TIMEOUT),
          new OwnMessage.KeptDue(all.taskManagers()));
      for (JobId job : List.copyOf(jobs.keySet())) {
        tell(job, new JobEvent.Kept(all.taskManagers()));
      }
    } else if (event instanceof ResourceManager.Witness witness) {
      platformWitness = true;
      if (witness.confirmed()) {
        confirmedMillis = now().monotonicMillis();
      } else {
        fenced(witness.detail());
      }
    } else {
      Check.that(false, "a known event of the ResourceManager, found " + event);
    }
  }

  /** Some were kept that had never met the JobManager before, and will not find this one. */
  private void keptDue(List<TaskManagerId> taskManagers) {
    for (TaskManagerId id : taskManagers) {
      if (!roster.isHere(id) && !roster.isGone(id)) {
        resourceManager.release(id);
        giveUp(id, "it did not come to the new JobManager");
      }
    }
  }

  private void taskManagerEnded(ResourceManager.TaskManagerEnded ended) {
    if (!roster.isHere(ended.taskManager()) && !roster.isGone(ended.taskManager())) {
      long now = now().monotonicMillis();
      stillborn += stillborn == 0 || now - stillbornMillis >= STILLBORN_APART.toMillis() ? 1 : 0;
      stillbornMillis = now;
      if (stillborn >= STILLBORN) {
        String reason =
            "TaskManagers ended before they registered, "
                + stillborn
                + " times in a row, the last one: "
                + ended.explanation();
        for (JobId job : List.copyOf(waiting.keySet())) {
          tell(job, new JobEvent.SlotsImpossible(reason, true));
        }
      }
    }
    lose(ended.taskManager(), ended.explanation());
  }

  private void tick() {
    env.after(configuration.get(ClusterSettings.HEARTBEAT_INTERVAL), new OwnMessage.Tick());
    Duration timeout = configuration.get(ClusterSettings.HEARTBEAT_TIMEOUT);
    long now = now().monotonicMillis();
    // Who slept itself cannot tell who was silent: what they said waits behind this tick.
    boolean slept = now - tickedMillis > timeout.toMillis() / 2;
    tickedMillis = now;
    for (TaskManagerId id :
        slept ? List.<TaskManagerId>of() : roster.silentFor(timeout.toMillis(), now)) {
      resourceManager.release(id);
      giveUp(id, "it was silent for more than " + timeout.toMillis() + " ms");
    }
    long unconfirmed = now - confirmedMillis;
    if (platformWitness && !slept && unconfirmed > setup.lease().silence().toMillis()) {
      fenced("neither the platform nor the claims folder has answered for " + unconfirmed + " ms");
    }
  }

  // ---- slots

  /** First come, first served: a job that needs many is not overtaken for ever. */
  private void grantSlots() {
    while (!waiting.isEmpty()) {
      var first = waiting.entrySet().iterator().next();
      var granted = slots.take(first.getKey(), first.getValue());
      if (granted.isEmpty()) {
        return;
      }
      waiting.remove(first.getKey());
      tell(first.getKey(), new JobEvent.SlotsGranted(granted.get()));
    }
  }

  private void want() {
    if (over || finishing) {
      return;
    }
    int total = needed.values().stream().mapToInt(Integer::intValue).sum();
    int each = configuration.get(ClusterSettings.SLOTS);
    resourceManager.want((total + each - 1) / each);
  }

  // ---- clients

  private void onClient(Address client, ClientRequest request) {
    if (request instanceof ClientRequest.Submit submit) {
      env.send(client, submit(submit.number(), submit.spec()));
    } else if (request instanceof ClientRequest.ListJobs list) {
      env.send(
          client,
          new ClientAnswer.Jobs(
              list.number(), jobs.values().stream().map(JobMaster::summary).toList()));
    } else if (request instanceof ClientRequest.GetJob get) {
      clientSeenMillis = now().monotonicMillis();
      env.send(client, details(get));
    } else if (request instanceof ClientRequest.GetAccumulators get) {
      JobMaster master = jobs.get(get.job());
      env.send(
          client,
          master == null
              ? unknown(get.number(), get.job())
              : new ClientAnswer.AccumulatorsSoFar(get.number(), master.accumulators()));
    } else if (request instanceof ClientRequest.Cancel cancel) {
      if (jobs.containsKey(cancel.job())) {
        tell(cancel.job(), new JobEvent.CancelAsked(client, cancel.number()));
      } else {
        env.send(client, unknown(cancel.number(), cancel.job()));
      }
    } else if (request instanceof ClientRequest.Savepoint savepoint) {
      savepoint(client, savepoint);
    } else {
      Check.that(false, "a known request, found " + request);
    }
  }

  private void savepoint(Address client, ClientRequest.Savepoint request) {
    clientSeenMillis = now().monotonicMillis();
    JobMaster master = jobs.get(request.job());
    if (master == null) {
      env.send(client, unknown(request.number(), request.job()));
      return;
    }
    try {
      String directory = master.savepointDirectory(store, request);
      tell(
          request.job(),
          new JobEvent.SavepointAsked(
              client, request.number(), request.id(), directory, request.then()));
    } catch (IOException e) {
      env.send(client, new ClientAnswer.Refused(request.number(), e.getMessage()));
    }
  }

  private ClientAnswer submit(long number, JobSpec spec) {
    if (jobs.containsKey(spec.job())) {
      return new ClientAnswer.Accepted(number);
    }
    if (setup.lifetime() == Lifetime.PER_JOB && !jobs.isEmpty()) {
      return new ClientAnswer.Refused(
          number, "this cluster runs job " + jobs.keySet().iterator().next() + " and ends with it");
    }
    JobPlan plan;
    try {
      plan = JobPlan.of(spec.graph(), configuration);
    } catch (InvalidPlanException | Setting.InvalidSettingException e) {
      if (setup.lifetime() == Lifetime.PER_JOB) {
        finish(JobStatus.FAILED, e.getMessage());
      }
      return new ClientAnswer.Refused(number, e.getMessage());
    }
    jobs.put(
        spec.job(), new JobMaster(spec, plan, store.directoryOf(spec.job()), setup, env.random()));
    // Asked for at once: containers take longer to come than a claim.
    needed.put(spec.job(), plan.slotsNeeded());
    want();
    tell(spec.job(), new JobEvent.Start());
    kept.ifPresent(all -> tell(spec.job(), new JobEvent.Kept(all)));
    return new ClientAnswer.Accepted(number);
  }

  private ClientAnswer details(ClientRequest.GetJob get) {
    if (get.job().isEmpty() && jobs.size() != 1) {
      return new ClientAnswer.Refused(
          get.number(), "the cluster has " + jobs.size() + " jobs; say which");
    }
    JobId job = get.job().orElseGet(() -> jobs.keySet().iterator().next());
    JobMaster master = jobs.get(job);
    if (master == null) {
      return unknown(get.number(), job);
    }
    if (finishing && master.summary().status().terminal()) {
      env.after(TOLD, new OwnMessage.FinishDue());
    }
    return master.details(get.number(), get.sinceChange());
  }

  private static ClientAnswer unknown(long number, JobId job) {
    return new ClientAnswer.Refused(number, "there is no job " + job);
  }

  // ---- jobs

  private void onOwn(OwnMessage message) {
    if (message instanceof OwnMessage.Tick) {
      tick();
    } else if (message instanceof OwnMessage.ForJob forJob) {
      tell(forJob.job(), forJob.event());
    } else if (message instanceof OwnMessage.OpDone done) {
      errands.on(done).ifPresent(ended -> tell(ended.job(), ended.event()));
    } else if (message instanceof OwnMessage.OpDue due) {
      errands.on(due);
    } else if (message instanceof OwnMessage.ReconnectDue due) {
      reconnectDue(due);
    } else if (message instanceof OwnMessage.KeptDue due) {
      keptDue(due.taskManagers());
    } else if (message instanceof OwnMessage.ShowDue) {
      roster.all().forEach(id -> roster.attempts(id).ifPresent(all -> attemptsSeen(id, all)));
    } else if (message instanceof OwnMessage.FinishDue) {
      JobMaster only = jobs.values().iterator().next();
      var details = only.details(0, 0);
      finish(
          details.summary().status(),
          details.failure().map(Failure::headline).or(only::lastWord).orElse(""));
    } else {
      Check.that(false, "a known message to itself, found " + message);
    }
  }

  private void tell(JobId job, JobEvent event) {
    JobMaster master = jobs.get(job);
    if (master == null || over) {
      return;
    }
    if (event instanceof JobEvent.WatchEnded ended
        && ended.step() instanceof io.millrace.runtime.checkpoint.Step.Done<?>) {
      confirmedMillis = now().monotonicMillis();
    }
    JobId before = handled;
    handled = job;
    for (Effect effect : new ArrayList<>(master.on(event, now()))) {
      if (!over) {
        apply(job, master, effect);
      }
    }
    handled = before; // and not if it breaks
    if (!over) {
      grantSlots();
    }
  }

  private void apply(JobId job, JobMaster master, Effect effect) {
    if (effect instanceof Effect.Send send) {
      env.send(send.to().address(), send.message());
    } else if (effect instanceof Effect.Answer answer) {
      env.send(answer.client(), answer.answer());
    } else if (effect instanceof Effect.After after) {
      env.after(after.delay(), new OwnMessage.ForJob(job, after.event()));
    } else if (effect instanceof Effect.Perform<?> perform) {
      errands.start(job, perform);
    } else if (effect instanceof Effect.AcquireSinks acquire) {
      JobSpec spec = master.spec();
      env.offload(
          Lane.SINK,
          () -> {
            Settlement settlement = settlement(spec, acquire.lineage());
            settlement.acquire();
            if (acquire.takeBack().isPresent()) {
              Effect.TakeBack what = acquire.takeBack().get();
              settlement.rollback(what.to(), what.upTo());
            }
            return new OwnMessage.ForJob(job, new JobEvent.SinksAcquired(Optional.empty()));
          },
          e ->
              new OwnMessage.ForJob(
                  job, new JobEvent.SinksAcquired(Optional.of(SinkFailure.of(e)))));
    } else if (effect instanceof Effect.Settle settle) {
      JobSpec spec = master.spec();
      env.offload(
          Lane.SINK,
          () -> {
            Settlement settlement = settlement(spec, settle.lineage());
            if (settle.newest().isPresent()) {
              settlement.commit(settle.newest().get());
            }
            if (settle.deletePending()) {
              settlement.settle(settle.finished());
            }
            return new OwnMessage.ForJob(job, new JobEvent.Settled(Optional.empty()));
          },
          e -> new OwnMessage.ForJob(job, new JobEvent.Settled(Optional.of(SinkFailure.of(e)))));
    } else if (effect instanceof Effect.TakeSlots take) {
      waiting.put(job, take.count()); // granted below, once all effects are applied
    } else if (effect instanceof Effect.HoldSlots hold) {
      slots.hold(job, hold.slots());
    } else if (effect instanceof Effect.ShowAttempts) {
      env.after(Duration.ZERO, new OwnMessage.ShowDue());
    } else if (effect instanceof Effect.ReleaseSlots) {
      waiting.remove(job);
      slots.release(job);
    } else if (effect instanceof Effect.Fenced fenced) {
      fenced(fenced.reason());
    } else if (effect instanceof Effect.JobEnded) {
      jobEnded(job);
    } else {
      Check.that(false, "a known effect, found " + effect);
    }
  }

  private Settlement settlement(JobSpec spec, String lineage) throws IOException {
    return new Settlement(
        spec.job(), spec.graph(), lineage, userClasses.open(spec.job(), spec.jars()));
  }

  private void jobEnded(JobId job) {
    needed.remove(job);
    userClasses.release(job);
    if (setup.lifetime() == Lifetime.SESSION) {
      want();
      return;
    }
    finishing = true;
    long silence = now().monotonicMillis() - clientSeenMillis;
    boolean watched = clientSeenMillis != Long.MIN_VALUE && silence < 2 * LAST_WORDS.toMillis();
    env.after(watched ? LAST_WORDS : Duration.ZERO, new OwnMessage.FinishDue());
  }

  private void finish(JobStatus status, String diagnostics) {
    over = true;
    resourceManager.finish(status, diagnostics);
  }

  private void fenced(String reason) {
    over = true;
    resourceManager.fenced(reason);
  }

  private Clock now() {
    return env.now();
  }
}
