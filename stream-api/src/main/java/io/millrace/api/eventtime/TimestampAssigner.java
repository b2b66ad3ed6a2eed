package io.millrace.api.eventtime;

import java.io.Serializable;

/** Finds the event time of a record. */
@FunctionalInterface
public interface TimestampAssigner<T> extends Serializable {
  /** What a record without event time carries. */
  long NO_TIMESTAMP = Long.MIN_VALUE;

  /**
   * @param recordTimestamp what the record carries so far, {@link #NO_TIMESTAMP} if nothing
   * @return milliseconds since the epoch
   */
  long extractTimestamp(T value, long recordTimestamp);
}
