package io.millrace.api.operator;

import io.millrace.api.eventtime.TimestampAssigner;
import io.millrace.api.eventtime.WatermarkGenerator;
import io.millrace.api.eventtime.WatermarkOutput;
import io.millrace.api.eventtime.WatermarkStrategy;

/**
 * Gives records their event time and makes watermarks; those from upstream end here, except the
 * last.
 */
final class TimestampsOperator<T> implements Operator<T, T>, WatermarkOutput {
  static final long PERIOD_MILLIS = 200;

  private final WatermarkStrategy<T> strategy;
  private TimestampAssigner<T> assigner;
  private WatermarkGenerator<T> generator;
  private OperatorContext context;
  private Output<T> output;

  private long highest = Timestamps.MIN_WATERMARK;
  private long nextEmitMillis;

  private long idleTimeoutMillis;
  private long lastRecordMillis;
  private boolean inputIdle;
  private boolean timedOut;
  private boolean markedIdle;
  private boolean announcedIdle;

  TimestampsOperator(WatermarkStrategy<T> strategy) {
    this.strategy = strategy;
  }

  @Override
  public void open(OperatorContext context, Output<T> output) {
    this.context = context;
    this.output = output;
    assigner = strategy.createTimestampAssigner();
    generator = strategy.createWatermarkGenerator();
    idleTimeoutMillis = strategy.idleness().toMillis();
    lastRecordMillis = context.monotonicMillis();
    nextEmitMillis = context.monotonicMillis() + PERIOD_MILLIS;
  }

  @Override
  public void process(T value, long timestamp) {
    long assigned = assigner.extractTimestamp(value, timestamp);
    if (idleTimeoutMillis > 0) {
      lastRecordMillis = context.monotonicMillis();
      timedOut = false;
      announceIdle();
    }
    output.collect(value, assigned);
    if (assigned != Timestamps.NONE) {
      generator.onEvent(value, assigned, this);
    }
  }

  @Override
  public void watermark(long watermark, Output<T> output) {
    if (watermark == Timestamps.MAX_WATERMARK) {
      nextEmitMillis = Long.MAX_VALUE;
      emitWatermark(watermark);
    }
  }

  @Override
  public void idle(boolean idle, Output<T> output) {
    inputIdle = idle;
    announceIdle();
  }

  @Override
  public long nextWakeMillis() {
    return nextEmitMillis;
  }

  @Override
  public void wake(long monotonicMillis) {
    if (monotonicMillis < nextEmitMillis) {
      return;
    }
    nextEmitMillis = monotonicMillis + PERIOD_MILLIS;
    generator.onPeriodicEmit(this);
    if (idleTimeoutMillis > 0 && monotonicMillis - lastRecordMillis >= idleTimeoutMillis) {
      timedOut = true;
      announceIdle();
    }
  }

  @Override
  public void emitWatermark(long timestampMillis) {
    markActive();
    if (timestampMillis > highest) {
      highest = timestampMillis;
      output.watermark(timestampMillis);
    }
  }

  @Override
  public void markIdle() {
    markedIdle = true;
    announceIdle();
  }

  @Override
  public void markActive() {
    if (markedIdle) {
      markedIdle = false;
      announceIdle();
    }
  }

  private void announceIdle() {
    boolean now = inputIdle || timedOut || markedIdle;
    if (now != announcedIdle) {
      announcedIdle = now;
      output.idle(now);
    }
  }
}
