package io.millrace.api.eventtime;

/**
 * Finds the event time of records and tells behind which of them a watermark follows: the older
 * form of a {@link WatermarkStrategy}. Each subtask has a copy, which one thread calls.
 *
 * @param <T> records
 */
public interface AssignerWithPunctuatedWatermarks<T> extends TimestampAssigner<T> {
  /**
   * Asked behind each record; one that does not advance is ignored, null is none.
   *
   * @param extractedTimestamp what {@link #extractTimestamp} has said of the record
   */
  Watermark checkAndGetNextWatermark(T lastElement, long extractedTimestamp);

  /** The same as a strategy. */
  default WatermarkStrategy<T> asStrategy() {
    return WatermarkStrategy.<T>forGenerator(context -> new Generator<>(this))
        .withTimestampAssigner(context -> this);
  }

  /** Asks the assigner. */
  record Generator<T>(AssignerWithPunctuatedWatermarks<T> assigner)
      implements WatermarkGenerator<T> {
    @Override
    public void onEvent(T value, long timestampMillis, WatermarkOutput output) {
      Watermark watermark = assigner.checkAndGetNextWatermark(value, timestampMillis);
      if (watermark != null) {
        output.emitWatermark(watermark);
      }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
      // All of them come behind records.
    }
  }
}
