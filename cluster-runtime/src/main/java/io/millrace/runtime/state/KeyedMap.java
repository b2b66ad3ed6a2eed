package io.millrace.runtime.state;

import io.millrace.api.state.MapState;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The map of whichever key is current. */
final class KeyedMap<K, V> implements MapState<K, V> {
  private final HeapStateStore store;
  private final StateTable table;

  KeyedMap(HeapStateStore store, StateTable table) {
    this.store = store;
    this.table = table;
  }

  @Override
  public V get(K key) {
    return existing().get(key);
  }

  @Override
  public void put(K key, V value) {
    Map<K, V> map = current();
    if (map == null) {
      map = new LinkedHashMap<>();
      store.put(table, map);
    }
    map.put(key, value);
  }

  @Override
  public void putAll(Map<K, V> entries) {
    entries.forEach(this::put);
  }

  @Override
  public void remove(K key) {
    Map<K, V> map = current();
    if (map != null) {
      map.remove(key);
      if (map.isEmpty()) {
        store.remove(table);
      }
    }
  }

  @Override
  public boolean contains(K key) {
    return existing().containsKey(key);
  }

  @Override
  public boolean isEmpty() {
    return existing().isEmpty();
  }

  @Override
  public Iterable<Map.Entry<K, V>> entries() {
    return Collections.unmodifiableMap(existing()).entrySet();
  }

  @Override
  public Iterable<K> keys() {
    return Collections.unmodifiableMap(existing()).keySet();
  }

  @Override
  public Iterable<V> values() {
    return Collections.unmodifiableMap(existing()).values();
  }

  @Override
  public void clear() {
    store.remove(table);
  }

  private Map<K, V> existing() {
    Map<K, V> map = current();
    return map == null ? Collections.emptyMap() : map; // which may be asked for null
  }

  /**
   * This key's own map: reading it through the table has copied it if a writer still needs the old
   * one.
   */
  @SuppressWarnings("unchecked")
  private Map<K, V> current() {
    return (Map<K, V>) store.get(table);
  }
}
