package io.millrace.api.eventtime;

/**
 * Makes watermarks from what it sees. One thread calls it. It is not part of checkpoints: after a
 * failure a new one begins, with nothing promised yet.
 */
public interface WatermarkGenerator<T> {
  /**
   * Called for each record, behind it.
   *
   * @param timestampMillis as assigned; {@code Long.MIN_VALUE} for a record without
   */
  void onEvent(T value, long timestampMillis, WatermarkOutput output);

  /**
   * Called every 200 ms, or as {@code pipeline.auto-watermark-interval} says, but not while records
   * have been missing for longer than the idle timeout.
   */
  void onPeriodicEmit(WatermarkOutput output);
}
