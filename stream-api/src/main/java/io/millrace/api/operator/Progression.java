package io.millrace.api.operator;

import io.millrace.api.eventtime.WatermarkGenerator;
import io.millrace.api.eventtime.WatermarkGeneratorSupplier;
import io.millrace.api.eventtime.WatermarkOutput;
import io.millrace.api.eventtime.WatermarkStrategy;

/** How far one generator says that event time has come, and whether anybody should wait for it. */
final class Progression<T> implements WatermarkOutput {
  private final WatermarkGenerator<T> generator;
  private final long idleTimeoutMillis;
  private final Listener listener;

  private long watermark = Timestamps.MIN_WATERMARK;
  private boolean recordSinceTick;
  private long quietMillis;
  private boolean timedOut;
  private boolean markedIdle;

  /** Told of each change. */
  interface Listener {
    void advanced(long before, long watermark);

    void idleChanged();
  }

  Progression(WatermarkStrategy<T> strategy, Listener listener) {
    this.generator = strategy.createWatermarkGenerator(new WatermarkGeneratorSupplier.Context());
    this.idleTimeoutMillis = strategy.idleness().toMillis();
    this.listener = listener;
  }

  /** A record is about to be emitted. */
  void active() {
    recordSinceTick = true;
    if (timedOut) {
      timedOut = false;
      listener.idleChanged();
    }
  }

  /** The record has been emitted. */
  void onEvent(T value, long timestampMillis) {
    generator.onEvent(value, timestampMillis, this);
  }

  /**
   * A period is over.
   *
   * @param elapsedMillis in which records could have come
   */
  void tick(long elapsedMillis) {
    quietMillis = recordSinceTick ? 0 : quietMillis + elapsedMillis;
    recordSinceTick = false;
    if (idleTimeoutMillis == 0 || quietMillis < idleTimeoutMillis) {
      generator.onPeriodicEmit(this);
    } else if (!timedOut) {
      timedOut = true;
      listener.idleChanged();
    }
  }

  long watermark() {
    return watermark;
  }

  boolean idle() {
    return timedOut || markedIdle;
  }

  @Override
  public void emitWatermark(long timestampMillis) {
    markActive();
    if (timestampMillis > watermark) {
      long before = watermark;
      watermark = timestampMillis;
      listener.advanced(before, timestampMillis);
    }
  }

  @Override
  public void markIdle() {
    if (!markedIdle) {
      markedIdle = true;
      listener.idleChanged();
    }
  }

  @Override
  public void markActive() {
    if (markedIdle) {
      markedIdle = false;
      listener.idleChanged();
    }
  }
}
