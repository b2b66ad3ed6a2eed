package io.millrace.api.state;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The entries of a map of state as they were when it was made, whatever happens to the map
 * meanwhile; what is removed or set here happens to the map too.
 */
final class LiveEntries<K, V> implements Iterator<Map.Entry<K, V>> {
  private final Iterator<Map.Entry<K, V>> rest;
  private final BiConsumer<K, V> put;
  private final Consumer<K> remove;

  /** What {@link #next} has given last; null if it was removed, or nothing was given. */
  private Live last;

  LiveEntries(Iterable<Map.Entry<K, V>> entries, BiConsumer<K, V> put, Consumer<K> remove) {
    List<Map.Entry<K, V>> all = new ArrayList<>();
    entries.forEach(all::add);
    this.rest = all.iterator();
    this.put = put;
    this.remove = remove;
  }

  @Override
  public boolean hasNext() {
    return rest.hasNext();
  }

  @Override
  public Map.Entry<K, V> next() {
    Map.Entry<K, V> next = rest.next();
    last = new Live(next.getKey(), next.getValue());
    return last;
  }

  @Override
  public void remove() {
    if (last == null) {
      throw new IllegalStateException("there is no entry to remove; call next() first");
    }
    remove.accept(last.key);
    last = null;
  }

  private final class Live implements Map.Entry<K, V> {
    private final K key;
    private V value;

    Live(K key, V value) {
      this.key = key;
      this.value = value;
    }

    @Override
    public K getKey() {
      return key;
    }

    @Override
    public V getValue() {
      return value;
    }

    @Override
    public V setValue(V newValue) {
      V before = value;
      put.accept(key, newValue);
      value = newValue;
      return before;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Map.Entry<?, ?> that
          && Objects.equals(key, that.getKey())
          && Objects.equals(value, that.getValue());
    }

    @Override
    public int hashCode() {
      return Objects.hashCode(key) ^ Objects.hashCode(value);
    }

    @Override
    public String toString() {
      return key + "=" + value;
    }
  }
}
