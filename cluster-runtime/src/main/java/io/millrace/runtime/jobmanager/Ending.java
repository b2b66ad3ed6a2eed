package io.millrace.runtime.jobmanager;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.runtime.checkpoint.DiscardAll;
import io.millrace.runtime.checkpoint.DropClaimed;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.Intent;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.checkpoint.KeepSavepoint;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Restarts;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.Stopped;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.checkpoint.Written;
import io.millrace.runtime.jobmanager.JobState.Fate;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToTaskManager;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What failures and requests to end lead to. A decision to end is durable before it has any effect;
 * then tasks end, sinks settle, the result is written.
 */
final class Ending {
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(120);
  private static final int SETTLE_TRIES = 10;

  /** How long a user waits for a decision to become durable before he is told what holds it up. */
  private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(2);

  /** Between one claim of a job that fails and the next one, if nothing else limits them. */
  private static final Duration CLAIM_PAUSE = Duration.ofSeconds(5);

  private final JobBook book;
  private Claimed claimed = Claimed.KEPT;

  /** What becomes of a checkpoint or savepoint that the job was given to start from. */
  private enum Claimed {
    KEPT,
    DROPPING,
    DROPPED
  }

  Ending(JobBook book) {
    this.book = book;
  }

  void failed(Failure failure, Clock now) {
    RestartPolicy.Decision decision = book.policy.decide(failure, now);
    if (decision instanceof RestartPolicy.Restart again) {
      restart(again.delay(), failure, now);
      putOnRecord(new Restarts(book.policy.restarts(), book.policy.recentFailures()));
    } else if (decision instanceof RestartPolicy.GiveUp giveUp) {
      decide(new Intent(JobStatus.FAILED, Optional.of(giveUp.failure()), now.wallMillis()), now);
    }
  }

  /**
   * So that a successor counts on from there though this JobManager deploys nothing any more.
   * Nobody waits for it: what is deployed next says the same.
   */
  private void putOnRecord(Restarts restarts) {
    book.perform(
        WriteFact.restarts(book.epoch, restarts, book.unique++), JobEvent.RestartsWritten::new);
  }

  /**
   * No end could be made durable. A job on a docket therefore gets none, however few restarts it
   * has: the next JobManager would take it up again after everybody was told that it had failed.
   */
  void failedWithoutEpoch(String reason, Clock now) {
    Failure failure = Failure.of(Failure.Kind.EXTERNAL, reason);
    if (book.onDocket) {
      restart(CLAIM_PAUSE, failure, now);
      return;
    }
    RestartPolicy.Decision decision = book.policy.decide(failure, now);
    if (decision instanceof RestartPolicy.Restart again) {
      restart(again.delay(), failure, now);
    } else if (decision instanceof RestartPolicy.GiveUp giveUp) {
      // Nothing can be made durable; what is left is for `clean`.
      end(new JobResult(JobStatus.FAILED, Optional.of(giveUp.failure()), now.wallMillis()), now);
    }
  }

  void restart(Duration delay, Failure failure, Clock now) {
    Optional<Execution> old = book.execution();
    for (TaskManagerId taskManager : old.map(Execution::taskManagers).orElse(List.of())) {
      book.send(taskManager, book.cancelBelow(book.generation + 1));
    }
    book.savepoints.interrupted(
        "the job was restarted after: " + failure.headline(),
        book.tracker.committing() || book.retained.inDoubt());
    if (book.tracker.committing()) {
      book.retained
          .doubt(); // the next claim shows whether it is there, or an end has to ask for one
    }
    book.tracker.restart();
    book.effects.add(new Effect.ReleaseSlots());
    book.enter(
        new JobState.Restarting(old),
        "restarts in " + delay.toMillis() + " ms after: " + failure.headline(),
        now);
    book.effects.add(new Effect.After(delay, new JobEvent.RestartDue(++book.serial)));
  }

  void cancelAsked(JobEvent.CancelAsked asked, Clock now) {
    if (book.state instanceof JobState.Ended ended) {
      JobStatus status = ended.result().status();
      book.effects.add(
          new Effect.Answer(
              asked.client(),
              status == JobStatus.CANCELED
                  ? new ClientAnswer.Accepted(asked.number())
                  : new ClientAnswer.Refused(
                      asked.number(), "job " + book.spec.job() + " has ended: " + status)));
      return;
    }
    book.cancelWanted = true;
    book.unanswered.add(asked);
    if (book.unanswered.size() == 1) {
      book.effects.add(new Effect.After(ANSWER_PATIENCE, new JobEvent.CancelUnanswered()));
    }
    if (book.state instanceof JobState.Created
        || book.state instanceof JobState.Claiming
        || book.state instanceof JobState.Adopting
        || book.state instanceof JobState.GivingUp
        || book.state instanceof JobState.Deciding) {
      return; // answered once a decision is durable
    }
    boolean ending =
        book.state instanceof JobState.Finishing
            || book.state instanceof JobState.LeavingSinks
            || book.state instanceof JobState.Stopping
            || book.state instanceof JobState.Keeping
            || book.state instanceof JobState.Settling
            || book.state instanceof JobState.Concluding
            || book.state instanceof JobState.Discarding;
    if (ending) {
      book.answerCancels();
    } else if (book.epoch.equals(book.wanted)) {
      decide(new Intent(JobStatus.CANCELED, Optional.empty(), now.wallMillis()), now);
    } else {
      // The last claim failed; the next one, which is not put off any longer, finds the wish.
      book.effects.add(new Effect.After(Duration.ZERO, new JobEvent.RestartDue(++book.serial)));
    }
  }

  /** The store keeps the decision from becoming durable: the user is told, and the wish is kept. */
  void cancelUnanswered() {
    String waitsFor =
        book.state instanceof JobState.Adopting
            ? "TaskManagers of the JobManager before have not reported yet in "
            : book.state instanceof JobState.Deciding
                ? "the decision to end is not durable yet in "
                : book.state instanceof JobState.GivingUp
                    ? "the decision to go back is not durable yet in "
                    : "the job is not claimed yet in ";
    String reason = waitsFor + book.directory + book.trouble.map(why -> ": " + why).orElse("");
    for (JobEvent.CancelAsked asked : book.unanswered) {
      book.effects.add(
          new Effect.Answer(asked.client(), new ClientAnswer.Remembered(asked.number(), reason)));
    }
    book.unanswered.clear();
  }

  /** Makes the decision to end durable before it has any effect. */
  void decide(Intent intent, Clock now) {
    decide(intent, book.execution(), now);
  }

  /**
   * @param running what has to end first
   */
  void decide(Intent intent, Optional<Execution> running, Clock now) {
    book.savepoints.interrupted(
        "the job is about to end: " + intent.outcome(),
        book.tracker.committing() || book.retained.inDoubt());
    book.tracker.abandon();
    book.enter(
        new JobState.Deciding(intent, running),
        intent.failure().map(Failure::headline).orElse(""),
        now);
    writeIntent(intent);
  }

  private void writeIntent(Intent intent) {
    Epoch under = book.epoch;
    book.perform(
        WriteFact.intent(book.epoch, intent, book.unique++),
        step -> new JobEvent.IntentWritten(under, step));
  }

  void intentWritten(JobEvent.IntentWritten event, Clock now) {
    if (!(book.state instanceof JobState.Deciding deciding) || !event.epoch().equals(book.epoch)) {
      return;
    }
    switch (JobBook.verdict(event.step())) {
      case DONE, CONFLICT -> {
        book.answerCancels();
        var ending = new Fate(deciding.intent().outcome(), deciding.intent().failure());
        if (deciding.execution().isPresent()) {
          stop(ending, deciding.execution().get(), now);
        } else if (book.acquiringSinks) {
          book.enter(new JobState.LeavingSinks(ending), now);
        } else {
          settle(ending, now);
        }
      }
      case FENCED -> book.closed(JobBook.reason(event.step()));
      case SOURCE_GONE -> {
        book.trouble = Optional.of(JobBook.reason(event.step()));
        book.pause();
      }
    }
  }

  void stop(Fate ending, Execution execution, Clock now) {
    book.enter(new JobState.Stopping(ending, execution), now);
    for (TaskManagerId taskManager : execution.taskManagers()) {
      book.send(taskManager, book.cancelBelow(Integer.MAX_VALUE));
    }
    book.effects.add(new Effect.After(STOP_PATIENCE, new JobEvent.StopOverdue(++book.serial)));
    stoppedIfDone(now);
  }

  void stopOverdue(long overdue, Clock now) {
    if (book.state instanceof JobState.Stopping stopping && overdue == book.serial) {
      for (TaskManagerId taskManager : stopping.execution().taskManagers()) {
        book.send(taskManager, new ToTaskManager.Shutdown("a cancelled task does not end"));
        stopping.execution().lost(taskManager);
      }
      stoppedIfDone(now);
    }
  }

  void stoppedIfDone(Clock now) {
    if (book.state instanceof JobState.Stopping stopping
        && stopping.execution().allEnded()
        && !book.tracker.committing()) {
      if (book.retained.inDoubt()) {
        // A claim shows which manifests there really are; the intent comes with it.
        book.effects.add(new Effect.After(Duration.ZERO, new JobEvent.RestartDue(++book.serial)));
      } else {
        settle(stopping.ending(), now);
      }
    }
  }

  void settle(Fate ending, Clock now) {
    Optional<Manifest> stop = book.retained.newest().filter(last -> last.stopped().isPresent());
    if (stop.isPresent()) {
      book.enter(new JobState.Keeping(ending, stop.get()), now);
      keep(stop.get());
    } else {
      settleSinks(ending, now);
    }
  }

  private void settleSinks(Fate ending, Clock now) {
    book.enter(new JobState.Settling(ending, 0), now);
    settleAgain(ending);
  }

  /** Makes the savepoint that the job was stopped with whole. */
  private void keep(Manifest last) {
    String directory = last.stopped().orElseThrow().savepoint();
    book.perform(
        directory, new KeepSavepoint(last), step -> new JobEvent.SavepointKept(directory, step));
  }

  /** However long that takes: the job's own folder goes once it has ended. */
  void kept(JobEvent.SavepointKept event, Clock now) {
    if (!(book.state instanceof JobState.Keeping keeping)
        || !keeping.last().stopped().orElseThrow().savepoint().equals(event.directory())) {
      return;
    }
    if (JobBook.verdict(event.step()) == Written.Verdict.DONE) {
      if (book.savepoints.isUnderWay(event.directory())) {
        book.savepoints.done();
      }
      settleSinks(keeping.ending(), now);
    } else {
      book.history.note(
          now.wallMillis(),
          book.history.status(),
          "the savepoint "
              + event.directory()
              + " cannot be completed yet: "
              + JobBook.reason(event.step()));
      book.pause();
    }
  }

  private void settleAgain(Fate ending) {
    book.effects.add(
        new Effect.Settle(
            book.spec.lineage(),
            book.retained.newest(),
            book.retained.owedAtTheEnd(),
            ending.outcome() == JobStatus.FINISHED
                && book.retained
                    .newest()
                    .flatMap(Manifest::stopped)
                    .map(Stopped::drained)
                    .orElse(true),
            book.retained.newestIsIntact()));
  }

  void settled(Optional<Failure> failure, Clock now) {
    if (!(book.state instanceof JobState.Settling settling)) {
      return;
    }
    Fate ending = settling.ending();
    Optional<String> savepoint =
        book.retained.newest().flatMap(Manifest::stopped).map(Stopped::savepoint);
    if (failure.isEmpty()) {
      conclude(
          new JobResult(
              ending.outcome(),
              ending.failure(),
              now.wallMillis(),
              savepoint,
              true,
              accumulators()),
          now);
    } else if (failure.get().canHeal() && settling.failures() < SETTLE_TRIES) {
      book.state = new JobState.Settling(ending, settling.failures() + 1);
      long pause = Math.min(5_000, 100L << settling.failures());
      book.effects.add(
          new Effect.After(Duration.ofMillis(pause), new JobEvent.RetryDue(++book.serial)));
    } else {
      Failure shown = ending.failure().orElse(failure.get());
      conclude(
          new JobResult(
              JobStatus.FAILED,
              Optional.of(shown),
              now.wallMillis(),
              savepoint,
              false,
              accumulators()),
          now);
    }
  }

  /** The checkpoint that has them may be gone when somebody asks the next JobManager. */
  private List<AccumulatorState> accumulators() {
    return book.retained.newest().map(Manifest::accumulators).orElse(List.of());
  }

  private void conclude(JobResult result, Clock now) {
    book.enter(new JobState.Concluding(result), now);
    writeResult(result);
  }

  private void writeResult(JobResult result) {
    Epoch under = book.epoch;
    book.perform(
        WriteFact.result(book.epoch, result, book.unique++),
        step -> new JobEvent.ResultWritten(under, step));
  }

  void resultWritten(JobEvent.ResultWritten event, Clock now) {
    if (!(book.state instanceof JobState.Concluding concluding)
        || !event.epoch().equals(book.epoch)) {
      return;
    }
    switch (JobBook.verdict(event.step())) {
      case DONE, CONFLICT -> concluded(concluding.result(), now);
      case FENCED -> book.closed(JobBook.reason(event.step()));
      case SOURCE_GONE -> book.pause();
    }
  }

  void concluded(JobResult result, Clock now) {
    if (result.status() == JobStatus.FINISHED || book.retained.newest().isPresent()) {
      dropClaimed();
    }
    // What could not be made visible is known to the checkpoints alone.
    boolean discards = result.settled() && !book.keepsCheckpoints(result.status());
    Optional<Procedure<Boolean>> drop =
        discards
            ? Optional.of(new DiscardAll(book.epoch))
            : book.retained.dropUnfinished(book.epoch);
    if (drop.isPresent() || claimed == Claimed.DROPPING) {
      book.enter(new JobState.Discarding(result, drop.isEmpty()), now);
    } else {
      end(result, now);
    }
    drop.ifPresent(procedure -> book.perform(procedure, JobEvent.Discarded::new));
  }

  /**
   * The job has a checkpoint of its own, or needs none any more: what it started from goes, if it
   * was given to it. May be repeated, as a successor does.
   */
  void dropClaimed() {
    Optional<RestoreFrom> given = book.spec.restoreFrom().filter(RestoreFrom::claimed);
    if (given.isPresent() && claimed == Claimed.KEPT) {
      claimed = Claimed.DROPPING;
      FindCheckpoint.Place place = FindCheckpoint.Place.of(given.get().path());
      book.perform(
          place.directory(), new DropClaimed(place.checkpoint()), JobEvent.ClaimedDropped::new);
    }
  }

  void claimedDropped(JobEvent.ClaimedDropped event, Clock now) {
    claimed = Claimed.DROPPED;
    if (event.step() instanceof Step.Failed<Integer> failed) {
      book.history.note(
          now.wallMillis(),
          book.history.status(),
          "what the job started from is not needed any more; delete it by hand: "
              + failed.reason());
    }
    if (book.state instanceof JobState.Discarding discarding && discarding.done()) {
      end(discarding.result(), now);
    }
  }

  /** The job has its result, whether or not the store lets go of what nobody needs any more. */
  void discarded(JobEvent.Discarded event, Clock now) {
    if (!(book.state instanceof JobState.Discarding discarding)) {
      return;
    }
    if (event.step() instanceof Step.Failed<Boolean> failed) {
      book.history.note(
          now.wallMillis(),
          discarding.result().status(),
          "files of the job are left in "
              + book.directory
              + ", delete it by hand: "
              + failed.reason());
    }
    if (claimed == Claimed.DROPPING) {
      book.state = new JobState.Discarding(discarding.result(), true);
    } else {
      end(discarding.result(), now);
    }
  }

  void end(JobResult result, Clock now) {
    book.recovering = false;
    book.enter(new JobState.Ended(result), result.failure().map(Failure::headline).orElse(""), now);
    book.savepoints.over("the job has ended: " + result.status(), result.savepoint());
    book.answerCancels();
    book.visited.forEach(
        id -> book.send(id, new ToTaskManager.ReleaseJob(book.spec.job(), book.epoch)));
    book.effects.add(new Effect.ReleaseSlots());
    book.effects.add(new Effect.JobEnded());
  }

  void retry(long due) {
    if (due != book.serial) {
      return;
    }
    if (book.state instanceof JobState.Deciding deciding) {
      writeIntent(deciding.intent());
    } else if (book.state instanceof JobState.Keeping keeping) {
      keep(keeping.last());
    } else if (book.state instanceof JobState.Settling settling) {
      settleAgain(settling.ending());
    } else if (book.state instanceof JobState.Concluding concluding) {
      writeResult(concluding.result());
    }
  }
}
