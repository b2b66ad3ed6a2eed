package io.millrace.api.function;

import java.io.Serializable;

/** Makes one record of a pair, which it may change or keep: no other call gets the same two. */
@FunctionalInterface
public interface JoinFunction<IN1, IN2, OUT> extends Serializable {
  /**
   * Called for each pair.
   *
   * @param first of the stream that {@code join} was called on; never {@code null}
   * @param second of the other one; never {@code null}
   * @return is emitted
   */
  OUT join(IN1 first, IN2 second) throws Exception;
}
