package io.millrace.api.eventtime;

/** Takes the watermarks of a {@link WatermarkGenerator}. */
public interface WatermarkOutput {
  /**
   * Promises that no record with a timestamp at or below this follows; one that does not advance is
   * ignored.
   */
  void emitWatermark(long timestampMillis);

  /** Like {@link #emitWatermark(long)}. */
  default void emitWatermark(Watermark watermark) {
    emitWatermark(watermark.timestamp());
  }

  /** Holds back nobody's watermark until {@link #markActive} or the next watermark. */
  void markIdle();

  /** Ends what {@link #markIdle} has begun. */
  void markActive();
}
