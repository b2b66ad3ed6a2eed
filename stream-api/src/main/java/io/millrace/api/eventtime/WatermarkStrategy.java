package io.millrace.api.eventtime;

import java.time.Duration;

/**
 * How event time is found in a stream: timestamps of its records, and its watermarks. Given to a
 * source, each split has a generator of its own and the lowest watermark counts; given to {@code
 * assignTimestampsAndWatermarks}, each subtask has one.
 */
@FunctionalInterface
public interface WatermarkStrategy<T>
    extends TimestampAssignerSupplier<T>, WatermarkGeneratorSupplier<T> {
  /** A new generator for one split or subtask. */
  @Override
  WatermarkGenerator<T> createWatermarkGenerator(WatermarkGeneratorSupplier.Context context);

  /** By default a record keeps the timestamp that it has. */
  @Override
  default TimestampAssigner<T> createTimestampAssigner(TimestampAssignerSupplier.Context context) {
    return (value, recordTimestamp) -> recordTimestamp;
  }

  /**
   * How long a split or subtask without records holds back the watermark of others; zero (the
   * default) means for ever.
   */
  default Duration idleness() {
    return Duration.ZERO;
  }

  /** Whether timestamps and watermarks stay as they come. */
  default boolean leavesTimeAlone() {
    return false;
  }

  /** The same watermarks over timestamps found by the assigner. */
  default WatermarkStrategy<T> withTimestampAssigner(TimestampAssigner<T> assigner) {
    return withTimestampAssigner(context -> assigner);
  }

  /** The same watermarks over timestamps found by what the supplier makes for each subtask. */
  default WatermarkStrategy<T> withTimestampAssigner(TimestampAssignerSupplier<T> supplier) {
    return new ComposedStrategy<>(this, supplier, idleness());
  }

  /**
   * The same, but a split or subtask that has had no record for this long does not hold back the
   * watermark of others until it has one again. Time in which it could not have gone on, because
   * consumers were slow, does not count.
   *
   * @param timeout more than zero
   */
  default WatermarkStrategy<T> withIdleness(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("the idle timeout must be more than 0, found " + timeout);
    }
    return new ComposedStrategy<>(this, this, timeout);
  }

  /** Timestamps never fall within a split. */
  static <T> WatermarkStrategy<T> forMonotonousTimestamps() {
    return context -> new AscendingTimestampsWatermarks<>();
  }

  /** A record comes at most this much later than one with a higher timestamp. */
  static <T> WatermarkStrategy<T> forBoundedOutOfOrderness(Duration bound) {
    new BoundedOutOfOrdernessWatermarks<T>(bound); // refuses here what it would refuse there
    return context -> new BoundedOutOfOrdernessWatermarks<>(bound);
  }

  /**
   * Watermarks of a generator of one's own: record by record in {@link WatermarkGenerator#onEvent},
   * or every 200 ms in {@link WatermarkGenerator#onPeriodicEmit}.
   */
  static <T> WatermarkStrategy<T> forGenerator(WatermarkGeneratorSupplier<T> supplier) {
    return supplier::createWatermarkGenerator;
  }

  /** No watermarks until the end of the input. */
  static <T> WatermarkStrategy<T> noWatermarks() {
    return new NoWatermarks.Strategy<>();
  }
}
