package io.millrace.api.function;

import java.io.Serializable;

/**
 * Makes the record of a position in a generated sequence. Deterministic: after a failure the same
 * positions are asked for again.
 */
@FunctionalInterface
public interface GeneratorFunction<T> extends Serializable {
  /**
   * @param index from 0
   */
  T generate(long index) throws Exception;
}
