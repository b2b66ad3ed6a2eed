package io.millrace.runtime.jobmanager;

import io.millrace.api.config.JobSettings;
import io.millrace.runtime.checkpoint.DropParts;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.checkpoint.Written;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToTaskManager;
import java.time.Duration;
import java.util.List;

/** When checkpoints start, what makes them complete, what follows from it. */
final class Checkpointing {
  private static final int FINAL_CHECKPOINT_OVERDUE = 3;

  private final JobBook book;
  private final Ending ending;
  private int overdueInARow;

  Checkpointing(JobBook book, Ending ending) {
    this.book = book;
    this.ending = ending;
  }

  void scheduleCheckpoint(Clock now, boolean first) {
    book.tracker
        .untilNext(now, first)
        .ifPresent(
            delay ->
                book.effects.add(
                    new Effect.After(delay, new JobEvent.CheckpointDue(++book.serial))));
  }

  void checkpointDue(long due, Clock now) {
    if (due == book.serial
        && book.state instanceof JobState.Running running
        && book.tracker.idle()) {
      trigger(running.execution(), running.execution().allAtEndOfData(), now);
    }
  }

  /** The input has ended everywhere: one more checkpoint, which promises all the rest. */
  void finalCheckpoint(Clock now) {
    if (book.state instanceof JobState.Running running
        && running.execution().allAtEndOfData()
        && book.tracker.idle()) {
      trigger(running.execution(), true, now);
    }
  }

  private void trigger(Execution execution, boolean last, Clock now) {
    long id = book.tracker.begin(now, execution.attempts(), last);
    for (TaskManagerId taskManager : execution.triggered()) {
      book.send(taskManager, triggerMessage(execution, id));
    }
    book.effects.add(new Effect.After(book.tracker.timeout(), new JobEvent.CheckpointOverdue(id)));
  }

  ToTaskManager triggerMessage(Execution execution, long id) {
    return new ToTaskManager.TriggerCheckpoint(
        book.spec.job(), book.epoch, execution.region(), execution.generation(), id);
  }

  private void commit(Clock now) {
    var manifest =
        book.tracker.manifest(
            book.spec.job(), book.spec.lineage(), book.epoch, book.generation, now);
    Epoch under = book.epoch;
    book.perform(
        WriteFact.manifest(book.epoch, manifest, book.unique++),
        step -> new JobEvent.ManifestWritten(under, manifest, step));
  }

  void manifestWritten(JobEvent.ManifestWritten event, Clock now) {
    if (!event.epoch().equals(book.wanted)) {
      return; // sealed by a later claim of this very job, which has seen what there is
    }
    Written.Verdict verdict = JobBook.verdict(event.step());
    if (verdict == Written.Verdict.DONE) {
      book.retained.add(
          JobDirectory.manifestFile(book.epoch, event.manifest().checkpoint()), event.manifest());
      book.policy.checkpointCompleted();
      book.recovering = false;
      boolean awaited = book.tracker.committing();
      if (awaited) {
        book.tracker.completed(now);
        overdueInARow = 0;
      }
      if (book.state instanceof JobState.Running running && awaited) {
        checkpointCompleted(running.execution(), event, now);
      }
    } else if (verdict == Written.Verdict.FENCED) {
      book.fenced(JobBook.reason(event.step()));
      return;
    } else {
      book.retained.doubt();
      giveUpCheckpoint(JobBook.reason(event.step()), now);
    }
    ending.stoppedIfDone(now);
  }

  private void checkpointCompleted(Execution execution, JobEvent.ManifestWritten event, Clock now) {
    book.completedHere = event.manifest().checkpoint();
    boolean last = event.manifest().last();
    for (TaskManagerId taskManager : execution.taskManagers()) {
      book.send(taskManager, completedMessage(execution, last));
    }
    if (last) {
      book.enter(new JobState.Finishing(execution, event.manifest()), now);
      return;
    }
    Epoch under = book.epoch;
    for (Procedure<Boolean> drop : book.retained.dropBeyond(book.tracker.retained(), book.epoch)) {
      book.perform(drop, step -> new JobEvent.Dropped(under, step));
    }
    scheduleCheckpoint(now, false);
    finalCheckpoint(now);
  }

  ToTaskManager completedMessage(Execution execution, boolean last) {
    return new ToTaskManager.CheckpointCompleted(
        book.spec.job(),
        book.epoch,
        execution.region(),
        execution.generation(),
        book.completedHere,
        last);
  }

  /** It took too long; at the end of all input that may mean that a barrier can never arrive. */
  void checkpointOverdue(long checkpoint, Clock now) {
    if (book.tracker.collecting().isEmpty()
        || book.tracker.collecting().getAsLong() != checkpoint) {
      return;
    }
    overdueInARow++;
    giveUpCheckpoint("took too long", now);
    if (overdueInARow >= FINAL_CHECKPOINT_OVERDUE
        && book.state instanceof JobState.Running running
        && running.execution().allAtEndOfData()) {
      overdueInARow = 0;
      ending.failed(
          Failure.of(
              Failure.Kind.RESOURCE,
              "the final checkpoint took too long " + FINAL_CHECKPOINT_OVERDUE + " times in a row"),
          now);
    }
  }

  void checkpointRefused(long checkpoint, String reason, Clock now) {
    if (book.tracker.collecting().isPresent()
        && book.tracker.collecting().getAsLong() == checkpoint) {
      giveUpCheckpoint(reason, now);
    }
  }

  void acked(Report.CheckpointAcked part, Clock now) {
    if (book.tracker.comesTooLate(part.checkpoint())) {
      if (!book.retained.holds(part.checkpoint())) {
        drop(part.state());
      }
    } else if (book.tracker.acked(part.attempt(), part.checkpoint(), part.state())) {
      commit(now);
    }
  }

  /** Where checkpoints fail again and again but no task does, no claim would clean up. */
  private void drop(List<SubtaskState> parts) {
    var drop = new DropParts(parts);
    if (!drop.isEmpty()) {
      book.perform(drop, JobEvent.CleanedUp::new);
    }
  }

  /** A checkpoint that fails is no failure of the job, unless too many do. */
  private void giveUpCheckpoint(String reason, Clock now) {
    drop(book.tracker.collected());
    var id = book.tracker.giveUp(now);
    if (id.isEmpty() || !(book.state instanceof JobState.Running running)) {
      return;
    }
    Execution execution = running.execution();
    book.history.note(
        now.wallMillis(),
        JobStatus.RUNNING,
        "checkpoint " + id.getAsLong() + " was given up: " + reason);
    for (TaskManagerId taskManager : execution.taskManagers()) {
      book.send(
          taskManager,
          new ToTaskManager.CheckpointAborted(
              book.spec.job(),
              book.epoch,
              execution.region(),
              execution.generation(),
              id.getAsLong()));
    }
    if (book.tracker.intolerable()) {
      ending.failed(
          Failure.of(
              Failure.Kind.RESOURCE,
              book.tracker.failuresInARow()
                  + " checkpoints in a row have failed, more than "
                  + JobSettings.TOLERABLE_FAILED_CHECKPOINTS.key()
                  + " allows; the last one: "
                  + reason),
          now);
    } else if (!execution.allAtEndOfData()) {
      scheduleCheckpoint(now, false);
    } else {
      // However long the store is away: a restart would need it even more.
      book.effects.add(new Effect.After(finalPause(), new JobEvent.CheckpointDue(++book.serial)));
    }
  }

  private Duration finalPause() {
    long pause = JobBook.STORE_PAUSE.toMillis() << Math.min(4, book.tracker.failuresInARow() - 1);
    return Duration.ofMillis(pause);
  }
}
