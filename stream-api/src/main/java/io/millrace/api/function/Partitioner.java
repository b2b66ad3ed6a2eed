package io.millrace.api.function;

import java.io.Serializable;

/** Chooses the subtask that a record goes to. */
@FunctionalInterface
public interface Partitioner<K> extends Serializable {
  /**
   * @param numPartitions subtasks of the next operator
   * @return the index of one of them, 0 to {@code numPartitions - 1}
   */
  int partition(K key, int numPartitions) throws Exception;

  /** By what the selector finds in a record. */
  static <T, K> Partitioner<T> of(Partitioner<K> partitioner, KeySelector<T, K> key) {
    return new ByKey<>(partitioner, key);
  }
}
