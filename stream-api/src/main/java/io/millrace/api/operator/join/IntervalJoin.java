package io.millrace.api.operator.join;

import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.type.TypeInformation;
import java.util.Objects;

/**
 * Joins each record of the left with those of the right whose time is within bounds of its own.
 *
 * @param lowerMillis lowest time of the right minus that of the left, included
 * @param upperMillis highest time of the right minus that of the left, included; less than the
 *     lowest where no pair is near enough, as between bounds that are next to each other and both
 *     excluded
 * @param leftLate where late records of the left go; null: they are dropped and counted
 * @param rightLate where late records of the right go; null: they are dropped and counted
 */
public record IntervalJoin<L, R, O>(
    ProcessJoinFunction<L, R, O> function,
    long lowerMillis,
    long upperMillis,
    TypeInformation<L> leftType,
    TypeInformation<R> rightType,
    OutputTag<L> leftLate,
    OutputTag<R> rightLate)
    implements OperatorFactory<Sided<L, R>, O> {
  /** Name of the state that holds records of the left. */
  public static final String LEFT = "join/left";

  /** Name of the state that holds records of the right. */
  public static final String RIGHT = "join/right";

  /** Name of the state that tells which records there are. */
  public static final String WAITING = "join/waiting";

  /** Name of the state that says how far event time had come. */
  static final String EVENT_TIME = "join/event-time";

  /** Farthest that a bound may lie away: 36 million years, which no sum with a time overflows. */
  private static final long FARTHEST = 1L << 60;

  public IntervalJoin {
    Objects.requireNonNull(function, "function");
  }

  /**
   * Refuses bounds that no program can mean.
   *
   * @throws IllegalArgumentException if the lower one is more than the upper one, or one lies
   *     farther away than 2^60 ms
   */
  public static void checkBounds(long lowerMillis, long upperMillis) {
    if (Math.min(lowerMillis, upperMillis) < -FARTHEST
        || Math.max(lowerMillis, upperMillis) > FARTHEST) {
      throw new IllegalArgumentException(
          "the bounds of an interval join lie at most "
              + FARTHEST
              + " ms (36 million years) before and after a record, found "
              + lowerMillis
              + " ms to "
              + upperMillis
              + " ms; name the longest time after which a partner may come, for which all records"
              + " are kept");
    }
    if (lowerMillis > upperMillis) {
      throw new IllegalArgumentException(
          "the interval of a join is empty: from "
              + lowerMillis
              + " ms to "
              + upperMillis
              + " ms, both included");
    }
  }

  @Override
  public Operator<Sided<L, R>, O> create() {
    return new IntervalJoinOperator<>(this);
  }
}
