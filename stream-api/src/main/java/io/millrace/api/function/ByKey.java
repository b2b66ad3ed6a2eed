package io.millrace.api.function;

/** A record, so that an error can name the part that does not travel. */
record ByKey<T, K>(Partitioner<K> partitioner, KeySelector<T, K> key) implements Partitioner<T> {
  @Override
  public int partition(T value, int numPartitions) throws Exception {
    return partitioner.partition(key.getKey(value), numPartitions);
  }
}
