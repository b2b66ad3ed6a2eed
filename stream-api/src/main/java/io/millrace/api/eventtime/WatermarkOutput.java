package io.millrace.api.eventtime;

/** Takes the watermarks of a {@link WatermarkGenerator}. */
public interface WatermarkOutput {
  /**
   * Promises that no record with a timestamp at or below this follows; one that does not advance is
   * ignored.
   */
  void emitWatermark(long timestampMillis);
}
