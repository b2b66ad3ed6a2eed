package io.millrace.api.state;

import java.util.Iterator;
import java.util.Map;

/**
 * A map that every subtask keeps for itself and that must be the same in all of them: each subtask
 * makes the same changes in the same order. After a restore each has one copy.
 */
public interface BroadcastState<K, V> extends ReadOnlyBroadcastState<K, V> {
  void put(K key, V value);

  void putAll(Map<K, V> entries);

  void remove(K key);

  /**
   * In the order of their first insertion. The iterator's {@code remove} and the entries' {@code
   * setValue} change the map; nobody else may while they are looked at.
   */
  Iterable<Map.Entry<K, V>> entries();

  /**
   * The entries as they are now, copied, in the order of their first insertion. Its {@code remove}
   * and its entries' {@code setValue} change the map; so may anybody while it is used.
   */
  default Iterator<Map.Entry<K, V>> iterator() {
    return new LiveEntries<>(entries(), this::put, this::remove).copied();
  }
}
