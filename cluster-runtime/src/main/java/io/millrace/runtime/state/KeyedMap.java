package io.millrace.runtime.state;

import io.millrace.api.state.LiveEntries;
import io.millrace.api.state.MapState;
import io.millrace.api.type.Serializer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The map of whichever key is current. */
final class KeyedMap<K, V> implements MapState<K, V> {
  private final HeapStateStore store;
  private final StateTable table;
  private final Serializer<Object> keys;
  private final Serializer<Object> values;

  KeyedMap(HeapStateStore store, StateTable table) {
    this.store = store;
    this.table = table;
    var kind = (StateKind.Mapped) table.kind();
    this.keys = kind.key();
    this.values = kind.value();
  }

  @Override
  public V get(K key) {
    Map<K, V> map = existing();
    if ((Object) map instanceof SharedMap shared && !values.immutable()) {
      shared.own(copy(key), values);
    }
    return map.get(key);
  }

  @Override
  public void put(K key, V value) {
    Map<K, V> map = current();
    if (map == null) {
      map = new LinkedHashMap<>();
      store.put(table, map);
    }
    // The caller may go on to change its key.
    map.put(keys.immutable() || map.containsKey(key) ? key : copy(key), value);
    if ((Object) map instanceof SharedMap shared) {
      shared.isOwn(copy(key));
    }
  }

  @SuppressWarnings("unchecked") // keys of K
  private K copy(K key) {
    return (K) keys.copy(key);
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
    return live(owned());
  }

  @Override
  public Iterable<K> keys() {
    return live(existing()).keys();
  }

  @Override
  public Iterable<V> values() {
    return live(owned()).values();
  }

  @Override
  public void clear() {
    store.remove(table);
  }

  private LiveEntries<K, V> live(Map<K, V> map) {
    return new LiveEntries<>(map.entrySet(), this::put, this::remove);
  }

  /** With values that may be changed. */
  private Map<K, V> owned() {
    Map<K, V> map = existing();
    if ((Object) map instanceof SharedMap shared && !values.immutable()) {
      shared.ownAll(values);
    }
    return map;
  }

  private Map<K, V> existing() {
    Map<K, V> map = current();
    return map == null ? Collections.emptyMap() : map; // which may be asked for null
  }

  /** This key's own map: the table has put a {@link SharedMap} in place of a writer's. */
  @SuppressWarnings("unchecked")
  private Map<K, V> current() {
    return (Map<K, V>) store.get(table);
  }
}
