package io.millrace.api.eventtime;

import java.time.Duration;

/**
 * Watermarks at a distance from the highest timestamp: the older form of {@link
 * WatermarkStrategy#forBoundedOutOfOrderness}, whose watermarks are 1 ms behind these.
 *
 * @param <T> records
 */
public abstract class BoundedOutOfOrdernessTimestampExtractor<T>
    implements AssignerWithPeriodicWatermarks<T> {
  private final long boundMillis;
  private long highest;

  /**
   * @param maxOutOfOrderness how much later than one with a higher timestamp a record may come, at
   *     least 0
   */
  protected BoundedOutOfOrdernessTimestampExtractor(Duration maxOutOfOrderness) {
    if (maxOutOfOrderness.isNegative()) {
      throw new IllegalArgumentException(
          "the bound must be at least 0, found " + maxOutOfOrderness);
    }
    boundMillis = maxOutOfOrderness.toMillis();
    highest = Long.MIN_VALUE + boundMillis; // so that the first watermark does not underflow
  }

  /** The event time of a record in milliseconds since the epoch. */
  public abstract long extractTimestamp(T element);

  public long getMaxOutOfOrdernessInMillis() {
    return boundMillis;
  }

  @Override
  public final long extractTimestamp(T value, long recordTimestamp) {
    long timestamp = extractTimestamp(value);
    highest = Math.max(highest, timestamp);
    return timestamp;
  }

  @Override
  public final Watermark getCurrentWatermark() {
    return new Watermark(highest - boundMillis);
  }
}
