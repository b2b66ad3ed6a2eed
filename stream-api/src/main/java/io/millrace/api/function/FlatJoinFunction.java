package io.millrace.api.function;

import java.io.Serializable;

/** Makes any number of records of a pair. */
@FunctionalInterface
public interface FlatJoinFunction<IN1, IN2, OUT> extends Serializable {
  void join(IN1 first, IN2 second, Collector<OUT> out) throws Exception;
}
