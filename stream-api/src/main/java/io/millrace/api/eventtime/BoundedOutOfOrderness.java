package io.millrace.api.eventtime;

/** Follows the highest timestamp at a distance. */
final class BoundedOutOfOrderness<T> implements WatermarkGenerator<T> {
  private final long boundMillis;
  private long highest;

  BoundedOutOfOrderness(long boundMillis) {
    this.boundMillis = boundMillis;
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
