package io.millrace.api.eventtime;

import java.time.Duration;

/** Watermarks of one strategy, timestamps of an assigner. */
record ComposedStrategy<T>(
    WatermarkStrategy<T> watermarks,
    TimestampAssignerSupplier<T> assigner,
    Duration idleness,
    WatermarkAlignmentParams alignment)
    implements WatermarkStrategy<T> {
  @Override
  public WatermarkGenerator<T> createWatermarkGenerator(
      WatermarkGeneratorSupplier.Context context) {
    return watermarks.createWatermarkGenerator(context);
  }

  @Override
  public TimestampAssigner<T> createTimestampAssigner(TimestampAssignerSupplier.Context context) {
    return assigner.createTimestampAssigner(context);
  }

  @Override
  public WatermarkAlignmentParams getAlignmentParameters() {
    return alignment;
  }
}
