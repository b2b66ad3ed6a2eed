package io.millrace.api.function;

import java.io.Serializable;

/**
 * Makes any number of records of a pair of a window.
 *
 * <p>Both records are its own: it may change, keep and emit them. A record that is in several
 * pairs, or in a window that fires again, comes as a copy each time.
 */
@FunctionalInterface
public interface FlatJoinFunction<IN1, IN2, OUT> extends Serializable {
  /**
   * Called for each pair.
   *
   * @param first of the stream that {@code join} was called on; never {@code null}
   * @param second of the other one; never {@code null}
   * @param out takes what is emitted with the highest timestamp of the window, also {@code null} as
   *     a record like any other
   */
  void join(IN1 first, IN2 second, Collector<OUT> out) throws Exception;
}
