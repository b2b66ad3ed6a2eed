package io.millrace.api.function;

import io.millrace.api.eventtime.Watermark;
import java.io.Serializable;

/**
 * Takes each record out of the job, for {@code addSink}: at least once, as what was written between
 * a checkpoint and a failure is written again. For exactly once write a {@link
 * io.millrace.api.connector.Sink}. May wait: it runs on a thread of its own. May also be a {@link
 * CheckpointedFunction} and a {@link CheckpointListener}.
 *
 * <p>One of the forms of {@code invoke} is to be overridden.
 */
public interface SinkFunction<T> extends Serializable {
  default void invoke(T value) throws Exception {
    throw new UnsupportedOperationException(
        getClass().getName() + " overrides no form of invoke, so it cannot take a record");
  }

  /**
   * Takes a record.
   *
   * @param context to be used only during this call
   */
  default void invoke(T value, Context context) throws Exception {
    invoke(value);
  }

  /** No record at or below this event time follows. */
  default void writeWatermark(Watermark watermark) throws Exception {}

  /** All input has ended: the last moment to write what was held back. Not after a failure. */
  default void finish() throws Exception {}

  /** What is known of a record and of time. */
  interface Context {
    /** Milliseconds since the epoch. */
    long currentProcessingTime();

    long currentWatermark();

    /** Event time of the record, null if it has none. */
    Long timestamp();
  }
}
