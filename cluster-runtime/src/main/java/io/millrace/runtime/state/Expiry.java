package io.millrace.runtime.state;

import io.millrace.api.state.ListState;
import io.millrace.api.state.LiveEntries;
import io.millrace.api.state.MapState;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueState;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * State whose parts expire, on top of state of {@link Timed} parts. Whoever uses it may wait
 * between two accesses, so each of them looks at the clock, once; and so does each part whose turn
 * comes while many are gone through.
 *
 * @param sweep called at each access with its time, to look for expired entries of other keys
 */
record Expiry(StateTtlConfig config, LongSupplier wallMillis, LongConsumer sweep) {
  <T> ValueState<T> over(ValueState<Timed> inner, Supplier<T> none) {
    return new Value<>(this, inner, none);
  }

  <T> ListState<T> over(ListState<Timed> inner) {
    return new Elements<>(this, inner);
  }

  <K, V> MapState<K, V> over(MapState<K, Timed> inner) {
    return new Entries<>(this, inner);
  }

  /** Begins an access; returns its time. */
  private long access() {
    long now = wallMillis.getAsLong();
    sweep.accept(now);
    return now;
  }

  private boolean expired(Timed timed, long now) {
    return timed.expired(config.timeToLive().toMillis(), now);
  }

  /** Whether a part that was to be shown is so still, now that its turn has come. */
  private boolean shows(Timed timed) {
    return showsExpired() || !expired(timed, wallMillis.getAsLong());
  }

  private boolean showsExpired() {
    return config.stateVisibility() == StateTtlConfig.StateVisibility.ReturnExpiredIfNotCleanedUp;
  }

  private boolean readRenews() {
    return config.updateType() == StateTtlConfig.UpdateType.OnReadAndWrite;
  }

  private record Value<T>(Expiry expiry, ValueState<Timed> inner, Supplier<T> none)
      implements ValueState<T> {
    @Override
    @SuppressWarnings("unchecked") // what update has put in
    public T value() {
      long now = expiry.access();
      Timed timed = inner.value();
      if (timed == null) {
        return none.get();
      }
      if (expiry.expired(timed, now)) {
        inner.clear();
        return expiry.showsExpired() ? (T) timed.value() : none.get();
      }
      if (expiry.readRenews()) {
        inner.update(new Timed(timed.value(), now));
      }
      return (T) timed.value();
    }

    @Override
    public void update(T value) {
      long now = expiry.access();
      inner.update(value == null ? null : new Timed(value, now));
    }

    @Override
    public void clear() {
      inner.clear();
    }
  }

  private record Elements<T>(Expiry expiry, ListState<Timed> inner) implements ListState<T> {
    @Override
    public void add(T value) {
      inner.add(timed(value, expiry.access()));
    }

    @Override
    public void addAll(List<T> values) {
      values.forEach(this::add);
    }

    @Override
    public void update(List<T> values) {
      long now = expiry.access();
      inner.update(values.stream().map(value -> timed(value, now)).toList());
    }

    private static Timed timed(Object value, long now) {
      return new Timed(Objects.requireNonNull(value, "a list state holds no null"), now);
    }

    @Override
    @SuppressWarnings("unchecked") // what add has put in
    public Iterable<T> get() {
      long now = expiry.access();
      var live = new ArrayList<Timed>();
      var shown = new ArrayList<Timed>();
      boolean expired = false;
      for (Timed each : inner.get()) {
        boolean gone = expiry.expired(each, now);
        expired |= gone;
        Timed timed = !gone && expiry.readRenews() ? new Timed(each.value(), now) : each;
        if (!gone) {
          live.add(timed);
        }
        if (!gone || expiry.showsExpired()) {
          shown.add(timed);
        }
      }
      if (expired || expiry.readRenews() && !live.isEmpty()) {
        inner.update(live);
      }
      return () -> new Turns<>(shown.iterator(), expiry::shows, timed -> (T) timed.value());
    }

    @Override
    public void clear() {
      inner.clear();
    }
  }

  private record Entries<K, V>(Expiry expiry, MapState<K, Timed> inner) implements MapState<K, V> {
    @Override
    @SuppressWarnings("unchecked") // what put has put in
    public V get(K key) {
      Timed timed = read(key);
      return timed == null ? null : (V) timed.value();
    }

    /** What may be shown of a key; {@code null} if that is nothing. */
    private Timed read(K key) {
      long now = expiry.access();
      Timed timed = inner.get(key);
      if (timed != null && expiry.expired(timed, now)) {
        inner.remove(key);
        return expiry.showsExpired() ? timed : null;
      }
      if (timed != null && expiry.readRenews()) {
        inner.put(key, new Timed(timed.value(), now));
      }
      return timed;
    }

    @Override
    public void put(K key, V value) {
      long now = expiry.access();
      Timed before = inner.get(key);
      if (before != null && expiry.expired(before, now)) {
        inner.remove(key); // or it would keep its place in the order, which a sweep takes from it
      }
      inner.put(key, new Timed(value, now));
    }

    @Override
    public void putAll(Map<K, V> entries) {
      entries.forEach(this::put);
    }

    @Override
    public void remove(K key) {
      inner.remove(key);
    }

    @Override
    public boolean contains(K key) {
      return read(key) != null;
    }

    /** Is about no entry in particular, so it renews none. */
    @Override
    public boolean isEmpty() {
      long now = expiry.access();
      var expired = new ArrayList<K>();
      boolean empty = true;
      for (Map.Entry<K, Timed> entry : inner.entries()) {
        if (expiry.showsExpired() || !expiry.expired(entry.getValue(), now)) {
          empty = false;
          break;
        }
        expired.add(entry.getKey());
      }
      expired.forEach(inner::remove);
      return empty;
    }

    @Override
    public Iterable<Map.Entry<K, V>> entries() {
      return shown();
    }

    @Override
    public Iterable<K> keys() {
      return shown().keys();
    }

    @Override
    public Iterable<V> values() {
      return shown().values();
    }

    /** As copied as by default, but for what expires before its turn. */
    @Override
    public Iterator<Map.Entry<K, V>> iterator() {
      return shown().iterator();
    }

    private LiveEntries<K, V> shown() {
      long now = expiry.access();
      var shown = new ArrayList<Part<K>>();
      var expired = new ArrayList<K>();
      var renewed = new LinkedHashMap<K, Timed>();
      for (Map.Entry<K, Timed> entry : inner.entries()) {
        Timed timed = entry.getValue();
        boolean gone = expiry.expired(timed, now);
        if (gone) {
          expired.add(entry.getKey());
        } else if (expiry.readRenews()) {
          timed = new Timed(timed.value(), now);
          renewed.put(entry.getKey(), timed);
        }
        if (!gone || expiry.showsExpired()) {
          shown.add(new Part<>(entry.getKey(), timed));
        }
      }
      expired.forEach(inner::remove);
      inner.putAll(renewed);
      return LiveEntries.ofCopy(
          () -> new Turns<>(shown.iterator(), part -> expiry.shows(part.timed), Part::entry),
          this::put,
          this::remove);
    }

    private record Part<K>(K key, Timed timed) {
      @SuppressWarnings("unchecked") // what put has put in
      <V> Map.Entry<K, V> entry() {
        return new AbstractMap.SimpleImmutableEntry<>(key, (V) timed.value());
      }
    }

    @Override
    public void clear() {
      inner.clear();
    }
  }

  /**
   * Goes through parts of state, without those that may no longer be shown when it is their turn.
   */
  private static final class Turns<E, T> implements Iterator<T> {
    private final Iterator<E> rest;
    private final Predicate<E> shows;
    private final Function<E, T> shown;
    private T next;

    Turns(Iterator<E> rest, Predicate<E> shows, Function<E, T> shown) {
      this.rest = rest;
      this.shows = shows;
      this.shown = shown;
    }

    @Override
    public boolean hasNext() {
      while (next == null && rest.hasNext()) {
        E part = rest.next();
        next = shows.test(part) ? shown.apply(part) : null;
      }
      return next != null;
    }

    @Override
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      T given = next;
      next = null;
      return given;
    }
  }
}
