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

  /** Gives up what no {@link #prepare} has cut. */
  default void close() throws Exception {}
}
