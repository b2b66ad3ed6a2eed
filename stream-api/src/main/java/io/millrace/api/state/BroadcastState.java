package io.millrace.api.state;

import java.util.Map;

/**
 * A map that every subtask keeps for itself and that must be the same in all of them: each subtask
 * makes the same changes in the same order. After a restore each has one copy.
 */
public interface BroadcastState<K, V> extends ReadOnlyBroadcastState<K, V> {
  void put(K key, V value);

  void putAll(Map<K, V> entries);

  void remove(K key);

  /** In the order of their first insertion; not to be changed while they are looked at. */
  Iterable<Map.Entry<K, V>> entries();
}
