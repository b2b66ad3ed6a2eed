package io.millrace.api.eventtime;

/** Makes watermarks from what it sees. One thread calls it; it is not part of checkpoints. */
public interface WatermarkGenerator<T> {
  /** Called for each record, after its timestamp was assigned. */
  void onEvent(T value, long timestampMillis, WatermarkOutput output);

  /** Called every 200 ms. */
  void onPeriodicEmit(WatermarkOutput output);
}
