package io.millrace.api.function;

import java.io.Serializable;

/**
 * Joins many values into one result by way of an accumulator, which may be of a type of its own: a
 * mean, say, is kept as a sum and a count.
 *
 * @param <IN> values that are added
 * @param <ACC> what is kept between two values; needs a serializer
 * @param <OUT> the result
 */
public interface AggregateFunction<IN, ACC, OUT> extends Serializable {
  /** A new accumulator that holds no value yet; never null. */
  ACC createAccumulator();

  /**
   * Adds one value. May change and return the accumulator it was given.
   *
   * @return the accumulator to go on with, never null
   */
  ACC add(IN value, ACC accumulator);

  /** The result for what has been added so far. Leaves the accumulator as it is. */
  OUT getResult(ACC accumulator);

  /**
   * Joins two accumulators, as when two sessions become one, a window that overlaps others is put
   * together of what it shares with them, or records were combined before they were sent. May
   * change and return either; neither is used again. The result holds what both held: of the first
   * records of a subtask the windows make sure that it does not hold one of them only, for which
   * they call the methods of this function a few times more.
   *
   * @throws UnsupportedOperationException if it is not there: each window is then computed by
   *     itself
   */
  ACC merge(ACC left, ACC right);
}
