package io.millrace.runtime.state;

import io.millrace.api.state.MapState;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Function;

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
  @SuppressWarnings("unchecked")
  public Iterable<Map.Entry<K, V>> entries() {
    return each(entry -> (Map.Entry<K, V>) entry);
  }

  @Override
  @SuppressWarnings("unchecked")
  public Iterable<K> keys() {
    return each(entry -> (K) entry.getKey());
  }

  @Override
  @SuppressWarnings("unchecked")
  public Iterable<V> values() {
    return each(entry -> (V) entry.getValue());
  }

  private <T> Iterable<T> each(Function<Map.Entry<?, ?>, T> part) {
    Iterable<Map.Entry<Object, Object>> all = cell().all();
    return () -> new Parts<>(all.iterator(), part);
  }

  private record Parts<T>(
      Iterator<Map.Entry<Object, Object>> rest, Function<Map.Entry<?, ?>, T> part)
      implements Iterator<T> {
    @Override
    public boolean hasNext() {
      return rest.hasNext();
    }

    @Override
    public T next() {
      return part.apply(rest.next());
    }
  }

  @Override
  public void clear() {
    cell().clear();
  }

  private MapCell cell() {
    return (MapCell) store.cell(table);
  }
}
