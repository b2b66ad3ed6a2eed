package io.millrace.api.eventtime;

import java.io.Serializable;
import java.time.Duration;

/** How event time is found in a stream: timestamps of its records, and its watermarks. */
public interface WatermarkStrategy<T> extends Serializable {
  /** A new generator for one subtask. */
  WatermarkGenerator<T> createWatermarkGenerator();

  /** By default a record keeps the timestamp that it has. */
  default TimestampAssigner<T> createTimestampAssigner() {
    return (value, recordTimestamp) -> recordTimestamp;
  }

  /**
   * How long a subtask without records holds back the watermark of others; zero (the default) means
   * for ever.
   */
  default Duration idleness() {
    return Duration.ZERO;
  }

  /** Whether timestamps and watermarks stay as they come; then no operator is needed. */
  default boolean leavesTimeAlone() {
    return false;
  }

  /** The same watermarks over timestamps found by the assigner. */
  default WatermarkStrategy<T> withTimestampAssigner(TimestampAssigner<T> assigner) {
    return new ComposedStrategy<>(this, assigner, idleness());
  }

  /**
   * The same, but a subtask that has seen no record for this long does not hold back the watermark
   * of others until it sees one again.
   *
   * @param timeout more than zero
   */
  default WatermarkStrategy<T> withIdleness(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("the idle timeout must be more than 0, found " + timeout);
    }
    return new ComposedStrategy<>(this, createTimestampAssigner(), timeout);
  }

  /** Timestamps never fall within a subtask of the source. */
  static <T> WatermarkStrategy<T> forMonotonousTimestamps() {
    return forBoundedOutOfOrderness(Duration.ZERO);
  }

  /** A record comes at most this much later than one with a higher timestamp. */
  static <T> WatermarkStrategy<T> forBoundedOutOfOrderness(Duration bound) {
    if (bound.isNegative()) {
      throw new IllegalArgumentException("the bound must be at least 0, found " + bound);
    }
    return () -> new BoundedOutOfOrderness<>(bound.toMillis());
  }

  /**
   * Watermarks of a generator of one's own: record by record in {@link WatermarkGenerator#onEvent},
   * or every 200 ms in {@link WatermarkGenerator#onPeriodicEmit}.
   */
  static <T> WatermarkStrategy<T> forGenerator(WatermarkGeneratorSupplier<T> supplier) {
    return () -> supplier.createWatermarkGenerator(new WatermarkGeneratorSupplier.Context());
  }

  /** No watermarks until the end of the input. */
  static <T> WatermarkStrategy<T> noWatermarks() {
    return new NoWatermarks.Strategy<>();
  }
}
