package io.millrace.api.eventtime;

import java.io.Serializable;

/** Finds the event time of a record. */
@FunctionalInterface
public interface TimestampAssigner<T> extends Serializable {
  /**
   * @param recordTimestamp what the record carries so far, {@code Long.MIN_VALUE} if nothing
   * @return milliseconds since the epoch
   */
  long extractTimestamp(T value, long recordTimestamp);
}
