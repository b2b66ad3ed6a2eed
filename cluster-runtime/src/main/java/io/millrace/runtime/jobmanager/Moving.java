package io.millrace.runtime.jobmanager;

import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.TaskManagerId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Leaves TaskManagers that the platform will take. As soon as that is known a checkpoint is taken,
 * in case the platform does not wait; and once there is room elsewhere another one, from which the
 * job starts again there. That is no failure and counts as none.
 */
final class Moving {
  private final JobBook book;
  private final Checkpointing checkpoints;
  private final Ending ending;

  /** Those that a checkpoint was taken for when it became known that they leave. */
  private final TreeSet<TaskManagerId> heeded = new TreeSet<>();

  private Optional<Move> move = Optional.empty();

  /**
   * The job moves when a checkpoint has completed.
   *
   * @param generation of the tasks that are to move
   */
  private record Move(int generation, long checkpoint, String reason) {}

  Moving(JobBook book, Checkpointing checkpoints, Ending ending) {
    this.book = book;
    this.checkpoints = checkpoints;
    this.ending = ending;
  }

  /** Comes again and again while they are there. */
  void leaving(JobEvent.Leaving event, Clock now) {
    if (!(book.state instanceof JobState.Running running)) {
      return;
    }
    Execution execution = running.execution();
    List<TaskManagerId> left =
        execution.taskManagers().stream().filter(event.taskManagers()::contains).toList();
    boolean news = !heeded.containsAll(left);
    if (left.isEmpty() || isUnderWay(execution) || !news && !event.roomElsewhere()) {
      return;
    }
    OptionalLong checkpoint = checkpoints.takeNow(execution, now);
    if (checkpoint.isEmpty()) {
      return; // it is asked again
    }
    String reason = "TaskManager " + left.get(0) + " will be taken away: " + event.reason();
    if (news) {
      heeded.addAll(left);
      book.history.note(now.wallMillis(), book.state.status(), reason);
    }
    if (event.roomElsewhere()) {
      move = Optional.of(new Move(execution.generation(), checkpoint.getAsLong(), reason));
    }
  }

  private boolean isUnderWay(Execution execution) {
    return move.filter(each -> each.generation() == execution.generation())
        .filter(each -> book.tracker.isUnderWay(each.checkpoint()))
        .isPresent();
  }

  void checkpointCompleted(Clock now) {
    if (move.isPresent()
        && book.state instanceof JobState.Running running
        && running.execution().generation() == move.get().generation()
        && book.completedHere >= move.get().checkpoint()
        && book.savepoints.stage() == Savepoints.Stage.NONE) {
      String reason = move.get().reason();
      move = Optional.empty();
      ending.restart(Duration.ZERO, Failure.of(Failure.Kind.RESOURCE, reason), now);
    }
  }
}
