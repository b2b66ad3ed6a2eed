package io.millrace.api.eventtime;

/**
 * A point in event time, in milliseconds since the epoch, at or below which no record is to follow.
 */
public record Watermark(long timestamp) {
  /** Milliseconds since the epoch. */
  public long getTimestamp() {
    return timestamp;
  }
}
