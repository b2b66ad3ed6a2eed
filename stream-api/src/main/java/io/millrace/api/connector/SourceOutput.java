package io.millrace.api.connector;

import io.millrace.api.eventtime.WatermarkOutput;

/**
 * Takes records of a reader, or of one of its splits, and whatever the source itself knows of event
 * time. The source's {@link io.millrace.api.eventtime.WatermarkStrategy} gives records their
 * timestamps and makes watermarks of its own; what comes first counts.
 */
public interface SourceOutput<T> extends WatermarkOutput {
  /** A record without a timestamp. */
  void collect(T value);

  /**
   * A record with an event time.
   *
   * @param timestamp milliseconds since the epoch
   */
  void collect(T value, long timestamp);
}
