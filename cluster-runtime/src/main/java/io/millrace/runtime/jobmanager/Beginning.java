package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.GiveUpNewer;
import io.millrace.runtime.checkpoint.Intent;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.plan.CannotRestoreException;
import io.millrace.runtime.plan.ExecutionGraph;
import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.plan.RestoredStates;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import java.util.List;
import java.util.Optional;

/**
 * How an execution comes to be, once the job is claimed: the checkpoint to start from, sinks,
 * slots, deployment record, tasks, in this order.
 */
final class Beginning {
  private final JobBook book;
  private final Ending ending;

  Beginning(JobBook book, Ending ending) {
    this.book = book;
    this.ending = ending;
  }

  void startAnew(Clock now) {
    if (book.cancelWanted) {
      ending.decide(new Intent(JobStatus.CANCELED, Optional.empty(), now.wallMillis()), now);
    } else {
      Recovery.Choice choice = book.retained.choose(book.plan, book.directory);
      if (choice instanceof Recovery.FromNothing && book.spec.restoreFrom().isPresent()) {
        findOrigin(now);
      } else {
        startFrom(choice, now);
      }
    }
  }

  private void findOrigin(Clock now) {
    FindCheckpoint.Place place = placeToRestore();
    Epoch asked = book.epoch;
    book.enter(new JobState.FindingOrigin(), now);
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
      awaitWriters(origin, now);
    } else {
      acquireSinks(origin, Optional.empty(), now);
    }
  }

  /** A successor may find them intact, but what they promised will have been taken back. */
  private void giveUp(Origin origin, Effect.TakeBack what, Clock now) {
    Epoch under = book.epoch;
    book.enter(new JobState.GivingUp(origin, what, book.startStatus(JobStatus.INITIALIZING)), now);
    book.perform(
        new GiveUpNewer(
            under, book.retained.rollback(origin, what.upTo(), book.generation), book.unique++),
        step -> new JobEvent.GivenUp(under, step));
  }

  void givenUp(JobEvent.GivenUp event, Clock now) {
    if (!(book.state instanceof JobState.GivingUp giving) || !event.epoch().equals(book.epoch)) {
      return;
    }
    if (event.step() instanceof Step.Failed<Boolean> failed) {
      ending.failed(Failure.of(Failure.Kind.EXTERNAL, failed.reason()), now);
    } else if (JobBook.isDone(event.step(), false)) {
      book.closed("epoch " + book.epoch + " is sealed");
    } else {
      book.retained.wentBack(
          book.retained.rollback(giving.origin(), giving.what().upTo(), book.generation));
      if (book.cancelWanted) {
        ending.decide(new Intent(JobStatus.CANCELED, Optional.empty(), now.wallMillis()), now);
        return;
      }
      acquireSinks(Optional.of(giving.origin()), Optional.of(giving.what()), now);
    }
  }

  private void acquireSinks(
      Optional<Origin> origin, Optional<Effect.TakeBack> takeBack, Clock now) {
    book.enter(new JobState.AcquiringSinks(origin, book.startStatus(JobStatus.INITIALIZING)), now);
    book.acquiringSinks = true;
    Optional<Long> from = origin.map(each -> each.manifest().checkpoint());
    book.effects.add(new Effect.AcquireSinks(book.epoch, book.spec.lineage(), from, takeBack));
  }

  private RestoredStates divide(Origin origin) {
    boolean allowNonRestored =
        origin.inherited() && book.spec.restoreFrom().orElseThrow().allowNonRestored();
    return RestoredStates.divide(book.plan, origin.manifest(), allowNonRestored);
  }

  void sinksAcquired(JobEvent.SinksAcquired event, Clock now) {
    book.acquiringSinks = false;
    if (book.state instanceof JobState.AcquiringSinks acquiring) {
      book.sinksAcquired = true;
      // Of jobs, too, that continued the same one, and of whose checkpoints nobody else tells.
      book.tracker.raise(event.highestCheckpoint());
      awaitWriters(acquiring.origin(), now);
    } else if (book.state instanceof JobState.LeavingSinks leaving) {
      ending.settle(leaving.ending(), now);
    }
  }

  void sinksRefused(JobEvent.SinksRefused event, Clock now) {
    book.acquiringSinks = false;
    if (book.state instanceof JobState.AcquiringSinks) {
      ending.failed(event.failure(), now);
    } else if (book.state instanceof JobState.LeavingSinks leaving) {
      ending.settle(leaving.ending(), now);
    }
  }

  private void awaitWriters(Optional<Origin> origin, Clock now) {
    List<TaskManagerId> left = book.writers.map(Writers::left).orElse(List.of());
    if (left.isEmpty()) {
      waitForSlots(origin, now);
      return;
    }
    book.enter(
        new JobState.AwaitingWriters(origin, book.startStatus(JobStatus.CREATED)),
        "waits until tasks on "
            + left
            + " are known to have ended, because a sink needs to be the only writer",
        now);
  }

  /** Something was heard of TaskManagers. */
  void writersHeardOf(Clock now) {
    if (book.state instanceof JobState.AwaitingWriters awaiting
        && book.writers.map(Writers::left).orElse(List.of()).isEmpty()) {
      waitForSlots(awaiting.origin(), now);
    }
  }

  private void waitForSlots(Optional<Origin> origin, Clock now) {
    book.enter(new JobState.WaitingForSlots(origin, book.startStatus(JobStatus.CREATED)), now);
    book.effects.add(new Effect.TakeSlots(book.plan.demand(book::homeOf)));
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

  void slotsOverdue(JobEvent.SlotsOverdue event, Clock now) {
    if (book.state instanceof JobState.WaitingForSlots) {
      book.history.note(now.wallMillis(), book.state.status(), event.reason());
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
    book.reached(
        "there are slots for all tasks, on TaskManagers: " + execution.taskManagers().size(), now);
    book.enter(
        new JobState.RecordingDeployment(execution, book.startStatus(JobStatus.CREATED)), now);
    DeploymentRecord record =
        execution.record(
            book.policy.restarts(),
            book.policy.recentFailures(),
            book.history.startMillis(),
            book.tracker.highestId());
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
        book.deployed(execution.generation());
        book.visited.addAll(execution.taskManagers());
        book.writers.ifPresent(writers -> writers.sent(execution.taskManagers()));
        book.reached("the deployment is on record, tasks are sent", now);
        book.enter(new JobState.Deploying(execution, book.startStatus(JobStatus.CREATED)), now);
        book.effects.addAll(execution.deployments());
        book.perform(book.retained.cleanUp(book.epoch), JobEvent.CleanedUp::new);
      }
      case FENCED -> book.closed(JobBook.reason(event.step()));
      case CONFLICT, SOURCE_GONE ->
          ending.failed(Failure.of(Failure.Kind.EXTERNAL, JobBook.reason(event.step())), now);
    }
  }
}
