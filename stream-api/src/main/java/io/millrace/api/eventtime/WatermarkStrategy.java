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
    return new ComposedStrategy<>(this, supplier, idleness(), getAlignmentParameters());
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
    return new ComposedStrategy<>(this, this, timeout, getAlignmentParameters());
  }

  /** Like {@link #withWatermarkAlignment(String, Duration, Duration)} with an interval of 1 s. */
  default WatermarkStrategy<T> withWatermarkAlignment(
      String watermarkGroup, Duration maxAllowedWatermarkDrift) {
    return withWatermarkAlignment(
        watermarkGroup, maxAllowedWatermarkDrift, WatermarkAlignmentParams.DEFAULT_INTERVAL);
  }

  /**
   * The same, but a split whose watermark is too far ahead of the lowest one of a group of sources
   * is not read until that has come nearer. Only for sources: {@code fromSource} takes such a
   * strategy, {@code assignTimestampsAndWatermarks} refuses it. Whoever is idle, has no split or
   * has ended keeps nobody waiting; whoever has no watermark yet does.
   *
   * @param watermarkGroup the sources of the job that name the same group wait for each other; 1 to
   *     200 characters
   * @param maxAllowedWatermarkDrift how far ahead a watermark may be, at least 0; what a reader
   *     emits in one call comes on top
   * @param updateInterval how often a reader says how far it has come and learns how far its group
   *     has, at least 1 ms; in one interval a source advances by the drift at most
   */
  default WatermarkStrategy<T> withWatermarkAlignment(
      String watermarkGroup, Duration maxAllowedWatermarkDrift, Duration updateInterval) {
    return new ComposedStrategy<>(
        this,
        this,
        idleness(),
        WatermarkAlignmentParams.of(watermarkGroup, maxAllowedWatermarkDrift, updateInterval));
  }

  /** Whose watermarks to wait for; nobody's by default. */
  default WatermarkAlignmentParams getAlignmentParameters() {
    return WatermarkAlignmentParams.WATERMARK_ALIGNMENT_DISABLED;
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
