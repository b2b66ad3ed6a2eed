package io.millrace.api.state;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What a store shows of a map of state: what is removed or set while it is iterated happens to the
 * map, and the rest goes on as it was before.
 */
public final class LiveEntries<K, V> implements Iterable<Map.Entry<K, V>> {
  private final Iterable<Map.Entry<K, V>> entries;
  private final BiConsumer<K, V> put;
  private final Consumer<K> remove;

  /** Whether the entries stay as they are whatever becomes of the map. */
  private final boolean copies;

  /**
   * @param entries of the map as it is; they are copied as soon as it changes through this, so that
   *     nobody pays for it who only reads
   */
  public LiveEntries(Iterable<Map.Entry<K, V>> entries, BiConsumer<K, V> put, Consumer<K> remove) {
    this(entries, put, remove, false);
  }

  private LiveEntries(
      Iterable<Map.Entry<K, V>> entries, BiConsumer<K, V> put, Consumer<K> remove, boolean copies) {
    this.entries = entries;
    this.put = put;
    this.remove = remove;
    this.copies = copies;
  }

  /** Of entries that have been copied out of the map, and may be asked for one by one. */
  public static <K, V> LiveEntries<K, V> ofCopy(
      Iterable<Map.Entry<K, V>> entries, BiConsumer<K, V> put, Consumer<K> remove) {
    return new LiveEntries<>(entries, put, remove, true);
  }

  @Override
  public Iterator<Map.Entry<K, V>> iterator() {
    return new Parts<>(new Walk(), entry -> entry);
  }

  /** Without what is done to the map by others from now on. */
  Iterator<Map.Entry<K, V>> copied() {
    var walk = new Walk();
    walk.detach();
    return new Parts<>(walk, entry -> entry);
  }

  public Iterable<K> keys() {
    return () -> new Parts<>(new Walk(), Map.Entry::getKey);
  }

  public Iterable<V> values() {
    return () -> new Parts<>(new Walk(), Map.Entry::getValue);
  }

  /** One way through the entries, each time in another form. */
  private record Parts<K, V, T>(LiveEntries<K, V>.Walk walk, Function<Map.Entry<K, V>, T> part)
      implements Iterator<T> {
    @Override
    public boolean hasNext() {
      return walk.rest.hasNext();
    }

    @Override
    public T next() {
      return part.apply(walk.next());
    }

    @Override
    public void remove() {
      walk.remove();
    }
  }

  private final class Walk {
    private Iterator<Map.Entry<K, V>> rest = entries.iterator();
    private boolean detached = copies;

    /** What {@link #next} has given last; null if it was removed, or nothing was given. */
    private Live last;

    Map.Entry<K, V> next() {
      Map.Entry<K, V> next = rest.next();
      last = new Live(this, next.getKey(), next.getValue());
      return last;
    }

    void remove() {
      if (last == null) {
        throw new IllegalStateException("there is no entry to remove; call next() first");
      }
      detach();
      remove.accept(last.key);
      last = null;
    }

    /** What is iterated no longer minds that the map changes. */
    void detach() {
      if (!detached) {
        List<Map.Entry<K, V>> all = new ArrayList<>();
        rest.forEachRemaining(all::add);
        rest = all.iterator();
        detached = true;
      }
    }
  }

  private final class Live implements Map.Entry<K, V> {
    private final Walk walk;
    private final K key;
    private V value;

    Live(Walk walk, K key, V value) {
      this.walk = walk;
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
      walk.detach();
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
