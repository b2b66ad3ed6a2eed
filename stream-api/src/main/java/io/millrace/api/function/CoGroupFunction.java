package io.millrace.api.function;

import java.io.Serializable;

/** Makes records of two groups with one key, either of which may be empty. */
@FunctionalInterface
public interface CoGroupFunction<IN1, IN2, OUT> extends Serializable {
  void coGroup(Iterable<IN1> first, Iterable<IN2> second, Collector<OUT> out) throws Exception;
}
