package io.millrace.api.state;

import java.util.Iterator;
import java.util.Map;

/** A map per key; entries come in the order of their first insertion. */
public interface MapState<K, V> extends State {
  /** The value, {@code null} if there is none. */
  V get(K key);

  /** Sets the value of a key; one that was there before is replaced where it stands. */
  void put(K key, V value);

  /** Like {@link #put} for each of the entries. */
  void putAll(Map<K, V> entries);

  /** Does nothing if there is no such key. */
  void remove(K key);

  boolean contains(K key);

  boolean isEmpty();

  /** Not to be changed while they are looked at; {@link #iterator} allows that. */
  Iterable<Map.Entry<K, V>> entries();

  Iterable<K> keys();

  Iterable<V> values();

  /**
   * The entries as they are now, copied, in the order of their first insertion. Its {@code remove}
   * and its entries' {@code setValue} change the map; so may anybody while it is used.
   */
  default Iterator<Map.Entry<K, V>> iterator() {
    return new LiveEntries<>(entries(), this::put, this::remove);
  }
}
