package io.millrace.runtime.taskmanager;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.exchange.ChannelBrokenException;
import io.millrace.runtime.exchange.Exchange;
import io.millrace.runtime.kernel.Actor;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import io.millrace.runtime.protocol.ToJobManager.Phase;
import io.millrace.runtime.protocol.ToTaskManager;
import io.millrace.runtime.protocol.ToTaskManager.Deploy;
import io.millrace.runtime.protocol.ToTaskManager.TaskStart;
import io.millrace.runtime.task.Task;
import io.millrace.runtime.task.TaskCommand;
import io.millrace.runtime.task.TaskEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the tasks that the JobManager deploys here. Obeys, per job, the highest epoch it has seen;
 * says everything it has to say again until that is acknowledged; turns the cuts of its tasks into
 * durable state, and does their commits.
 *
 * <p>When its JobManager has died, its tasks go on and it follows the next one. It ends itself when
 * the JobManager says so or is silent for too long, and when a cancelled task does not end.
 */
public final class TaskManager implements Actor {
  /** Of a task's part of a checkpoint, what does not lie in a file and travels with a heartbeat. */
  private static final long MOST_INLINE_BYTES = 8 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(TaskManager.class);

  /** How long tasks may take to close before this process ends regardless. */
  private static final long FAREWELL_MILLIS = 5_000;

  /**
   * How long a lost connection may be a mere consequence: a task at its other end that failed
   * reports why, and the job should name that.
   */
  private static final Duration CONSEQUENCE = Duration.ofMillis(300);

  private final TaskManagerLocation location;
  private final int slots;

  /** Each slot. */
  private final Optional<SlotResources> madeFor;

  private final TaskHost host;
  private final Exchange exchange;
  private final CheckpointStore store;
  private final UserClasses classes;
  private final Configuration configuration;

  /** Whether no two jobs may have tasks here at a time. */
  private final boolean apart;

  private final Consumer<Message> mailbox;
  private final Optional<String> home;
  private final Consumer<ControlAddress> follow;
  private final Consumer<String> onShutdown;

  private final TreeMap<JobId, LocalJob> jobs = new TreeMap<>();
  private final ReportLedger reports = new ReportLedger();
  private Env env;
  private Workshop workshop;
  private SinkCommits commits;
  private CheckpointsInFlight inFlight;
  private Allegiance allegiance;

  /** Why this process is about to end; {@code null} while it is not. */
  private String ending;

  private long endingSinceMillis;
  private boolean ended;

  /**
   * @param mailbox brings messages to {@link #receive}, callable from any thread
   * @param home directory where JobManagers say that they are there, if it is known beforehand
   * @param follow lets all that is said from now on go to the JobManager at that address
   * @param onShutdown called once, when the process shall end, with the reason
   */
  public TaskManager(
      TaskManagerLocation location,
      int slots,
      TaskHost host,
      Exchange exchange,
      CheckpointStore store,
      UserClasses classes,
      Configuration configuration,
      Consumer<Message> mailbox,
      Optional<String> home,
      Consumer<ControlAddress> follow,
      Consumer<String> onShutdown) {
    this.location = location;
    this.slots = slots;
    this.madeFor = configuration.find(ClusterSettings.SLOT_RESOURCES).map(SlotResources::parse);
    this.host = host;
    this.exchange = exchange;
    this.store = store;
    this.classes = classes;
    this.configuration = configuration;
    this.apart = configuration.get(ClusterSettings.ISOLATION).equals("job");
    this.mailbox = mailbox;
    this.home = home;
    this.follow = follow;
    this.onShutdown = onShutdown;
  }

  @Override
  public void start(Env world) {
    env = world;
    allegiance = new Allegiance(world, store, configuration, home, follow);
    workshop = new Workshop(world, host, exchange, store, classes, configuration, mailbox);
    commits = new SinkCommits(world);
    inFlight = new CheckpointsInFlight(world, store, location.id(), host);
    sayHello();
    env.after(allegiance.untilNextTick(), new Answer.Tick());
  }

  @Override
  public void receive(Address from, Message message) {
    if (ended) {
      return;
    }
    if (message instanceof ToTaskManager command) {
      allegiance.heard();
      obey(command);
    } else if (message instanceof TaskHappened happened) {
      taskSays(happened.attempt(), happened.event());
    } else if (message instanceof Answer answer) {
      take(answer);
    } else if (message instanceof Line.Made) {
      if (ending == null) {
        sayHello();
      }
    } else if (message instanceof Line.Lost) {
      allegiance.lineLost();
    } else {
      Check.that(false, "a message for a TaskManager, found " + message);
    }
    if (ending != null) {
      endIfNothingIsLeft();
    } else if (allegiance.registered() && reports.hasNews()) {
      sendHeartbeat();
    }
  }

  // --- what the JobManager says

  private void obey(ToTaskManager command) {
    if (command instanceof ToTaskManager.Registered by) {
      allegiance.registered(by.attempt(), by.home());
      sayHello();
    } else if (command instanceof ToTaskManager.HeartbeatAnswer answer) {
      reports.acknowledged(answer);
    } else if (command instanceof ToTaskManager.Shutdown shutdown) {
      end("the JobManager said so: " + shutdown.reason());
    } else if (command instanceof Deploy deploy) {
      if (obeys(deploy.spec().job(), deploy.epoch())) {
        deploy(deploy);
      }
    } else if (command instanceof ToTaskManager.CancelTasks cancel) {
      if (obeys(cancel.job(), cancel.epoch())) {
        cancel(cancel);
      }
    } else if (command instanceof ToTaskManager.TriggerCheckpoint trigger) {
      if (obeys(trigger.job(), trigger.epoch())) {
        trigger(trigger);
      }
    } else if (command instanceof ToTaskManager.CheckpointCompleted completed) {
      if (obeys(completed.job(), completed.epoch())) {
        completed(completed);
      }
    } else if (command instanceof ToTaskManager.CheckpointAborted aborted) {
      if (obeys(aborted.job(), aborted.epoch())) {
        aborted(aborted);
      }
    } else if (command instanceof ToTaskManager.GroupReached group) {
      if (obeys(group.attempt().job(), group.epoch())) {
        tell(group.attempt(), new TaskCommand.GroupReached(group.watermark()));
      }
    } else if (command instanceof ToTaskManager.ReleaseJob release) {
      if (obeys(release.job(), release.epoch())) {
        release(release.job());
      }
    } else {
      Check.that(false, "a command that a TaskManager knows, found " + command);
    }
  }

  /** Whether the epoch may command the job here; the highest seen is kept. */
  private boolean obeys(JobId job, Epoch epoch) {
    if (ending != null || !allegiance.admits(epoch)) {
      return false;
    }
    LocalJob local = jobs.computeIfAbsent(job, id -> new LocalJob());
    if (epoch.compareTo(local.epoch) < 0) {
      return false;
    }
    local.obey(epoch);
    return true;
  }

  private void deploy(Deploy deploy) {
    LocalJob job = jobs.get(deploy.spec().job());
    job.released = false;
    job.raiseGeneration(deploy.region(), deploy.generation());
    job.below(deploy.region(), deploy.generation()).forEach(this::cancel);
    if (apart && hasTasksBeside(job)) {
      LOG.info("{} waits until the tasks of another job have ended", deploy.spec().job());
      return; // the JobManager misses them, and says it again
    }
    for (TaskStart start : deploy.tasks()) {
      var id =
          new AttemptId(
              deploy.spec().job(),
              deploy.region(),
              deploy.generation(),
              start.chain(),
              start.subtask());
      Check.that(
          start.slot() >= 0 && start.slot() < slots,
          "a slot from 0 to " + (slots - 1) + ", found " + start.slot());
      if (job.mayStart(id)) {
        job.attempts.put(id, new Attempt(id, deploy.restoredManifest()));
        workshop.prepare(id, deploy, start, inFlight.copies(id.job()));
      }
    }
  }

  /** Slots are free for others once tasks were told to end, which some take their time to. */
  private boolean hasTasksBeside(LocalJob job) {
    return jobs.values().stream().anyMatch(other -> other != job && !other.attempts.isEmpty());
  }

  private void cancel(ToTaskManager.CancelTasks cancel) {
    LocalJob job = jobs.get(cancel.job());
    if (cancel.belowGeneration() == Integer.MAX_VALUE) {
      List.copyOf(job.attempts.values()).forEach(this::cancel);
    } else {
      job.raiseGeneration(cancel.region(), cancel.belowGeneration());
      job.below(cancel.region(), cancel.belowGeneration()).forEach(this::cancel);
    }
  }

  private void cancel(Attempt attempt) {
    if (attempt.disconnected) {
      attempt.failure = null;
      ended(jobs.get(attempt.id.job()), attempt);
    } else if (attempt.phase != Phase.CANCELLING) {
      attempt.phase = Phase.CANCELLING;
      attempt.cancelledAtMillis = nowMillis();
      if (attempt.loaded != null) {
        host.command(attempt.id, new TaskCommand.Cancel());
      }
    }
  }

  private void trigger(ToTaskManager.TriggerCheckpoint trigger) {
    for (Attempt attempt : jobs.get(trigger.job()).of(trigger.region(), trigger.generation())) {
      if (attempt.takesCommands()
          && attempt.loaded.holdsEnumerator()
          && trigger.checkpoint() > attempt.checkpointSeen) {
        attempt.checkpointSeen = trigger.checkpoint();
        attempt.stopped |= trigger.purpose().stops();
        host.command(attempt.id, new TaskCommand.Trigger(trigger.checkpoint(), trigger.purpose()));
      }
    }
  }

  private void completed(ToTaskManager.CheckpointCompleted completed) {
    LocalJob job = jobs.get(completed.job());
    for (Attempt attempt : job.of(completed.region(), completed.generation())) {
      if (attempt.takesCommands()) {
        attempt.checkpointCompleted = Math.max(attempt.checkpointCompleted, completed.checkpoint());
        host.command(
            attempt.id, new TaskCommand.Completed(completed.checkpoint(), completed.last()));
      }
    }
    inFlight.completed(
        new CheckpointOf(
            completed.job(), completed.region(), completed.generation(), completed.checkpoint()));
  }

  private void aborted(ToTaskManager.CheckpointAborted aborted) {
    LocalJob job = jobs.get(aborted.job());
    for (Attempt attempt : job.of(aborted.region(), aborted.generation())) {
      if (attempt.takesCommands()) {
        host.command(attempt.id, new TaskCommand.Aborted(aborted.checkpoint()));
      }
    }
    inFlight.aborted(
        new CheckpointOf(
            aborted.job(), aborted.region(), aborted.generation(), aborted.checkpoint()));
  }

  private void release(JobId id) {
    LocalJob job = jobs.get(id);
    job.released = true;
    List.copyOf(job.attempts.values()).forEach(this::cancel);
    releaseIfEmpty(id, job);
  }

  /** The epoch stays, so that a late Deploy of a lower one is refused. */
  private void releaseIfEmpty(JobId id, LocalJob job) {
    if (job.released && job.attempts.isEmpty()) {
      inFlight.released(id);
      env.offload(
          Lane.LOAD,
          () -> {
            classes.release(id);
            host.releaseFiles(id);
            return new Answer.Released();
          },
          e -> new Answer.Released());
    }
  }

  // --- what tasks say

  private void taskSays(AttemptId id, TaskEvent event) {
    LocalJob job = jobs.get(id.job());
    Attempt attempt = job == null ? null : job.attempts.get(id);
    if (attempt == null) {
      if (event instanceof TaskEvent.Cut late) {
        late.discard();
      }
      return;
    }
    if (event instanceof TaskEvent.Opened) {
      if (attempt.phase == Phase.STARTING) {
        attempt.phase = Phase.RUNNING;
        reports.add(new Report.Running(id));
      }
    } else if (event instanceof TaskEvent.Cut cut) {
      gather(job, attempt, cut);
    } else if (event instanceof TaskEvent.CommitWanted wanted) {
      commits.start(id, wanted.checkpoint(), wanted.work());
    } else if (event instanceof TaskEvent.Committed committed) {
      reports.add(new Report.Committed(id, committed.checkpoint()));
    } else if (event instanceof TaskEvent.Reached reached) {
      env.send(
          Address.JOB_MANAGER,
          new ToJobManager.WatermarkReached(location.id(), id, reached.watermark()));
    } else if (event instanceof TaskEvent.EndOfData) {
      if (attempt.phase != Phase.CANCELLING) {
        attempt.phase = Phase.END_OF_DATA;
      }
      reports.add(new Report.EndOfData(id));
    } else if (event instanceof TaskEvent.Measured measured) {
      MetricsLog.write(id, measured);
    } else if (event instanceof TaskEvent.Ended) {
      ended(job, attempt);
    } else if (event instanceof TaskEvent.Failed failed) {
      failed(job, attempt, failed);
    }
  }

  private void gather(LocalJob job, Attempt attempt, TaskEvent.Cut cut) {
    attempt.checkpointSeen = Math.max(attempt.checkpointSeen, cut.checkpoint());
    if (attempt.phase == Phase.CANCELLING) {
      cut.discard();
      return;
    }
    inFlight.cut(job, attempt, cut);
  }

  private void ended(LocalJob job, Attempt attempt) {
    forget(job, attempt);
    reports.add(
        attempt.failure == null
            ? new Report.Ended(attempt.id)
            : failed(attempt, attempt.failure, attempt.corrupt));
    releaseIfEmpty(attempt.id.job(), job);
  }

  private static Report failed(Attempt attempt, Failure failure, boolean corrupt) {
    return corrupt
        ? new Report.RestoreFailed(attempt.id, attempt.manifest, failure)
        : new Report.Failed(attempt.id, failure);
  }

  private void forget(LocalJob job, Attempt attempt) {
    job.ended(attempt.id);
    inFlight.ended(attempt.id);
  }

  private void failed(LocalJob job, Attempt attempt, TaskEvent.Failed failed) {
    if (attempt.phase == Phase.CANCELLING) {
      // What an interrupted call throws is how it ends, not why.
      LOG.info("{} ended with {}", attempt.id, failed.cause().toString());
      ended(job, attempt);
      return;
    }
    LOG.warn("{} failed at '{}'", attempt.id, failed.operator(), failed.cause());
    attempt.failure = Diagnosis.of(failed.cause(), failed.operator(), attempt.id.subtask());
    attempt.corrupt = CorruptStateException.isBehind(failed.cause());
    if (failed.cause() instanceof ChannelBrokenException) {
      attempt.disconnected = true;
      env.after(CONSEQUENCE, new Answer.StillDisconnected(attempt.id));
    } else {
      ended(job, attempt);
    }
  }

  /** User code may throw errors too; those that are no more than its own fault are answers. */
  static <T> Callable<T> guarded(Callable<T> work) {
    return () -> {
      try {
        return work.call();
      } catch (LinkageError | AssertionError | StackOverflowError e) {
        if (e instanceof Check.BrokenInvariantError) {
          throw e;
        }
        throw new ExecutionException(e);
      }
    };
  }

  // --- what comes back from this TaskManager's own environment

  private void take(Answer answer) {
    if (answer instanceof Answer.Tick) {
      tick();
    } else if (answer instanceof Answer.Prepared prepared) {
      prepared(prepared);
    } else if (answer instanceof Answer.NotPrepared not) {
      attempt(not.attempt()).ifPresent(attempt -> notPrepared(attempt, not));
    } else if (answer instanceof Answer.StateWritten written) {
      if (written.states().keySet().stream().noneMatch(this::isAwaited)) {
        inFlight.writtenForNobody(written);
      } else {
        inFlight.written(written);
        written.states().forEach((id, states) -> acknowledge(id, written.checkpoint(), states));
      }
    } else if (answer instanceof Answer.StateNotWritten not) {
      for (AttemptId id : not.attempts()) {
        if (attempt(id).isPresent()) {
          reports.add(
              new Report.CheckpointDeclined(id, not.checkpoint().checkpoint(), not.reason()));
        }
      }
    } else if (answer instanceof Answer.CommitSucceeded done) {
      tell(done.attempt(), new TaskCommand.CommitDone(done.checkpoint(), done.work()));
    } else if (answer instanceof Answer.CommitFailed failed) {
      attempt(failed.attempt())
          .filter(Attempt::takesCommands)
          .ifPresent(attempt -> commitFailed(attempt, failed));
    } else if (answer instanceof Answer.StillDisconnected still) {
      attempt(still.attempt()).ifPresent(attempt -> ended(jobs.get(attempt.id.job()), attempt));
    } else if (answer instanceof Answer.LookedOut looked) {
      if (allegiance.looked(looked.found())) {
        followed();
      }
    } else if (answer instanceof Answer.LookDue) {
      allegiance.lookDue();
    } else if (answer instanceof Answer.RetryCommit retry) {
      attempt(retry.attempt())
          .filter(Attempt::takesCommands)
          .ifPresent(attempt -> commits.again(retry));
    }
  }

  private void tell(AttemptId id, TaskCommand command) {
    attempt(id)
        .filter(Attempt::takesCommands)
        .ifPresent(attempt -> host.command(attempt.id, command));
  }

  private Optional<Attempt> attempt(AttemptId id) {
    LocalJob job = jobs.get(id.job());
    return job == null ? Optional.empty() : Optional.ofNullable(job.attempts.get(id));
  }

  private void prepared(Answer.Prepared prepared) {
    AttemptId id = prepared.attempt();
    Preparation loaded = prepared.preparation();
    Attempt attempt = attempt(id).orElse(null);
    if (attempt == null) {
      loaded.discard();
      inFlight.delete(prepared.inherited().made().values());
      return;
    }
    inFlight.inherited(loaded.restoredFrom(id), prepared.inherited().made());
    LocalJob job = jobs.get(id.job());
    if (attempt.phase == Phase.CANCELLING) {
      loaded.discard();
      ended(job, attempt);
      return;
    }
    Task task;
    try {
      task = workshop.assemble(id, loaded);
    } catch (RuntimeException e) {
      loaded.discard();
      attempt.failure = Diagnosis.of(e, "", -1);
      ended(job, attempt);
      return;
    }
    attempt.loaded = loaded;
    inFlight.restored(id, loaded.sharedState(store.directoryOf(id.job())));
    host.start(id, task, loaded.start().slot(), loaded.chain().blocking());
  }

  private void notPrepared(Attempt attempt, Answer.NotPrepared not) {
    LocalJob job = jobs.get(attempt.id.job());
    if (attempt.phase == Phase.CANCELLING) {
      ended(job, attempt);
      return;
    }
    LOG.warn("{} could not be loaded: {}", attempt.id, not.failure().message());
    forget(job, attempt);
    reports.add(failed(attempt, not.failure(), not.corrupt()));
    releaseIfEmpty(attempt.id.job(), job);
  }

  /** Whoever cancels an attempt has given up its checkpoints before. */
  private boolean isAwaited(AttemptId id) {
    return attempt(id).filter(attempt -> attempt.phase != Phase.CANCELLING).isPresent();
  }

  private void acknowledge(AttemptId id, CheckpointOf checkpoint, List<SubtaskState> states) {
    if (attempt(id).isEmpty()) {
      return;
    }
    var acked = new Report.CheckpointAcked(id, checkpoint.checkpoint(), states);
    long bytes = ReportLedger.bytesOf(acked);
    reports.add(
        bytes <= MOST_INLINE_BYTES
            ? acked
            : new Report.CheckpointDeclined(
                id,
                checkpoint.checkpoint(),
                "its accumulators and what its sink has to commit take "
                    + bytes
                    + " bytes, of which a checkpoint holds at most "
                    + MOST_INLINE_BYTES
                    + " for a task; collect less in accumulators"));
  }

  private void commitFailed(Attempt attempt, Answer.CommitFailed failed) {
    Optional<Failure> unhealable = commits.failed(failed, sinkOf(attempt));
    if (unhealable.isPresent()) {
      attempt.failure = unhealable.get();
      cancel(attempt);
    }
  }

  /** Of the operators of a chain only the last one commits. */
  private static String sinkOf(Attempt attempt) {
    var parts = attempt.loaded.parts();
    return parts.get(parts.size() - 1).vertex().name();
  }

  private void tick() {
    env.after(allegiance.untilNextTick(), new Answer.Tick());
    allegiance.tick().ifPresent(this::end);
    String stuck = stuckTask();
    if (stuck != null) {
      leave(stuck);
    } else if (ending == null) {
      sayHello();
    }
  }

  /** What the JobManager before may still say is refused from now on. */
  private void followed() {
    LOG.info("{} follows another JobManager", location.id());
    reports.heardByNobody();
    sayHello();
  }

  private String stuckTask() {
    long limit = configuration.get(ClusterSettings.CANCELLATION_TIMEOUT).toMillis();
    for (LocalJob job : jobs.values()) {
      for (Attempt attempt : job.attempts.values()) {
        if (attempt.phase == Phase.CANCELLING && nowMillis() - attempt.cancelledAtMillis > limit) {
          return attempt.id + " has not ended " + limit + " ms after it was told to";
        }
      }
    }
    return null;
  }

  private void sayHello() {
    if (allegiance.registered()) {
      sendHeartbeat();
    } else {
      env.send(
          Address.JOB_MANAGER,
          new ToJobManager.Register(location, slots, madeFor, allegiance.inherited()));
    }
  }

  private void sendHeartbeat() {
    var attempts = new ArrayList<AttemptStatus>();
    var idle = new ArrayList<JobId>();
    jobs.forEach(
        (id, job) -> {
          job.attempts.values().forEach(attempt -> attempts.add(attempt.status(job.epoch)));
          if (job.attempts.isEmpty() && !job.released) {
            idle.add(id);
          }
        });
    env.send(Address.JOB_MANAGER, reports.heartbeat(location.id(), attempts, idle));
  }

  // --- the end

  private void end(String reason) {
    if (ending == null) {
      LOG.info("{} ends: {}", location.id(), reason);
      ending = reason;
      endingSinceMillis = nowMillis();
      for (LocalJob job : jobs.values()) {
        List.copyOf(job.attempts.values()).forEach(this::cancel);
      }
    }
  }

  private void endIfNothingIsLeft() {
    boolean nothingLeft = jobs.values().stream().allMatch(job -> job.attempts.isEmpty());
    if (nothingLeft || nowMillis() - endingSinceMillis > FAREWELL_MILLIS) {
      leave(ending);
    }
  }

  private void leave(String reason) {
    if (!ended) {
      ended = true;
      onShutdown.accept(reason);
    }
  }

  private long nowMillis() {
    return env.now().monotonicMillis();
  }

  /** Attempts that live here, for gauges and tests. */
  Map<AttemptId, Phase> attempts() {
    var phases = new TreeMap<AttemptId, Phase>();
    for (LocalJob job : jobs.values()) {
      job.attempts.forEach((id, attempt) -> phases.put(id, attempt.phase));
    }
    return phases;
  }
}
