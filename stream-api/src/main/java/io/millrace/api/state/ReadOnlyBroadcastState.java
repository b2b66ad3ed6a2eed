package io.millrace.api.state;

import java.util.Map;

/** A map that is the same in every subtask, to be looked at only. */
public interface ReadOnlyBroadcastState<K, V> extends State {
  /** The value, {@code null} if there is none. */
  V get(K key);

  boolean contains(K key);

  /**
   * In the order of their first insertion; neither the entries nor what they hold may be changed.
   */
  Iterable<Map.Entry<K, V>> immutableEntries();
}
