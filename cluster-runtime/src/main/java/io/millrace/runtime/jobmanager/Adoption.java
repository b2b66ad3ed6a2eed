package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.ClaimedJob;
import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.checkpoint.Intent;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tasks that an earlier JobManager has deployed run on under this one, if all of them are there and
 * obey: the {@link RollCall} tells. Otherwise the job starts anew.
 */
final class Adoption {
  private final JobBook book;
  private final Checkpointing checkpoints;
  private final Ending ending;
  private final Consumer<Clock> claimAgain;

  /** Whether it is known what has become of the tasks of the JobManager before. */
  private boolean decided;

  Adoption(JobBook book, Checkpointing checkpoints, Ending ending, Consumer<Clock> claimAgain) {
    this.book = book;
    this.checkpoints = checkpoints;
    this.ending = ending;
    this.claimAgain = claimAgain;
  }

  boolean decided() {
    return decided;
  }

  /** The job ends, or starts anew: what may still run somewhere does not run on. */
  void isOutOfQuestion() {
    decided = true;
  }

  /** What is damaged was promised to somebody: that is for recovery to decide. */
  boolean isPossible(ClaimedJob claimed) {
    return !decided
        && claimed.damaged().isEmpty()
        && claimed
            .deployment()
            .filter(record -> book.isOfPredecessor(record.epoch()) && mayGoOn(record, claimed))
            .isPresent();
  }

  /** Not past a checkpoint from which the job went back. */
  private static boolean mayGoOn(DeploymentRecord record, ClaimedJob claimed) {
    return claimed.rollback().map(back -> record.generation() > back.generation()).orElse(true);
  }

  void begin(ClaimedJob claimed, Clock now) {
    var tasks = new RollCall(book.spec.job(), claimed.deployment().orElseThrow());
    book.enter(new JobState.Adopting(tasks), now);
    book.effects.add(
        new Effect.After(book.adoptionTimeout, new JobEvent.AdoptionOverdue(++book.serial)));
    book.effects.add(new Effect.ShowAttempts());
    book.kept.ifPresent(kept -> kept(kept, now));
  }

  /** What is not among these does not run any more. */
  void kept(List<TaskManagerId> taskManagers, Clock now) {
    book.kept = Optional.of(taskManagers);
    if (book.state instanceof JobState.Adopting adopting) {
      adopting.tasks().kept(taskManagers).ifPresent(why -> refuse(why, now));
    } else {
      book.execution()
          .filter(execution -> book.isOfPredecessor(execution.epoch()))
          .ifPresent(execution -> execution.onlyOn(taskManagers));
      ending.stoppedIfDone(now);
    }
  }

  void overdue(JobEvent.AdoptionOverdue overdue, Clock now) {
    if (book.state instanceof JobState.Adopting adopting && overdue.serial() == book.serial) {
      refuse(adopting.tasks().awaited(), now);
    }
  }

  void attemptsSeen(JobState.Adopting adopting, JobEvent.AttemptsSeen event, Clock now) {
    RollCall tasks = adopting.tasks();
    if (!tasks.concerns(event.taskManager())) {
      return;
    }
    Optional<String> obstacle = tasks.reported(event.taskManager(), event.attempts(), book.epoch);
    if (obstacle.isPresent()) {
      refuse(obstacle.get(), now);
    } else if (tasks.complete()) {
      adopted(adopting, now);
    } else if (event.attempts().stream().anyMatch(status -> !status.epoch().equals(book.epoch))) {
      // Ends nothing, but says who commands.
      book.send(event.taskManager(), book.cancelBelow(tasks.record().generation()));
    }
  }

  /**
   * Not all run on: the rest ends too, and the job starts anew; from a new claim, because who has
   * waited for reports, or slept meanwhile, may have been succeeded.
   */
  void refuse(String why, Clock now) {
    decided = true;
    book.history.note(
        now.wallMillis(), book.state.status(), "tasks that ran before do not run on: " + why);
    claimAgain.accept(now);
  }

  /** Nothing stopped: what was promised is said again, what was begun is given up. */
  private void adopted(JobState.Adopting adopting, Clock now) {
    DeploymentRecord record = adopting.tasks().record();
    Optional<Execution> inherited = Execution.inherited(book.spec, book.plan, record);
    if (inherited.isEmpty()) {
      refuse("they are of another plan", now);
      return;
    }
    Execution execution = inherited.get();
    for (AttemptStatus status : adopting.tasks().found()) {
      if (status.phase() == ToJobManager.Phase.END_OF_DATA) {
        execution.endOfData(status.attempt());
      }
    }
    decided = true;
    book.ran = true;
    book.visited.addAll(execution.taskManagers());
    book.writers.ifPresent(writers -> writers.sent(execution.taskManagers()));
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
}
