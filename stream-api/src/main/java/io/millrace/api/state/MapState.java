package io.millrace.api.state;

import java.util.Iterator;
import java.util.Map;

/**
 * A map per key; entries come in the order of their first insertion. Keys are found as by {@code
 * equals}; one that was handed in may be changed afterwards, one that was read must not be. A
 * mutable value that was read may be changed only if it is put again before the function returns.
 * With a time to live each entry has its own, which {@link #get}, {@link #contains} and whatever
 * shows entries begin anew if reading does ({@link StateTtlConfig.UpdateType#OnReadAndWrite}), but
 * {@link #isEmpty} does not.
 */
public interface MapState<K, V> extends State {
  /** The value, {@code null} if there is none, or if it is {@code null}. */
  V get(K key);

  /**
   * Sets the value of a key; one that was there before is replaced where it stands.
   *
   * @param value may be {@code null}, and the map contains the key none the less
   */
  void put(K key, V value);

  /** Like {@link #put} for each of the entries. */
  void putAll(Map<K, V> entries);

  /** Does nothing if there is no such key. */
  void remove(K key);

  /** Whether there is an entry, its value may be {@code null}. */
  boolean contains(K key);

  /** Whether there is no entry. */
  boolean isEmpty();

  /**
   * In the order of their first insertion. The iterator's {@code remove} and the entries' {@code
   * setValue} change the map; nobody else may while they are looked at, which {@link #iterator}
   * allows.
   */
  Iterable<Map.Entry<K, V>> entries();

  /** Like {@link #entries}; the iterator may remove. */
  Iterable<K> keys();

  /** Like {@link #entries}; the iterator may remove. */
  Iterable<V> values();

  /**
   * The entries as they are now, copied, in the order of their first insertion. Its {@code remove}
   * and its entries' {@code setValue} change the map; so may anybody while it is used.
   */
  default Iterator<Map.Entry<K, V>> iterator() {
    return new LiveEntries<>(entries(), this::put, this::remove).copied();
  }
}
