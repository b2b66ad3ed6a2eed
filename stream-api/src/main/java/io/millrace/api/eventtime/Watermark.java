package io.millrace.api.eventtime;

/**
 * A point in event time, in milliseconds since the epoch, at or below which no record is to follow.
 */
public record Watermark(long timestamp) {
  /** No record follows at all. */
  public static final Watermark MAX_WATERMARK = new Watermark(Long.MAX_VALUE);

  /** Milliseconds since the epoch. */
  public long getTimestamp() {
    return timestamp;
  }
}
