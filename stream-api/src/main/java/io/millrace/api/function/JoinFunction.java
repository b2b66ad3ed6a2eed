package io.millrace.api.function;

import java.io.Serializable;

/** Makes one record of a pair. */
@FunctionalInterface
public interface JoinFunction<IN1, IN2, OUT> extends Serializable {
  OUT join(IN1 first, IN2 second) throws Exception;
}
