package io.millrace.api.function;

import java.io.Serializable;

/** Finds the key of a record; deterministic. */
@FunctionalInterface
public interface KeySelector<T, K> extends Serializable {
  K getKey(T value) throws Exception;
}
