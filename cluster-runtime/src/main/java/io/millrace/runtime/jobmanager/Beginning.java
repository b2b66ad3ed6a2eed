package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Claim;
import io.millrace.runtime.checkpoint.ClaimedJob;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.Crash;
import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.GiveUpNewer;
import io.millrace.runtime.checkpoint.Intent;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.Stopped;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.jobmanager.JobState.Fate;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.plan.CannotRestoreException;
import io.millrace.runtime.plan.ExecutionGraph;
import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.plan.RestoredStates;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import java.util.List;
import java.util.Optional;

/**
 * How an execution comes to be: claim, then the checkpoint to start from, sinks, slots, deployment
 * record, tasks. In this order: whatever is read before the claim may be outdated by a write that
 * was under way.
 */
final class Beginning {
  private final JobBook book;
  private final Checkpointing checkpoints;
  private final Ending ending;

  /** Whether it is known what has become of the tasks of the JobManager before. */
  private boolean decided;

  Beginning(JobBook book, Checkpointing checkpoints, Ending ending) {
    this.book = book;
    this.checkpoints = checkpoints;
    this.ending = ending;
  }

  void claim(Clock now) {
    book.wanted = new Epoch(book.attempt, book.wanted.counter() + 1);
    Epoch claimed = book.wanted;
    book.enter(new JobState.Claiming(book.startStatus(JobStatus.INITIALIZING)), now);
    book.perform(
        new Claim(
            claimed,
            book.owner + "-" + claimed.counter(),
            now.wallMillis(),
            book.control.map(at -> new ControlAddress(claimed, at.host(), at.port()))),
        step -> new JobEvent.ClaimEnded(claimed, step));
  }

  void claimEnded(JobEvent.ClaimEnded event, Clock now) {
    if (!(book.state instanceof JobState.Claiming) || !event.epoch().equals(book.wanted)) {
      return;
    }
    if (event.step() instanceof Step.Done<Claim.Result> done) {
      if (done.result() instanceof Claim.Superseded superseded) {
        book.fenced("the job is claimed by " + superseded.by());
      } else if (done.result() instanceof Claim.Claimed claimed) {
        book.epoch = event.epoch();
        book.trouble = Optional.empty();
        takeOver(claimed.job(), now);
      }
    } else if (event.step() instanceof Step.Failed<Claim.Result> failed) {
      book.trouble = Optional.of(failed.reason());
      ending.failedWithoutEpoch("cannot claim " + book.directory + ": " + failed.reason(), now);
    }
  }

  private void takeOver(ClaimedJob claimed, Clock now) {
    book.recovering = true;
    book.retained.replace(claimed);
    book.savepoints.claimed(
        book.retained.newest().flatMap(Manifest::stopped).map(Stopped::savepoint));
    book.tracker.reset();
    book.tracker.raise(claimed.highestCheckpoint());
    claimed
        .deployment()
        .ifPresent(
            record -> {
              book.generation = Math.max(book.generation, record.generation());
              book.placed = record.tasks();
              book.policy.inherit(record.restarts(), now);
              book.history.startedAt(record.startWallMillis());
              book.inherit(record.lineage());
            });
    if (claimed.result().isPresent()) {
      ending.concluded(claimed.result().get(), now);
    } else if (claimed.intent().isPresent()) {
      Intent intent = claimed.intent().get();
      book.answerCancels();
      finish(new Fate(intent.outcome(), intent.failure()), claimed, now);
    } else if (claimed.newest().map(newest -> newest.manifest().last()).orElse(false)) {
      book.inherit(claimed.newest().get().manifest().lineage());
      finish(book.lastFate(), claimed, now);
    } else if (claimed.quarantine().isPresent()) {
      quarantine(claimed.quarantine().get(), claimed, now);
    } else if (isAdoptable(claimed)) {
      adopt(claimed, now);
    } else {
      startAnew(claimed, now);
    }
  }

  /** Tasks that an earlier JobManager has deployed end before sinks settle. */
  private void finish(Fate fate, ClaimedJob claimed, Clock now) {
    Optional<Execution> left = left(claimed);
    if (left.isPresent()) {
      ending.stop(fate, left.get(), now);
    } else {
      ending.settle(fate, now);
    }
  }

  /** What an earlier JobManager has deployed and what may run still. */
  private Optional<Execution> left(ClaimedJob claimed) {
    Optional<Execution> left =
        claimed
            .deployment()
            .filter(this::isOfAnotherProcess)
            .flatMap(record -> Execution.inherited(book.spec, book.plan, record));
    left.ifPresent(execution -> book.kept.ifPresent(execution::onlyOn));
    return left;
  }

  private boolean isOfAnotherProcess(DeploymentRecord record) {
    return record.epoch().attempt() < book.attempt;
  }

  // ---- tasks that may run on

  /** What is damaged was promised to somebody: that is for recovery to decide. */
  private boolean isAdoptable(ClaimedJob claimed) {
    return !decided
        && claimed.damaged().isEmpty()
        && claimed.deployment().filter(this::isOfAnotherProcess).isPresent();
  }

  private void adopt(ClaimedJob claimed, Clock now) {
    var adoption = new Adoption(book.spec.job(), claimed.deployment().orElseThrow());
    book.enter(new JobState.Adopting(claimed, adoption), now);
    book.effects.add(
        new Effect.After(book.adoptionTimeout, new JobEvent.AdoptionOverdue(++book.serial)));
    book.effects.add(new Effect.ShowAttempts());
    book.kept.ifPresent(kept -> kept(kept, now));
  }

  /** What is not among these does not run any more. */
  void kept(List<TaskManagerId> taskManagers, Clock now) {
    book.kept = Optional.of(taskManagers);
    if (book.state instanceof JobState.Adopting adopting) {
      adopting.adoption().kept(taskManagers).ifPresent(why -> notAdopted(why, now));
    } else {
      book.execution()
          .filter(execution -> execution.epoch().attempt() < book.attempt)
          .ifPresent(execution -> execution.onlyOn(taskManagers));
      ending.stoppedIfDone(now);
    }
  }

  void adoptionOverdue(JobEvent.AdoptionOverdue overdue, Clock now) {
    if (book.state instanceof JobState.Adopting adopting && overdue.serial() == book.serial) {
      notAdopted(adopting.adoption().awaited(), now);
    }
  }

  void attemptsSeen(JobState.Adopting adopting, JobEvent.AttemptsSeen event, Clock now) {
    Adoption adoption = adopting.adoption();
    if (!adoption.concerns(event.taskManager())) {
      return;
    }
    Optional<String> obstacle =
        adoption.reported(event.taskManager(), event.attempts(), book.epoch);
    if (obstacle.isPresent()) {
      notAdopted(obstacle.get(), now);
    } else if (adoption.complete()) {
      adopted(adopting, now);
    } else if (event.attempts().stream().anyMatch(status -> !status.epoch().equals(book.epoch))) {
      // Ends nothing, but says who commands.
      book.send(event.taskManager(), book.cancelBelow(adoption.record().generation()));
    }
  }

  void notAdopted(String why, Clock now) {
    if (book.state instanceof JobState.Adopting adopting) {
      decided = true;
      book.history.note(
          now.wallMillis(), adopting.status(), "tasks that ran before do not run on: " + why);
      startAnew(adopting.claimed(), now);
    }
  }

  /** Nothing stopped: what was promised is said again, what was begun is given up. */
  private void adopted(JobState.Adopting adopting, Clock now) {
    DeploymentRecord record = adopting.adoption().record();
    Optional<Execution> inherited = Execution.inherited(book.spec, book.plan, record);
    if (inherited.isEmpty()) {
      notAdopted("they are of another plan", now);
      return;
    }
    Execution execution = inherited.get();
    for (AttemptStatus status : adopting.adoption().found()) {
      if (status.phase() == ToJobManager.Phase.END_OF_DATA) {
        execution.endOfData(status.attempt());
      }
    }
    decided = true;
    book.ran = true;
    book.visited.addAll(execution.taskManagers());
    book.completedHere = book.retained.newest().map(Manifest::checkpoint).orElse(0L);
    book.effects.add(new Effect.HoldSlots(execution.slots()));
    book.enter(
        new JobState.Running(execution),
        "went on without its JobManager; attempt " + book.attempt + " has adopted its tasks",
        now);
    if (book.cancelWanted) {
      ending.decide(new Intent(JobStatus.CANCELED, Optional.empty(), now.wallMillis()), now);
      return;
    }
    checkpoints.adopted(execution, now);
    book.perform(book.retained.cleanUp(book.epoch), JobEvent.CleanedUp::new);
  }

  // ---- a new start

  private void startAnew(ClaimedJob claimed, Clock now) {
    if (book.cancelWanted) {
      ending.decide(new Intent(JobStatus.CANCELED, Optional.empty(), now.wallMillis()), now);
    } else {
      Recovery.Choice choice = book.retained.choose(book.plan, book.directory);
      if (choice instanceof Recovery.FromNothing && book.spec.restoreFrom().isPresent()) {
        findOrigin(claimed, now);
      } else {
        startFrom(choice, now);
      }
    }
  }

  /** To recover it once more would only crash this JobManager too. */
  private void quarantine(Crash last, ClaimedJob claimed, Clock now) {
    Failure cause = last.cause();
    var failure =
        new Failure(
            cause.kind(),
            false,
            "",
            -1,
            cause.rootType(),
            "the job is not recovered again, because that has crashed the JobManager twice: "
                + cause.message()
                + "; this is a bug of Millrace, the logs of those JobManagers have more",
            cause.trace());
    ending.decide(
        new Intent(JobStatus.FAILED, Optional.of(failure), now.wallMillis()), left(claimed), now);
  }

  private void findOrigin(ClaimedJob claimed, Clock now) {
    FindCheckpoint.Place place = placeToRestore();
    Epoch asked = book.epoch;
    book.enter(new JobState.FindingOrigin(claimed), now);
    book.perform(
        place.directory(),
        new FindCheckpoint(place.checkpoint()),
        step -> new JobEvent.CheckpointsFound(asked, step));
  }

  private FindCheckpoint.Place placeToRestore() {
    return FindCheckpoint.Place.of(book.spec.restoreFrom().orElseThrow().path());
  }

  void checkpointsFound(JobEvent.CheckpointsFound event, Clock now) {
    if (!(book.state instanceof JobState.FindingOrigin) || !event.epoch().equals(book.epoch)) {
      return;
    }
    if (event.step() instanceof Step.Failed<FindCheckpoint.Found> failed) {
      ending.failed(Failure.of(Failure.Kind.EXTERNAL, failed.reason()), now);
      return;
    }
    FindCheckpoint.Found found = ((Step.Done<FindCheckpoint.Found>) event.step()).result();
    // The sinks may show output of each of them: it is taken back up to there, or never named so
    // again.
    book.tracker.raise(found.highest());
    Recovery.Choice choice = book.retained.choose(book.plan, placeToRestore().directory(), found);
    if (choice instanceof Recovery.FromNothing) {
      choice =
          new Recovery.Impossible(
              Failure.unhealable(
                  Failure.Kind.USER,
                  "there is no checkpoint at " + book.spec.restoreFrom().orElseThrow().path()));
    }
    startFrom(choice, now);
  }

  private void startFrom(Recovery.Choice choice, Clock now) {
    if (choice instanceof Recovery.Impossible impossible) {
      ending.failed(impossible.failure(), now);
      return;
    }
    Optional<Origin> origin = Optional.empty();
    Optional<Effect.TakeBack> takeBack = Optional.empty();
    if (choice instanceof Recovery.From from) {
      origin = Optional.of(from.origin());
      book.inherit(from.origin().manifest().lineage());
      book.tracker.raise(from.origin().manifest().checkpoint());
      Manifest to = from.origin().manifest();
      Optional<Long> upTo =
          from.takeBack()
              ? Optional.of(book.tracker.highestId())
              : book.retained.owedUpTo(from.origin());
      takeBack = upTo.map(last -> new Effect.TakeBack(to, last));
      from.note()
          .ifPresent(note -> book.history.note(now.wallMillis(), book.history.status(), note));
      try {
        divide(from.origin());
      } catch (CannotRestoreException e) {
        ending.failed(Failure.unhealable(Failure.Kind.USER, e.getMessage()), now);
        return;
      }
    }
    if (takeBack.isPresent()) {
      giveUp(origin.orElseThrow(), takeBack.get(), now);
    } else if (book.sinksAcquired) {
      waitForSlots(origin, now);
    } else {
      acquireSinks(origin, Optional.empty(), now);
    }
  }

  /** A successor may find them intact, but what they promised will have been taken back. */
  private void giveUp(Origin origin, Effect.TakeBack what, Clock now) {
    Epoch under = book.epoch;
    book.enter(new JobState.GivingUp(origin, what, book.startStatus(JobStatus.INITIALIZING)), now);
    book.perform(
        new GiveUpNewer(under, book.retained.rollback(origin, what.upTo()), book.unique++),
        step -> new JobEvent.GivenUp(under, step));
  }

  void givenUp(JobEvent.GivenUp event, Clock now) {
    if (!(book.state instanceof JobState.GivingUp giving) || !event.epoch().equals(book.epoch)) {
      return;
    }
    if (event.step() instanceof Step.Failed<Boolean> failed) {
      ending.failed(Failure.of(Failure.Kind.EXTERNAL, failed.reason()), now);
    } else if (JobBook.isDone(event.step(), false)) {
      book.fenced("epoch " + book.epoch + " is sealed");
    } else {
      book.retained.wentBack(book.retained.rollback(giving.origin(), giving.what().upTo()));
      acquireSinks(Optional.of(giving.origin()), Optional.of(giving.what()), now);
    }
  }

  private void acquireSinks(
      Optional<Origin> origin, Optional<Effect.TakeBack> takeBack, Clock now) {
    book.enter(new JobState.AcquiringSinks(origin, book.startStatus(JobStatus.INITIALIZING)), now);
    book.acquiringSinks = true;
    book.effects.add(new Effect.AcquireSinks(book.spec.lineage(), takeBack));
  }

  private RestoredStates divide(Origin origin) {
    boolean allowNonRestored =
        origin.inherited() && book.spec.restoreFrom().orElseThrow().allowNonRestored();
    return RestoredStates.divide(book.plan, origin.manifest(), allowNonRestored);
  }

  void sinksAcquired(JobEvent.SinksAcquired event, Clock now) {
    book.acquiringSinks = false;
    if (book.state instanceof JobState.AcquiringSinks acquiring) {
      if (event.failure().isPresent()) {
        ending.failed(event.failure().get(), now);
      } else {
        book.sinksAcquired = true;
        waitForSlots(acquiring.origin(), now);
      }
    } else if (book.state instanceof JobState.LeavingSinks leaving) {
      ending.settle(leaving.ending(), now);
    }
  }

  private void waitForSlots(Optional<Origin> origin, Clock now) {
    book.enter(new JobState.WaitingForSlots(origin, book.startStatus(JobStatus.CREATED)), now);
    book.effects.add(new Effect.TakeSlots(book.plan.slotsNeeded()));
  }

  void slotsImpossible(JobEvent.SlotsImpossible event, Clock now) {
    if (book.state instanceof JobState.WaitingForSlots) {
      // Where the job has run before, its TaskManagers can start: the platform is in trouble.
      ending.failed(
          event.mayPass() && book.generation > 0
              ? Failure.of(Failure.Kind.RESOURCE, event.reason())
              : Failure.unhealable(Failure.Kind.RESOURCE, event.reason()),
          now);
    }
  }

  void slotsGranted(List<FreeSlot> slots, Clock now) {
    if (!(book.state instanceof JobState.WaitingForSlots waiting)) {
      book.effects.add(new Effect.ReleaseSlots());
      return;
    }
    book.generation++;
    book.completedHere = 0;
    RestoredStates states = waiting.origin().map(this::divide).orElse(RestoredStates.NONE);
    ExecutionGraph graph =
        ExecutionGraph.place(book.plan, JobBook.ONLY_REGION, book.generation, slots, book::homeOf);
    var execution = new Execution(book.spec, book.epoch, graph, waiting.origin(), states);
    Epoch written = book.epoch;
    book.enter(
        new JobState.RecordingDeployment(execution, book.startStatus(JobStatus.CREATED)), now);
    DeploymentRecord record =
        execution.record(
            book.policy.restarts(), book.history.startMillis(), book.tracker.highestId());
    book.perform(
        WriteFact.deployment(book.epoch, record, book.unique++),
        step -> new JobEvent.DeploymentWritten(written, step));
  }

  void deploymentWritten(JobEvent.DeploymentWritten event, Clock now) {
    if (!(book.state instanceof JobState.RecordingDeployment recording)
        || !event.epoch().equals(book.epoch)) {
      return;
    }
    switch (JobBook.verdict(event.step())) {
      case DONE -> {
        Execution execution = recording.execution();
        book.visited.addAll(execution.taskManagers());
        book.enter(new JobState.Deploying(execution, book.startStatus(JobStatus.CREATED)), now);
        book.effects.addAll(execution.deployments());
        book.perform(book.retained.cleanUp(book.epoch), JobEvent.CleanedUp::new);
      }
      case FENCED -> book.fenced(JobBook.reason(event.step()));
      case CONFLICT, SOURCE_GONE ->
          ending.failed(Failure.of(Failure.Kind.EXTERNAL, JobBook.reason(event.step())), now);
    }
  }
}
