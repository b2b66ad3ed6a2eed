package io.millrace.api.eventtime;

/**
 * Finds the event time of records and tells from time to time which watermark follows from it: the
 * older form of a {@link WatermarkStrategy}. Each subtask has a copy, which one thread calls.
 *
 * @param <T> records
 */
public interface AssignerWithPeriodicWatermarks<T> extends TimestampAssigner<T> {
  /**
   * Asked every 200 ms, or as {@code pipeline.auto-watermark-interval} says; one that does not
   * advance is ignored, as is null.
   */
  Watermark getCurrentWatermark();

  /** The same as a strategy. */
  default WatermarkStrategy<T> asStrategy() {
    return WatermarkStrategy.<T>forGenerator(context -> new Generator<>(this))
        .withTimestampAssigner(context -> this);
  }

  /** Asks the assigner. */
  record Generator<T>(AssignerWithPeriodicWatermarks<T> assigner) implements WatermarkGenerator<T> {
    @Override
    public void onEvent(T value, long timestampMillis, WatermarkOutput output) {
      // The assigner has seen it when it was asked for the timestamp.
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
      Watermark watermark = assigner.getCurrentWatermark();
      if (watermark != null) {
        output.emitWatermark(watermark);
      }
    }
  }
}
