package io.millrace.api.eventtime;

/** Leaves event time alone. */
final class NoWatermarks<T> implements WatermarkGenerator<T> {
  @Override
  public void onEvent(T value, long timestampMillis, WatermarkOutput output) {}

  @Override
  public void onPeriodicEmit(WatermarkOutput output) {}

  /** Timestamps stay as they are too. */
  record Strategy<T>() implements WatermarkStrategy<T> {
    @Override
    public WatermarkGenerator<T> createWatermarkGenerator(
        WatermarkGeneratorSupplier.Context context) {
      return new NoWatermarks<>();
    }

    @Override
    public boolean leavesTimeAlone() {
      return true;
    }
  }
}
