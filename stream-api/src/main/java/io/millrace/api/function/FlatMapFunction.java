package io.millrace.api.function;

import java.io.Serializable;

/** One record in, any number of records out. */
@FunctionalInterface
public interface FlatMapFunction<T, O> extends Serializable {
  void flatMap(T value, Collector<O> out) throws Exception;
}
