package io.millrace.api.function;

import io.millrace.api.eventtime.Watermark;
import java.io.Serializable;

/**
 * Makes records in a loop of its own, for {@code addSource}. {@link #run} has a thread to itself
 * and may wait; the source ends when it returns, and fails with what it throws.
 *
 * <p>A function with state is a {@link CheckpointedFunction} as well, and changes its state and
 * collects the records that go with it under the {@linkplain SourceContext#getCheckpointLock
 * checkpoint lock}: checkpoints then have both or neither. Without that nobody knows where to go on
 * after a failure, and {@code run} begins anew. May also be a {@link CheckpointListener}, which is
 * told by another thread than that of {@code run}, without the lock.
 *
 * <p>Runs in one subtask, unless it is a {@link ParallelSourceFunction}.
 */
public interface SourceFunction<T> extends Serializable {
  /** Emits records until there are no more, or {@link #cancel} was called. Called at most once. */
  void run(SourceContext<T> context) throws Exception;

  /**
   * Makes {@link #run} return soon; called by another thread, which interrupts the one of {@code
   * run} afterwards unless the job is being drained. Mostly sets a volatile field.
   */
  void cancel();

  /** Where the records go; may be used by any thread until {@link #run} has returned. */
  interface SourceContext<T> {
    /** A record without a timestamp. Waits while the job cannot take more. */
    void collect(T element);

    /**
     * A record with an event time. Waits while the job cannot take more.
     *
     * @param timestamp milliseconds since the epoch
     */
    void collectWithTimestamp(T element, long timestamp);

    /** No record at or below this event time follows. */
    void emitWatermark(Watermark mark);

    /** Holds back nobody's event time until the next record or watermark. */
    void markAsTemporarilyIdle();

    /**
     * No checkpoint is taken as long as a thread holds it. Must not be held while waiting for
     * anything but {@link #collect}, as checkpoints wait with it.
     */
    Object getCheckpointLock();

    /** Called by the engine; does nothing if others call it. */
    void close();
  }
}
