package io.millrace.api.eventtime;

import java.time.Duration;

/** Watermarks of one strategy, timestamps of an assigner. */
record ComposedStrategy<T>(
    WatermarkStrategy<T> watermarks, TimestampAssigner<T> assigner, Duration idleness)
    implements WatermarkStrategy<T> {
  @Override
  public WatermarkGenerator<T> createWatermarkGenerator() {
    return watermarks.createWatermarkGenerator();
  }

  @Override
  public TimestampAssigner<T> createTimestampAssigner() {
    return assigner;
  }
}
