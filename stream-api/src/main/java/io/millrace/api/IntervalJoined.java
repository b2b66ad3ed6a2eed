package io.millrace.api;

import io.millrace.api.function.KeySelector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.operator.join.IntervalJoin;
import io.millrace.api.operator.join.Sided;
import io.millrace.api.type.TypeExtractor;
import io.millrace.api.type.TypeInformation;
import java.time.Duration;
import java.util.List;

/**
 * Two keyed streams whose records are joined if their event times are near each other. A setter
 * changes this object and returns it.
 *
 * @param <T1> records of the left stream
 * @param <T2> records of the right stream
 * @param <K> keys
 */
public final class IntervalJoined<T1, T2, K> {
  private final KeyedStream<T1, K> left;
  private final KeyedStream<T2, K> right;
  private final long lower;
  private final long upper;
  private boolean lowerExclusive;
  private boolean upperExclusive;
  private OutputTag<T1> leftLate;
  private OutputTag<T2> rightLate;

  private IntervalJoined(
      KeyedStream<T1, K> left, KeyedStream<T2, K> right, long lower, long upper) {
    this.left = left;
    this.right = right;
    this.lower = lower;
    this.upper = upper;
  }

  /** Wants to know the bounds. */
  public static final class Bounds<T1, T2, K> {
    private final KeyedStream<T1, K> left;
    private final KeyedStream<T2, K> right;

    Bounds(KeyedStream<T1, K> left, KeyedStream<T2, K> right) {
      this.left = left;
      this.right = right;
    }

    /**
     * Joins a record of the left at time t with those of the right from t + lower to t + upper,
     * both included. Each record is kept in state until the watermark has passed the last time at
     * which a partner could come.
     *
     * @param lower negative for partners that are older, at most 2^60 ms away, to the millisecond
     * @param upper like {@code lower}, not less than it
     * @throws IllegalArgumentException if lower is more than upper, or one lies farther away
     * @throws ArithmeticException if one of them is no number of milliseconds in 64 bits
     */
    public IntervalJoined<T1, T2, K> between(Duration lower, Duration upper) {
      IntervalJoin.checkBounds(lower.toMillis(), upper.toMillis());
      return new IntervalJoined<>(left, right, lower.toMillis(), upper.toMillis());
    }
  }

  /** Without those at the lower bound itself. */
  public IntervalJoined<T1, T2, K> lowerBoundExclusive() {
    lowerExclusive = true;
    return this;
  }

  /** Without those at the upper bound itself. */
  public IntervalJoined<T1, T2, K> upperBoundExclusive() {
    upperExclusive = true;
    return this;
  }

  /** Where records of the left go that come behind the watermark; else they are dropped. */
  public IntervalJoined<T1, T2, K> sideOutputLeftLateData(OutputTag<T1> tag) {
    leftLate = tag;
    return this;
  }

  /** Where records of the right go that come behind the watermark; else they are dropped. */
  public IntervalJoined<T1, T2, K> sideOutputRightLateData(OutputTag<T2> tag) {
    rightLate = tag;
    return this;
  }

  /** Gives each pair to a function; there is none if excluded bounds leave no time between them. */
  @SuppressWarnings("unchecked") // keyBy has made the taps with K
  public <O> SingleOutputStreamOperator<O> process(ProcessJoinFunction<T1, T2, O> function) {
    var factory =
        new IntervalJoin<>(
            function,
            lowerExclusive ? lower + 1 : lower,
            upperExclusive ? upper - 1 : upper,
            left.getType(),
            right.getType(),
            leftLate,
            rightLate);
    KeyedStream<Sided<T1, T2>, K> both =
        SidedStream.keyed(
            new DataStream<>(left.environment, left.unkeyed()),
            new DataStream<>(right.environment, right.unkeyed()),
            (KeySelector<T1, K>) left.taps.get(0).key(),
            (KeySelector<T2, K>) right.taps.get(0).key(),
            left.getKeyType());
    SingleOutputStreamOperator<O> joined =
        both.operator(
            "interval-join",
            "Interval join",
            function,
            () -> factory,
            TypeExtractor.outputOf(function, ProcessJoinFunction.class, 2));
    joined.node().states = List.of(IntervalJoin.WAITING, IntervalJoin.LEFT, IntervalJoin.RIGHT);
    return joined;
  }

  /** Like {@link #process(ProcessJoinFunction)} with the type of the results declared. */
  public <O> SingleOutputStreamOperator<O> process(
      ProcessJoinFunction<T1, T2, O> function, TypeInformation<O> type) {
    return process(function).returns(type);
  }
}
