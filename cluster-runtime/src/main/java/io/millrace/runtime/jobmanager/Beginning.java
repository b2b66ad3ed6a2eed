package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Claim;
import io.millrace.runtime.checkpoint.ClaimedJob;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.Crash;
import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.checkpoint.FindCheckpoint;
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
import java.util.List;
import java.util.Optional;

/**
 * How an execution comes to be: claim, then the checkpoint to start from, sinks, slots, deployment
 * record, tasks. In this order: whatever is read before the claim may be outdated by a write that
 * was under way.
 */
final class Beginning {
  private final JobBook book;
  private final Ending ending;

  Beginning(JobBook book, Ending ending) {
    this.book = book;
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
              book.policy.inherit(record.restarts(), now);
              book.inherit(record.lineage());
            });
    if (claimed.result().isPresent()) {
      ending.concluded(claimed.result().get(), now);
    } else if (claimed.intent().isPresent()) {
      Intent intent = claimed.intent().get();
      book.answerCancels();
      ending.settle(new Fate(intent.outcome(), intent.failure()), now);
    } else if (claimed.newest().map(newest -> newest.manifest().last()).orElse(false)) {
      book.inherit(claimed.newest().get().manifest().lineage());
      ending.settle(book.lastFate(), now);
    } else if (claimed.quarantine().isPresent()) {
      quarantine(claimed.quarantine().get(), now);
    } else if (book.cancelWanted) {
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
  private void quarantine(Crash last, Clock now) {
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
    ending.decide(new Intent(JobStatus.FAILED, Optional.of(failure), now.wallMillis()), now);
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
    Recovery.Choice choice =
        Recovery.choose(
            book.plan,
            placeToRestore().directory(),
            found.intact(),
            found.damaged(),
            book.retained.refusedInherited(),
            true);
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
      if (from.takeBack()) {
        takeBack =
            Optional.of(new Effect.TakeBack(from.origin().manifest(), book.tracker.highestId()));
      }
      from.note()
          .ifPresent(note -> book.history.note(now.wallMillis(), book.history.status(), note));
      try {
        divide(from.origin());
      } catch (CannotRestoreException e) {
        ending.failed(Failure.unhealable(Failure.Kind.USER, e.getMessage()), now);
        return;
      }
    }
    if (book.sinksAcquired && takeBack.isEmpty()) {
      waitForSlots(origin, now);
    } else {
      book.enter(
          new JobState.AcquiringSinks(origin, book.startStatus(JobStatus.INITIALIZING)), now);
      book.acquiringSinks = true;
      book.effects.add(new Effect.AcquireSinks(book.spec.lineage(), takeBack));
    }
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
        ExecutionGraph.place(book.plan, JobBook.ONLY_REGION, book.generation, slots);
    var execution = new Execution(book.spec, book.epoch, graph, waiting.origin(), states);
    Epoch written = book.epoch;
    book.enter(
        new JobState.RecordingDeployment(execution, book.startStatus(JobStatus.CREATED)), now);
    DeploymentRecord record = execution.record(book.policy.restarts(), book.tracker.highestId());
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
