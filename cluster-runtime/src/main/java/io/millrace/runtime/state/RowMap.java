package io.millrace.runtime.state;

import io.millrace.api.state.LiveEntries;
import io.millrace.api.state.MapState;
import java.util.Map;

/** The map of whichever key is current, in a {@link RowStateStore}. */
record RowMap<K, V>(RowStateStore store, RowTable table) implements MapState<K, V> {
  @Override
  @SuppressWarnings("unchecked")
  public V get(K key) {
    return (V) cell().get(key);
  }

  @Override
  public void put(K key, V value) {
    cell().put(key, value);
  }

  @Override
  public void putAll(Map<K, V> entries) {
    entries.forEach(this::put);
  }

  @Override
  public void remove(K key) {
    cell().remove(key);
  }

  @Override
  public boolean contains(K key) {
    return cell().contains(key);
  }

  @Override
  public boolean isEmpty() {
    return cell().isEmpty();
  }

  @Override
  public Iterable<Map.Entry<K, V>> entries() {
    return live();
  }

  @Override
  public Iterable<K> keys() {
    return live().keys();
  }

  @Override
  public Iterable<V> values() {
    return live().values();
  }

  @SuppressWarnings("unchecked") // entries of K and V
  private LiveEntries<K, V> live() {
    Iterable<?> all = cell().all();
    return new LiveEntries<>((Iterable<Map.Entry<K, V>>) all, this::put, this::remove);
  }

  @Override
  public void clear() {
    cell().clear();
  }

  private MapCell cell() {
    return (MapCell) store.cell(table);
  }
}
