package io.millrace.api.function;

import java.io.Serializable;

/**
 * Joins two records into one; should be associative: which of several are joined first is not said.
 */
@FunctionalInterface
public interface ReduceFunction<T> extends Serializable {
  /**
   * Called with what has been joined so far and one more.
   *
   * @param accumulated may be changed and returned; never {@code null}
   * @param value is not to be changed, may be returned as it is; never {@code null}
   * @return not {@code null}
   */
  T reduce(T accumulated, T value) throws Exception;
}
