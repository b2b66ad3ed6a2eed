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
   * Joins two accumulators, as when two sessions become one. May change and return either; neither
   * is used again.
   */
  ACC merge(ACC left, ACC right);
}
