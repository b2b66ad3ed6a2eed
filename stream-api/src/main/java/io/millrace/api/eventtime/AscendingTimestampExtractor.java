package io.millrace.api.eventtime;

/**
 * Watermarks of timestamps that never fall: the older form of {@link
 * WatermarkStrategy#forMonotonousTimestamps}. A record with a lower one than before it is late.
 *
 * @param <T> records
 */
public abstract class AscendingTimestampExtractor<T> implements AssignerWithPeriodicWatermarks<T> {
  private long highest = Long.MIN_VALUE;

  /** The event time of a record in milliseconds since the epoch. */
  public abstract long extractAscendingTimestamp(T element);

  @Override
  public final long extractTimestamp(T value, long recordTimestamp) {
    long timestamp = extractAscendingTimestamp(value);
    highest = Math.max(highest, timestamp);
    return timestamp;
  }

  @Override
  public final Watermark getCurrentWatermark() {
    // One less, as further records with the highest timestamp may follow.
    return new Watermark(highest == Long.MIN_VALUE ? Long.MIN_VALUE : highest - 1);
  }
}
