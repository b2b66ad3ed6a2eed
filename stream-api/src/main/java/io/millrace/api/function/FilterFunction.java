package io.millrace.api.function;

import java.io.Serializable;

/**
 * Tells which records stay. It must not change them: other consumers of the stream may see the same
 * objects.
 */
@FunctionalInterface
public interface FilterFunction<T> extends Serializable {
  /** Whether the record stays. */
  boolean filter(T value) throws Exception;
}
