package io.millrace.api.eventtime;

import java.time.Duration;

/** Follows the highest timestamp at a distance. */
public class BoundedOutOfOrdernessWatermarks<T> implements WatermarkGenerator<T> {
  private final long boundMillis;
  private long highest;

  /**
   * @param bound how much later than one with a higher timestamp a record may come, at least 0
   */
  public BoundedOutOfOrdernessWatermarks(Duration bound) {
    if (bound.isNegative()) {
      throw new IllegalArgumentException("the bound must be at least 0, found " + bound);
    }
    boundMillis = bound.toMillis();
    highest = Long.MIN_VALUE + boundMillis + 1; // so that the first watermark does not underflow
  }

  @Override
  public void onEvent(T value, long timestampMillis, WatermarkOutput output) {
    highest = Math.max(highest, timestampMillis);
  }

  @Override
  public void onPeriodicEmit(WatermarkOutput output) {
    // One less, as further records with the highest timestamp may follow.
    output.emitWatermark(highest - boundMillis - 1);
  }
}
