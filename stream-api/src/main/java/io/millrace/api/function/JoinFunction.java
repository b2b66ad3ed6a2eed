package io.millrace.api.function;

import java.io.Serializable;

/**
 * Makes one record of a pair of a window.
 *
 * <p>Both records are its own: it may change, keep and emit them. A record that is in several
 * pairs, or in a window that fires again, comes as a copy each time.
 */
@FunctionalInterface
public interface JoinFunction<IN1, IN2, OUT> extends Serializable {
  /**
   * Called for each pair.
   *
   * @param first of the stream that {@code join} was called on; never {@code null}
   * @param second of the other one; never {@code null}
   * @return is emitted, with the highest timestamp of the window; {@code null} too, as a record
   *     like any other. A {@link FlatJoinFunction} may emit nothing.
   */
  OUT join(IN1 first, IN2 second) throws Exception;
}
