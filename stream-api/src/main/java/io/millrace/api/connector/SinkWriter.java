package io.millrace.api.connector;

import java.util.List;
import java.util.concurrent.Callable;

/**
 * Writes one subtask's records. One thread calls it; what {@link #prepare} returns runs elsewhere.
 */
public interface SinkWriter<T> {
  void write(T value, long timestamp) throws Exception;

  /**
   * Cuts: what was written so far belongs to this checkpoint, what follows to the next.
   *
   * @return flushes, may wait, and gives what {@link Sink#commit} needs; an empty list if there is
   *     nothing to commit. If it throws {@link RetryLaterException} the checkpoint fails, the job
   *     runs on, and it is called again for the next checkpoint, before that one's own; after any
   *     other exception the job restarts from a checkpoint before
   */
  default Callable<List<byte[]>> prepare(long checkpoint) throws Exception {
    return List::of;
  }

  /**
   * Takes back the newest cut that is not taken back yet, so that what piles up while a storage is
   * away need not be flushed checkpoint by checkpoint. Asked directly before {@link #prepare}, if
   * the cut's checkpoint has failed and what {@link #prepare} gave for it was never called, or
   * asked for another try each time: it is not called again then.
   *
   * @return true if what was cut is part of what the next {@link #prepare} cuts, before what was
   *     written since; false, with nothing changed, if it is still to be flushed by itself
   */
  default boolean recall(long checkpoint) throws Exception {
    return false;
  }

  /** Gives up what no {@link #prepare} has cut. */
  default void close() throws Exception {}
}
