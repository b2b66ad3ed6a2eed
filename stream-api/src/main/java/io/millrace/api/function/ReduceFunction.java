package io.millrace.api.function;

import java.io.Serializable;

/** Joins two records into one; should be associative. May change and return its first argument. */
@FunctionalInterface
public interface ReduceFunction<T> extends Serializable {
  T reduce(T accumulated, T value) throws Exception;
}
