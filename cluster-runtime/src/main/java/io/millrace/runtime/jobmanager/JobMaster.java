package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Claim;
import io.millrace.runtime.checkpoint.ClaimedJob;
import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.checkpoint.DiscardAll;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.FindHigherClaim;
import io.millrace.runtime.checkpoint.Intent;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.checkpoint.Written;
import io.millrace.runtime.jobmanager.JobState.Ending;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.plan.CannotRestoreException;
import io.millrace.runtime.plan.ExecutionGraph;
import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.plan.RestoredStates;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToTaskManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * One job's life, from its claim to its result. Takes events, changes its state, says what is to be
 * done; nothing happens in here.
 */
final class JobMaster {
  private static final int ONLY_REGION = 0;
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(120);
  private static final Duration WATCH_INTERVAL = Duration.ofSeconds(30);
  private static final Duration STORE_PAUSE = Duration.ofSeconds(1);
  private static final int SETTLE_TRIES = 10;
  private static final int FINAL_CHECKPOINT_TRIES = 10;

  private final JobPlan plan;
  private final String directory;
  private final int attempt;
  private final String owner;
  private final RestartPolicy policy;
  private final CheckpointTracker tracker;
  private final RetainedCheckpoints retained = new RetainedCheckpoints();
  private final JobHistory history;
  private final TreeSet<TaskManagerId> visited = new TreeSet<>();
  private final List<JobEvent.CancelAsked> unanswered = new ArrayList<>();

  /** With the lineage that it really has: a job that continues another has the other's. */
  private JobSpec spec;

  private JobState state = new JobState.Created();

  /** The epoch that is held; while another is being claimed, still the one before. */
  private Epoch epoch = Epoch.NONE;

  private Epoch wanted = Epoch.NONE;
  private int generation;
  private long unique;
  private long serial;
  private boolean ran;
  private boolean sinksAcquired;
  private long completedHere;
  private List<Effect> effects = new ArrayList<>();

  /**
   * @param attempt of the JobManager's process
   * @param owner unique for this process
   */
  JobMaster(
      JobSpec spec,
      JobPlan plan,
      String directory,
      int attempt,
      String owner,
      RandomGenerator random) {
    this.spec = spec;
    this.plan = plan;
    this.directory = directory;
    this.attempt = attempt;
    this.owner = owner;
    this.policy = new RestartPolicy(plan.settings(), 0, random);
    this.tracker = new CheckpointTracker(plan.settings());
    this.history = new JobHistory(spec);
  }

  JobState state() {
    return state;
  }

  JobSpec spec() {
    return spec;
  }

  JobPlan plan() {
    return plan;
  }

  ClientAnswer.JobSummary summary() {
    return history.summary();
  }

  ClientAnswer.JobDetails details(long number, int sinceChange) {
    Optional<Failure> failure =
        state instanceof JobState.Ended ended ? ended.result().failure() : Optional.empty();
    return new ClientAnswer.JobDetails(
        number,
        history.summary(),
        history.since(sinceChange),
        history.count(),
        policy.restarts(),
        retained.newestPath(directory),
        failure);
  }

  /** Takes an event that happened now. */
  List<Effect> on(JobEvent event, Clock now) {
    effects = new ArrayList<>();
    if (event instanceof JobEvent.Start) {
      effects.add(new Effect.After(WATCH_INTERVAL, new JobEvent.WatchDue()));
      claim(now);
    } else if (event instanceof JobEvent.CancelAsked asked) {
      cancelAsked(asked, now);
    } else if (event instanceof JobEvent.ClaimEnded ended) {
      claimEnded(ended, now);
    } else if (event instanceof JobEvent.CheckpointsFound found) {
      checkpointsFound(found, now);
    } else if (event instanceof JobEvent.SinksAcquired acquired) {
      sinksAcquired(acquired, now);
    } else if (event instanceof JobEvent.SlotsGranted granted) {
      slotsGranted(granted.slots(), now);
    } else if (event instanceof JobEvent.SlotsImpossible impossible) {
      slotsImpossible(impossible, now);
    } else if (event instanceof JobEvent.DeploymentWritten written) {
      deploymentWritten(written, now);
    } else if (event instanceof JobEvent.Reported reported) {
      reported(reported.report(), now);
    } else if (event instanceof JobEvent.AttemptsSeen seen) {
      attemptsSeen(seen, now);
    } else if (event instanceof JobEvent.TaskManagerLost lost) {
      taskManagerLost(lost, now);
    } else if (event instanceof JobEvent.CheckpointDue due) {
      checkpointDue(due.serial(), now);
    } else if (event instanceof JobEvent.CheckpointOverdue overdue) {
      checkpointRefused(overdue.checkpoint(), "took too long", now);
    } else if (event instanceof JobEvent.ManifestWritten written) {
      manifestWritten(written, now);
    } else if (event instanceof JobEvent.Dropped dropped) {
      if (isDone(dropped.step(), false) && dropped.epoch().equals(wanted)) {
        fenced("epoch " + epoch + " is sealed");
      }
    } else if (event instanceof JobEvent.CleanedUp) {
      Check.that(epoch.compareTo(Epoch.NONE) > 0, "a claim before any clean-up");
    } else if (event instanceof JobEvent.RestartDue due) {
      if (state instanceof JobState.Restarting && due.serial() == serial) {
        claim(now);
      }
    } else if (event instanceof JobEvent.IntentWritten written) {
      intentWritten(written, now);
    } else if (event instanceof JobEvent.StopOverdue overdue) {
      stopOverdue(overdue.serial(), now);
    } else if (event instanceof JobEvent.Settled settled) {
      settled(settled.failure(), now);
    } else if (event instanceof JobEvent.ResultWritten written) {
      resultWritten(written, now);
    } else if (event instanceof JobEvent.Discarded) {
      if (state instanceof JobState.Discarding discarding) {
        end(discarding.result(), now);
      }
    } else if (event instanceof JobEvent.RetryDue due) {
      retry(due.serial());
    } else if (event instanceof JobEvent.WatchDue) {
      watch();
    } else if (event instanceof JobEvent.WatchEnded ended) {
      watchEnded(ended);
    } else {
      Check.that(false, "a known event, found " + event);
    }
    return effects;
  }

  // ---- start: claim, origin, sinks, slots, record, deploy

  private void claim(Clock now) {
    wanted = new Epoch(attempt, wanted.counter() + 1);
    Epoch claimed = wanted;
    enter(new JobState.Claiming(startStatus(JobStatus.INITIALIZING)), now);
    perform(
        new Claim(claimed, owner + "-" + claimed.counter(), now.wallMillis()),
        step -> new JobEvent.ClaimEnded(claimed, step));
  }

  private void claimEnded(JobEvent.ClaimEnded event, Clock now) {
    if (!(state instanceof JobState.Claiming) || !event.epoch().equals(wanted)) {
      return;
    }
    if (event.step() instanceof Step.Done<Claim.Result> done) {
      if (done.result() instanceof Claim.Superseded superseded) {
        fenced("the job is claimed by " + superseded.by());
      } else if (done.result() instanceof Claim.Claimed claimed) {
        epoch = event.epoch();
        takeOver(claimed.job(), now);
      }
    } else if (event.step() instanceof Step.Failed<Claim.Result> failed) {
      failedWithoutEpoch("cannot claim " + directory + ": " + failed.reason(), now);
    }
  }

  private void takeOver(ClaimedJob claimed, Clock now) {
    retained.replace(claimed);
    tracker.reset();
    tracker.raise(claimed.highestCheckpoint());
    claimed
        .deployment()
        .ifPresent(
            record -> {
              generation = Math.max(generation, record.generation());
              policy.inherit(record.restarts());
              inherit(record.lineage());
            });
    if (claimed.result().isPresent()) {
      concluded(claimed.result().get(), now);
    } else if (claimed.intent().isPresent()) {
      Intent intent = claimed.intent().get();
      answerCancels();
      settle(new Ending(intent.outcome(), intent.failure()), now);
    } else if (claimed.newest().map(newest -> newest.manifest().last()).orElse(false)) {
      inherit(claimed.newest().get().manifest().lineage());
      settle(new Ending(JobStatus.FINISHED, Optional.empty()), now);
    } else if (!unanswered.isEmpty()) {
      decide(new Intent(JobStatus.CANCELED, Optional.empty(), now.wallMillis()), now);
    } else {
      Recovery.Choice choice = retained.choose(plan, directory);
      if (choice instanceof Recovery.FromNothing && spec.restoreFrom().isPresent()) {
        findOrigin(claimed, now);
      } else {
        startFrom(choice, now);
      }
    }
  }

  private void findOrigin(ClaimedJob claimed, Clock now) {
    FindCheckpoint.Place place = placeToRestore();
    Epoch asked = epoch;
    enter(new JobState.FindingOrigin(claimed), now);
    perform(
        place.directory(),
        new FindCheckpoint(place.checkpoint()),
        step -> new JobEvent.CheckpointsFound(asked, step));
  }

  private FindCheckpoint.Place placeToRestore() {
    return FindCheckpoint.Place.of(spec.restoreFrom().orElseThrow().path());
  }

  private void checkpointsFound(JobEvent.CheckpointsFound event, Clock now) {
    if (!(state instanceof JobState.FindingOrigin) || !event.epoch().equals(epoch)) {
      return;
    }
    if (event.step() instanceof Step.Failed<FindCheckpoint.Found> failed) {
      failed(Failure.of(Failure.Kind.EXTERNAL, failed.reason()), now);
      return;
    }
    FindCheckpoint.Found found = ((Step.Done<FindCheckpoint.Found>) event.step()).result();
    Recovery.Choice choice =
        Recovery.choose(
            plan,
            placeToRestore().directory(),
            found.intact(),
            found.damaged(),
            retained.refusedInherited(),
            true);
    if (choice instanceof Recovery.FromNothing) {
      choice =
          new Recovery.Impossible(
              Failure.unhealable(
                  Failure.Kind.USER,
                  "there is no checkpoint at " + spec.restoreFrom().orElseThrow().path()));
    }
    startFrom(choice, now);
  }

  private void startFrom(Recovery.Choice choice, Clock now) {
    if (choice instanceof Recovery.Impossible impossible) {
      failed(impossible.failure(), now);
      return;
    }
    Optional<Origin> origin = Optional.empty();
    if (choice instanceof Recovery.From from) {
      origin = Optional.of(from.origin());
      inherit(from.origin().manifest().lineage());
      tracker.raise(from.origin().manifest().checkpoint());
      from.note().ifPresent(note -> history.note(now.wallMillis(), history.status(), note));
      try {
        divide(from.origin());
      } catch (CannotRestoreException e) {
        failed(Failure.unhealable(Failure.Kind.USER, e.getMessage()), now);
        return;
      }
    }
    if (sinksAcquired) {
      waitForSlots(origin, now);
    } else {
      enter(new JobState.AcquiringSinks(origin), now);
      effects.add(new Effect.AcquireSinks(spec.lineage()));
    }
  }

  private void inherit(String lineage) {
    spec = new JobSpec(spec.job(), lineage, spec.graph(), spec.jars(), spec.restoreFrom());
  }

  private RestoredStates divide(Origin origin) {
    boolean allowNonRestored =
        origin.inherited() && spec.restoreFrom().orElseThrow().allowNonRestored();
    return RestoredStates.divide(plan, origin.manifest(), allowNonRestored);
  }

  private void sinksAcquired(JobEvent.SinksAcquired event, Clock now) {
    if (state instanceof JobState.AcquiringSinks acquiring) {
      if (event.failure().isPresent()) {
        failed(event.failure().get(), now);
      } else {
        sinksAcquired = true;
        waitForSlots(acquiring.origin(), now);
      }
    }
  }

  private void waitForSlots(Optional<Origin> origin, Clock now) {
    enter(new JobState.WaitingForSlots(origin, startStatus(JobStatus.CREATED)), now);
    effects.add(new Effect.TakeSlots(plan.slotsNeeded()));
  }

  private void slotsImpossible(JobEvent.SlotsImpossible event, Clock now) {
    if (state instanceof JobState.WaitingForSlots) {
      failed(Failure.unhealable(Failure.Kind.RESOURCE, event.reason()), now);
    }
  }

  private void slotsGranted(List<FreeSlot> slots, Clock now) {
    if (!(state instanceof JobState.WaitingForSlots waiting)) {
      effects.add(new Effect.ReleaseSlots());
      return;
    }
    generation++;
    completedHere = 0;
    RestoredStates states = waiting.origin().map(this::divide).orElse(RestoredStates.NONE);
    ExecutionGraph graph = ExecutionGraph.place(plan, ONLY_REGION, generation, slots);
    var execution = new Execution(spec, epoch, graph, waiting.origin(), states);
    Epoch written = epoch;
    enter(new JobState.RecordingDeployment(execution, startStatus(JobStatus.CREATED)), now);
    DeploymentRecord record = execution.record(policy.restarts(), tracker.highestId());
    perform(
        WriteFact.deployment(epoch, record, unique++),
        step -> new JobEvent.DeploymentWritten(written, step));
  }

  private void deploymentWritten(JobEvent.DeploymentWritten event, Clock now) {
    if (!(state instanceof JobState.RecordingDeployment recording)
        || !event.epoch().equals(epoch)) {
      return;
    }
    switch (verdict(event.step())) {
      case DONE -> {
        Execution execution = recording.execution();
        visited.addAll(execution.taskManagers());
        enter(new JobState.Deploying(execution, startStatus(JobStatus.CREATED)), now);
        effects.addAll(execution.deployments());
        perform(retained.cleanUp(epoch), JobEvent.CleanedUp::new);
      }
      case FENCED -> fenced(reason(event.step()));
      case CONFLICT, SOURCE_GONE ->
          failed(Failure.of(Failure.Kind.EXTERNAL, reason(event.step())), now);
    }
  }

  // ---- run

  private void reported(Report report, Clock now) {
    Optional<Execution> found = execution();
    if (found.isEmpty() || !found.get().has(report.attempt())) {
      return; // of an older generation
    }
    Execution execution = found.get();
    if (report instanceof Report.Running) {
      execution.running(report.attempt());
      allRunning(execution, now);
    } else if (report instanceof Report.CheckpointAcked acked) {
      if (state instanceof JobState.Running
          && tracker.acked(acked.attempt(), acked.checkpoint(), acked.state())) {
        commit(now);
      }
    } else if (report instanceof Report.CheckpointDeclined declined) {
      checkpointRefused(declined.checkpoint(), declined.reason(), now);
    } else if (report instanceof Report.EndOfData) {
      execution.endOfData(report.attempt());
      allRunning(execution, now);
      finalCheckpoint(now);
    } else if (report instanceof Report.Committed) {
      Check.that(epoch.compareTo(Epoch.NONE) > 0, "a commit only under an epoch");
    } else if (report instanceof Report.Ended) {
      attemptEnded(execution, report, Optional.empty(), now);
    } else if (report instanceof Report.Failed failed) {
      attemptEnded(execution, report, Optional.of(failed.failure()), now);
    } else if (report instanceof Report.RestoreFailed failed) {
      restoreFailed(execution, failed, now);
    } else {
      Check.that(false, "a known report, found " + report);
    }
  }

  private void allRunning(Execution execution, Clock now) {
    if (state instanceof JobState.Deploying && execution.allRunning()) {
      ran = true;
      enter(new JobState.Running(execution), now);
      scheduleCheckpoint(now, true);
      finalCheckpoint(now);
    }
  }

  private void attemptEnded(
      Execution execution, Report report, Optional<Failure> failure, Clock now) {
    execution.ended(report.attempt());
    if (state instanceof JobState.Finishing finishing) {
      if (failure.isPresent()) {
        // Everything is promised already; what tasks have not committed, settling does.
        stop(new Ending(JobStatus.FINISHED, Optional.empty()), finishing.execution(), now);
      } else if (execution.allEnded()) {
        settle(new Ending(JobStatus.FINISHED, Optional.empty()), now);
      }
    } else if (state instanceof JobState.Deploying || state instanceof JobState.Running) {
      failed(
          failure.orElseGet(
              () ->
                  Failure.of(
                      Failure.Kind.RESOURCE,
                      "task " + report.attempt() + " ended without being told to")),
          now);
    } else {
      stoppedIfDone(now);
    }
  }

  private void restoreFailed(Execution execution, Report.RestoreFailed report, Clock now) {
    execution.ended(report.attempt());
    boolean starting = state instanceof JobState.Deploying || state instanceof JobState.Running;
    if (starting && execution.origin().isPresent()) {
      retained.refuse(execution.origin().get());
      history.note(now.wallMillis(), history.status(), report.failure().headline());
      restart(Duration.ZERO, report.failure(), now);
    } else {
      stoppedIfDone(now);
    }
  }

  private void taskManagerLost(JobEvent.TaskManagerLost event, Clock now) {
    Optional<Execution> found = execution().filter(e -> e.uses(event.taskManager()));
    if (found.isEmpty()) {
      return;
    }
    Execution execution = found.get();
    boolean live = execution.taskManagers().contains(event.taskManager());
    execution.lost(event.taskManager());
    if (state instanceof JobState.Finishing) {
      if (execution.allEnded()) {
        settle(new Ending(JobStatus.FINISHED, Optional.empty()), now);
      } else if (live) {
        stop(new Ending(JobStatus.FINISHED, Optional.empty()), execution, now);
      }
    } else if (state instanceof JobState.RecordingDeployment
        || state instanceof JobState.Deploying
        || state instanceof JobState.Running) {
      failed(
          Failure.of(
              Failure.Kind.RESOURCE,
              "TaskManager " + event.taskManager() + " was lost: " + event.explanation()),
          now);
    } else {
      stoppedIfDone(now);
    }
  }

  // ---- checkpoints

  private void scheduleCheckpoint(Clock now, boolean first) {
    tracker
        .untilNext(now, first)
        .ifPresent(
            delay -> effects.add(new Effect.After(delay, new JobEvent.CheckpointDue(++serial))));
  }

  private void checkpointDue(long due, Clock now) {
    if (due == serial && state instanceof JobState.Running running && tracker.idle()) {
      trigger(running.execution(), running.execution().allAtEndOfData(), now);
    }
  }

  /** The input has ended everywhere: one more checkpoint, which promises all the rest. */
  private void finalCheckpoint(Clock now) {
    if (state instanceof JobState.Running running
        && running.execution().allAtEndOfData()
        && tracker.idle()) {
      trigger(running.execution(), true, now);
    }
  }

  private void trigger(Execution execution, boolean last, Clock now) {
    long id = tracker.begin(now, execution.attempts(), last);
    for (TaskManagerId taskManager : execution.triggered()) {
      send(taskManager, triggerMessage(execution, id));
    }
    effects.add(new Effect.After(tracker.timeout(), new JobEvent.CheckpointOverdue(id)));
  }

  private ToTaskManager triggerMessage(Execution execution, long id) {
    return new ToTaskManager.TriggerCheckpoint(
        spec.job(), epoch, execution.region(), execution.generation(), id);
  }

  private void commit(Clock now) {
    var manifest = tracker.manifest(spec.job(), spec.lineage(), epoch, generation, now);
    Epoch under = epoch;
    perform(
        WriteFact.manifest(epoch, manifest, unique++),
        step -> new JobEvent.ManifestWritten(under, manifest, step));
  }

  private void manifestWritten(JobEvent.ManifestWritten event, Clock now) {
    if (!event.epoch().equals(wanted)) {
      return; // sealed by a later claim of this very job, which has seen what there is
    }
    Written.Verdict verdict = verdict(event.step());
    if (verdict == Written.Verdict.DONE) {
      retained.add(
          JobDirectory.manifestFile(epoch, event.manifest().checkpoint()), event.manifest());
      policy.checkpointCompleted();
      boolean awaited = tracker.committing();
      if (awaited) {
        tracker.completed(now);
      }
      if (state instanceof JobState.Running running && awaited) {
        checkpointCompleted(running.execution(), event, now);
      }
    } else if (verdict == Written.Verdict.FENCED) {
      fenced(reason(event.step()));
      return;
    } else {
      retained.doubt();
      giveUpCheckpoint(reason(event.step()), now);
    }
    stoppedIfDone(now);
  }

  private void checkpointCompleted(Execution execution, JobEvent.ManifestWritten event, Clock now) {
    completedHere = event.manifest().checkpoint();
    boolean last = event.manifest().last();
    for (TaskManagerId taskManager : execution.taskManagers()) {
      send(taskManager, completedMessage(execution, last));
    }
    if (last) {
      enter(new JobState.Finishing(execution, event.manifest()), now);
      return;
    }
    Epoch under = epoch;
    for (Procedure<Boolean> drop : retained.dropBeyond(tracker.retained(), epoch)) {
      perform(drop, step -> new JobEvent.Dropped(under, step));
    }
    scheduleCheckpoint(now, false);
    finalCheckpoint(now);
  }

  private ToTaskManager completedMessage(Execution execution, boolean last) {
    return new ToTaskManager.CheckpointCompleted(
        spec.job(), epoch, execution.region(), execution.generation(), completedHere, last);
  }

  private void checkpointRefused(long checkpoint, String reason, Clock now) {
    if (tracker.collecting().isPresent() && tracker.collecting().getAsLong() == checkpoint) {
      giveUpCheckpoint(reason, now);
    }
  }

  /** A checkpoint that fails is no failure of the job. */
  private void giveUpCheckpoint(String reason, Clock now) {
    var id = tracker.giveUp(now);
    if (id.isEmpty() || !(state instanceof JobState.Running running)) {
      return;
    }
    Execution execution = running.execution();
    history.note(
        now.wallMillis(),
        JobStatus.RUNNING,
        "checkpoint " + id.getAsLong() + " was given up: " + reason);
    for (TaskManagerId taskManager : execution.taskManagers()) {
      send(
          taskManager,
          new ToTaskManager.CheckpointAborted(
              spec.job(), epoch, execution.region(), execution.generation(), id.getAsLong()));
    }
    if (!execution.allAtEndOfData()) {
      scheduleCheckpoint(now, false);
    } else if (tracker.failuresInARow() < FINAL_CHECKPOINT_TRIES) {
      effects.add(new Effect.After(STORE_PAUSE, new JobEvent.CheckpointDue(++serial)));
    } else {
      failed(
          Failure.of(Failure.Kind.EXTERNAL, "the final checkpoint does not succeed: " + reason),
          now);
    }
  }

  // ---- healing

  /** What a TaskManager has is compared with what it should have; the difference is said again. */
  private void attemptsSeen(JobEvent.AttemptsSeen event, Clock now) {
    event.attempts().forEach(status -> tracker.raise(status.checkpointSeen()));
    if (epoch.equals(Epoch.NONE)) {
      return;
    }
    Optional<Execution> current = execution();
    int lowestWanted = current.map(Execution::generation).orElse(generation + 1);
    boolean restarting = state instanceof JobState.Restarting;
    int keep = restarting ? generation + 1 : lowestWanted;
    if (event.attempts().stream().anyMatch(status -> status.attempt().generation() < keep)) {
      send(event.taskManager(), cancelBelow(keep));
    }
    if (current.isEmpty() || !current.get().uses(event.taskManager())) {
      return;
    }
    Execution execution = current.get();
    if (state instanceof JobState.Deploying || state instanceof JobState.Running) {
      execution.redeploy(event.taskManager(), event.attempts()).ifPresent(effects::add);
    } else if (state instanceof JobState.Stopping || state instanceof JobState.Finishing) {
      execution.missing(event.taskManager(), event.attempts());
    }
    if (state instanceof JobState.Running || state instanceof JobState.Finishing) {
      repeatCheckpoints(execution, event);
    }
    if (state instanceof JobState.Stopping && !event.attempts().isEmpty()) {
      send(event.taskManager(), cancelBelow(Integer.MAX_VALUE));
    }
    if (state instanceof JobState.Finishing && execution.allEnded()) {
      settle(new Ending(JobStatus.FINISHED, Optional.empty()), now);
    } else {
      stoppedIfDone(now);
    }
  }

  private void repeatCheckpoints(Execution execution, JobEvent.AttemptsSeen event) {
    boolean completedMissed = false;
    boolean triggerMissed = false;
    for (var status : event.attempts()) {
      if (execution.has(status.attempt())) {
        completedMissed |= status.checkpointCompleted() < completedHere;
        triggerMissed |=
            execution.isEnumerator(status.attempt())
                && tracker.collecting().isPresent()
                && status.checkpointSeen() < tracker.collecting().getAsLong();
      }
    }
    if (completedMissed) {
      boolean last = state instanceof JobState.Finishing;
      send(event.taskManager(), completedMessage(execution, last));
    }
    if (triggerMissed) {
      send(event.taskManager(), triggerMessage(execution, tracker.collecting().getAsLong()));
    }
  }

  private ToTaskManager cancelBelow(int below) {
    return new ToTaskManager.CancelTasks(spec.job(), epoch, ONLY_REGION, below);
  }

  // ---- failure and end

  private void failed(Failure failure, Clock now) {
    RestartPolicy.Decision decision = policy.decide(failure, now);
    if (decision instanceof RestartPolicy.Restart again) {
      restart(again.delay(), failure, now);
    } else if (decision instanceof RestartPolicy.GiveUp giveUp) {
      decide(new Intent(JobStatus.FAILED, Optional.of(giveUp.failure()), now.wallMillis()), now);
    }
  }

  private void failedWithoutEpoch(String reason, Clock now) {
    RestartPolicy.Decision decision = policy.decide(Failure.of(Failure.Kind.EXTERNAL, reason), now);
    if (decision instanceof RestartPolicy.Restart again) {
      restart(again.delay(), Failure.of(Failure.Kind.EXTERNAL, reason), now);
    } else if (decision instanceof RestartPolicy.GiveUp giveUp) {
      // Nothing can be made durable; what is left is for `clean`.
      end(new JobResult(JobStatus.FAILED, Optional.of(giveUp.failure()), now.wallMillis()), now);
    }
  }

  private void restart(Duration delay, Failure failure, Clock now) {
    Optional<Execution> old = execution();
    for (TaskManagerId taskManager : old.map(Execution::taskManagers).orElse(List.of())) {
      send(taskManager, cancelBelow(generation + 1));
    }
    tracker.reset();
    effects.add(new Effect.ReleaseSlots());
    enter(
        new JobState.Restarting(old),
        "restarts in " + delay.toMillis() + " ms after: " + failure.headline(),
        now);
    effects.add(new Effect.After(delay, new JobEvent.RestartDue(++serial)));
  }

  private void cancelAsked(JobEvent.CancelAsked asked, Clock now) {
    if (state instanceof JobState.Ended ended) {
      JobStatus status = ended.result().status();
      effects.add(
          new Effect.Answer(
              asked.client(),
              status == JobStatus.CANCELED
                  ? new ClientAnswer.Accepted(asked.number())
                  : new ClientAnswer.Refused(
                      asked.number(), "job " + spec.job() + " has ended: " + status)));
      return;
    }
    unanswered.add(asked);
    if (state instanceof JobState.Created
        || state instanceof JobState.Claiming
        || state instanceof JobState.Deciding) {
      return; // answered once a decision is durable
    }
    boolean ending =
        state instanceof JobState.Finishing
            || state instanceof JobState.Stopping
            || state instanceof JobState.Settling
            || state instanceof JobState.Concluding
            || state instanceof JobState.Discarding;
    if (ending) {
      answerCancels();
    } else if (epoch.equals(wanted)) {
      decide(new Intent(JobStatus.CANCELED, Optional.empty(), now.wallMillis()), now);
    }
    // Else the last claim failed: the next one will find the request waiting.
  }

  private void answerCancels() {
    for (JobEvent.CancelAsked asked : unanswered) {
      effects.add(new Effect.Answer(asked.client(), new ClientAnswer.Accepted(asked.number())));
    }
    unanswered.clear();
  }

  /** Makes the decision to end durable before it has any effect. */
  private void decide(Intent intent, Clock now) {
    if (!tracker.committing()) {
      tracker.reset();
    }
    enter(
        new JobState.Deciding(intent, execution()),
        intent.failure().map(Failure::headline).orElse(""),
        now);
    writeIntent(intent);
  }

  private void writeIntent(Intent intent) {
    Epoch under = epoch;
    perform(
        WriteFact.intent(epoch, intent, unique++), step -> new JobEvent.IntentWritten(under, step));
  }

  private void intentWritten(JobEvent.IntentWritten event, Clock now) {
    if (!(state instanceof JobState.Deciding deciding) || !event.epoch().equals(epoch)) {
      return;
    }
    switch (verdict(event.step())) {
      case DONE, CONFLICT -> {
        answerCancels();
        var ending = new Ending(deciding.intent().outcome(), deciding.intent().failure());
        if (deciding.execution().isPresent()) {
          stop(ending, deciding.execution().get(), now);
        } else {
          settle(ending, now);
        }
      }
      case FENCED -> fenced(reason(event.step()));
      case SOURCE_GONE -> pause();
    }
  }

  private void stop(Ending ending, Execution execution, Clock now) {
    enter(new JobState.Stopping(ending, execution), now);
    for (TaskManagerId taskManager : execution.taskManagers()) {
      send(taskManager, cancelBelow(Integer.MAX_VALUE));
    }
    effects.add(new Effect.After(STOP_PATIENCE, new JobEvent.StopOverdue(++serial)));
    stoppedIfDone(now);
  }

  private void stopOverdue(long overdue, Clock now) {
    if (state instanceof JobState.Stopping stopping && overdue == serial) {
      for (TaskManagerId taskManager : stopping.execution().taskManagers()) {
        send(taskManager, new ToTaskManager.Shutdown("a cancelled task does not end"));
        stopping.execution().lost(taskManager);
      }
      stoppedIfDone(now);
    }
  }

  private void stoppedIfDone(Clock now) {
    if (state instanceof JobState.Stopping stopping
        && stopping.execution().allEnded()
        && !tracker.committing()) {
      if (retained.inDoubt()) {
        claim(now); // shows which manifests there really are; the intent comes with it
      } else {
        settle(stopping.ending(), now);
      }
    }
  }

  private void settle(Ending ending, Clock now) {
    enter(
        new JobState.Settling(ending, 0), ending.failure().map(Failure::headline).orElse(""), now);
    settleAgain(ending);
  }

  private void settleAgain(Ending ending) {
    effects.add(
        new Effect.Settle(
            spec.lineage(),
            retained.newest(),
            ending.outcome() == JobStatus.FINISHED,
            retained.newestIsIntact()));
  }

  private void settled(Optional<Failure> failure, Clock now) {
    if (!(state instanceof JobState.Settling settling)) {
      return;
    }
    Ending ending = settling.ending();
    if (failure.isEmpty()) {
      conclude(new JobResult(ending.outcome(), ending.failure(), now.wallMillis()), now);
    } else if (failure.get().canHeal() && settling.failures() < SETTLE_TRIES) {
      state = new JobState.Settling(ending, settling.failures() + 1);
      long pause = Math.min(5_000, 100L << settling.failures());
      effects.add(new Effect.After(Duration.ofMillis(pause), new JobEvent.RetryDue(++serial)));
    } else {
      Failure shown = ending.failure().orElse(failure.get());
      conclude(new JobResult(JobStatus.FAILED, Optional.of(shown), now.wallMillis()), now);
    }
  }

  private void conclude(JobResult result, Clock now) {
    enter(new JobState.Concluding(result), now);
    writeResult(result);
  }

  private void writeResult(JobResult result) {
    Epoch under = epoch;
    perform(
        WriteFact.result(epoch, result, unique++), step -> new JobEvent.ResultWritten(under, step));
  }

  private void resultWritten(JobEvent.ResultWritten event, Clock now) {
    if (!(state instanceof JobState.Concluding concluding) || !event.epoch().equals(epoch)) {
      return;
    }
    switch (verdict(event.step())) {
      case DONE, CONFLICT -> concluded(concluding.result(), now);
      case FENCED -> fenced(reason(event.step()));
      case SOURCE_GONE -> pause();
    }
  }

  private void concluded(JobResult result, Clock now) {
    if (result.status() == JobStatus.FINISHED) {
      enter(new JobState.Discarding(result), now);
      perform(new DiscardAll(epoch), JobEvent.Discarded::new);
    } else {
      end(result, now);
    }
  }

  private void end(JobResult result, Clock now) {
    enter(new JobState.Ended(result), result.failure().map(Failure::headline).orElse(""), now);
    answerCancels();
    visited.forEach(id -> send(id, new ToTaskManager.ReleaseJob(spec.job(), epoch)));
    effects.add(new Effect.ReleaseSlots());
    effects.add(new Effect.JobEnded());
  }

  private void pause() {
    effects.add(new Effect.After(STORE_PAUSE, new JobEvent.RetryDue(++serial)));
  }

  private void retry(long due) {
    if (due != serial) {
      return;
    }
    if (state instanceof JobState.Deciding deciding) {
      writeIntent(deciding.intent());
    } else if (state instanceof JobState.Settling settling) {
      settleAgain(settling.ending());
    } else if (state instanceof JobState.Concluding concluding) {
      writeResult(concluding.result());
    }
  }

  // ---- the fence

  private void watch() {
    if (state instanceof JobState.Ended) {
      return;
    }
    effects.add(new Effect.After(WATCH_INTERVAL, new JobEvent.WatchDue()));
    if (epoch.compareTo(Epoch.NONE) > 0) {
      Epoch under = epoch;
      perform(new FindHigherClaim(epoch), step -> new JobEvent.WatchEnded(under, step));
    }
  }

  private void watchEnded(JobEvent.WatchEnded event) {
    if (event.step() instanceof Step.Done<Optional<Epoch>> done) {
      done.result()
          .filter(higher -> higher.compareTo(wanted) > 0)
          .ifPresent(higher -> fenced("the job is claimed by epoch " + higher));
    }
  }

  private void fenced(String reason) {
    effects.clear();
    effects.add(new Effect.Fenced(reason));
  }

  // ---- small change

  private Optional<Execution> execution() {
    if (state instanceof JobState.RecordingDeployment recording) {
      return Optional.of(recording.execution());
    } else if (state instanceof JobState.Deploying deploying) {
      return Optional.of(deploying.execution());
    } else if (state instanceof JobState.Running running) {
      return Optional.of(running.execution());
    } else if (state instanceof JobState.Finishing finishing) {
      return Optional.of(finishing.execution());
    } else if (state instanceof JobState.Restarting restarting) {
      return restarting.execution();
    } else if (state instanceof JobState.Deciding deciding) {
      return deciding.execution();
    } else if (state instanceof JobState.Stopping stopping) {
      return Optional.of(stopping.execution());
    }
    return Optional.empty();
  }

  private JobStatus startStatus(JobStatus first) {
    return ran ? JobStatus.RESTARTING : first;
  }

  private void enter(JobState next, Clock now) {
    enter(next, "", now);
  }

  private void enter(JobState next, String note, Clock now) {
    state = next;
    history.note(now.wallMillis(), next.status(), note);
  }

  private void send(TaskManagerId to, ToTaskManager message) {
    effects.add(new Effect.Send(to, message));
  }

  private <R> void perform(Procedure<R> procedure, Function<Step<R>, ? extends JobEvent> answer) {
    perform(directory, procedure, answer);
  }

  private <R> void perform(
      String in, Procedure<R> procedure, Function<Step<R>, ? extends JobEvent> answer) {
    effects.add(new Effect.Perform<>(in, procedure, answer));
  }

  private static <R> boolean isDone(Step<R> step, R result) {
    return step instanceof Step.Done<R> done && done.result().equals(result);
  }

  /** A store that does not answer is treated like one that lost the draft: try again. */
  private static Written.Verdict verdict(Step<Written> step) {
    return step instanceof Step.Done<Written> done
        ? done.result().verdict()
        : Written.Verdict.SOURCE_GONE;
  }

  private static String reason(Step<Written> step) {
    return step instanceof Step.Done<Written> done
        ? done.result().detail()
        : ((Step.Failed<Written>) step).reason();
  }
}
