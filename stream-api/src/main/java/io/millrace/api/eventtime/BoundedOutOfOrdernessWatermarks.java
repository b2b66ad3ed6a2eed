package io.millrace.api.eventtime;

import java.time.Duration;

/**
 * Follows the highest timestamp at a distance: a watermark whenever it is asked for one, and behind
 * every {@value #MOST_UNTOLD} records. Where records are fast, much event time passes until it is
 * asked, and what could be computed and dropped is kept for all of that time.
 */
public class BoundedOutOfOrdernessWatermarks<T> implements WatermarkGenerator<T> {
  /** Fewer would cut batches short; these take the fastest sources some 10 ms. */
  static final int MOST_UNTOLD = 16_384;

  private final long boundMillis;
  private long highest;

  /** Records since the last watermark. */
  private int untold;

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
    if (++untold == MOST_UNTOLD) {
      onPeriodicEmit(output);
    }
  }

  @Override
  public void onPeriodicEmit(WatermarkOutput output) {
    untold = 0;
    // One less, as further records with the highest timestamp may follow.
    output.emitWatermark(highest - boundMillis - 1);
  }
}
