package io.millrace.api.function;

import java.io.Serializable;

/** Makes one record of a pair, which it may change or keep: no other call gets the same two. */
@FunctionalInterface
public interface JoinFunction<IN1, IN2, OUT> extends Serializable {
  OUT join(IN1 first, IN2 second) throws Exception;
}
