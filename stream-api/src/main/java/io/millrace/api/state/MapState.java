package io.millrace.api.state;

import java.util.Map;

/** A map per key; entries come in the order of their first insertion. */
public interface MapState<K, V> extends State {
  /** The value, {@code null} if there is none. */
  V get(K key);

  void put(K key, V value);

  void putAll(Map<K, V> entries);

  void remove(K key);

  boolean contains(K key);

  boolean isEmpty();

  Iterable<Map.Entry<K, V>> entries();

  Iterable<K> keys();

  Iterable<V> values();
}
