package io.millrace.api.function;

import java.io.Serializable;

/** Tells which records stay. */
@FunctionalInterface
public interface FilterFunction<T> extends Serializable {
  /** Whether the record stays. */
  boolean filter(T value) throws Exception;
}
