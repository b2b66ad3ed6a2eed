package io.millrace.api.operator;

import io.millrace.api.eventtime.TimestampAssigner;
import io.millrace.api.eventtime.TimestampAssignerSupplier;
import io.millrace.api.eventtime.WatermarkStrategy;

/**
 * Gives records their event time and makes watermarks; those from upstream end here, except the
 * last, and so does what upstream says of idleness: the strategy alone knows when to go on without
 * an input.
 */
final class TimestampsOperator<T> implements Operator<T, T>, Progression.Listener {
  private final WatermarkStrategy<T> strategy;
  private TimestampAssigner<T> assigner;
  private Progression<T> progression;
  private Ticks ticks;
  private Output<T> output;
  private boolean announcedIdle;

  TimestampsOperator(WatermarkStrategy<T> strategy) {
    this.strategy = strategy;
  }

  @Override
  public void open(OperatorContext context, Output<T> output) {
    this.output = output;
    assigner = strategy.createTimestampAssigner(new TimestampAssignerSupplier.Context());
    progression = new Progression<>(strategy, this);
    ticks = new Ticks(context.monotonicMillis(), context.settings());
  }

  @Override
  public void process(T value, long timestamp) {
    long assigned = assigner.extractTimestamp(value, timestamp);
    progression.active();
    output.collect(value, assigned);
    progression.onEvent(value, assigned);
  }

  @Override
  public void watermark(long watermark, Output<T> output) {
    if (watermark == Timestamps.MAX_WATERMARK) {
      ticks.stop();
      progression.emitWatermark(watermark);
    }
  }

  @Override
  public void idle(boolean idle, Output<T> output) {}

  @Override
  public long nextWakeMillis() {
    return ticks.nextMillis();
  }

  @Override
  public void wake(long monotonicMillis) {
    if (ticks.due(monotonicMillis)) {
      progression.tick(ticks.elapsedMillis(monotonicMillis));
    }
  }

  @Override
  public void advanced(long before, long watermark) {
    output.watermark(watermark);
    if (announcedIdle) {
      output.idle(true); // a watermark says the contrary, and nobody may wait for the next one
    }
  }

  @Override
  public void idleChanged() {
    boolean now = progression.idle();
    if (now != announcedIdle) {
      announcedIdle = now;
      output.idle(now);
    }
  }
}
