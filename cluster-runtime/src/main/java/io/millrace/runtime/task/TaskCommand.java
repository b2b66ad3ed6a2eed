package io.millrace.runtime.task;

import io.millrace.api.operator.Completion;
import io.millrace.runtime.kernel.Purpose;

/** What a task is told, on its own thread, between steps. */
public sealed interface TaskCommand {
  /**
   * Starts a checkpoint; for tasks that hold an enumerator, others ignore it. A lower or equal id
   * than seen is ignored.
   */
  record Trigger(long checkpoint, Purpose purpose) implements TaskCommand {
    public Trigger(long checkpoint) {
      this(checkpoint, Purpose.CHECKPOINT);
    }
  }

  /**
   * A checkpoint is durable.
   *
   * @param last whether the task ends once its sinks have committed
   */
  record Completed(long checkpoint, boolean last) implements TaskCommand {}

  /** A checkpoint will not complete: stop aligning for it. Committables are kept. */
  record Aborted(long checkpoint) implements TaskCommand {}

  /**
   * Answer to {@link TaskEvent.Reached}.
   *
   * @param watermark the lowest of the sources that the reader is aligned with; the highest there
   *     is if it waits for none
   */
  record GroupReached(long watermark) implements TaskCommand {}

  /** The work that {@link TaskEvent.CommitWanted} asked for succeeded. */
  record CommitDone(long checkpoint, Completion work) implements TaskCommand {}

  /** End at once, without output. */
  record Cancel() implements TaskCommand {}
}
