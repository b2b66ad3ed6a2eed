package io.millrace.api.accumulator;

import java.io.Serializable;

/**
 * Adds values up in each subtask; all that have the same name are merged into one result. What has
 * been added is part of checkpoints, so after a failure nothing is missing and nothing counts
 * twice: the result of a finished job is that of one faultless execution.
 *
 * <p>An accumulator needs a constructor without parameters, or is a class that state could be of.
 *
 * @param <V> what is added
 * @param <R> the result
 */
public interface Accumulator<V, R extends Serializable> extends Serializable, Cloneable {
  void add(V value);

  /** What it comes to so far in this subtask. */
  R getLocalValue();

  /** Begins anew. */
  void resetLocal();

  /** Takes in what another subtask has. */
  void merge(Accumulator<V, R> other);

  /** A copy that shares nothing that may change. */
  Accumulator<V, R> clone();
}
