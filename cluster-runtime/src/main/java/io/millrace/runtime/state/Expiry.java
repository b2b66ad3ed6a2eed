package io.millrace.runtime.state;

import io.millrace.api.state.ListState;
import io.millrace.api.state.LiveEntries;
import io.millrace.api.state.MapState;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * State whose parts expire, on top of state of {@link Timed} parts.
 *
 * @param wallMillis the time as of the current step
 * @param sweep called at each access, to look for expired entries of other keys
 */
record Expiry(StateTtlConfig config, LongSupplier wallMillis, Runnable sweep) {
  <T> ValueState<T> over(ValueState<Timed> inner, Supplier<T> none) {
    return new Value<>(this, inner, none);
  }

  <T> ListState<T> over(ListState<Timed> inner) {
    return new Elements<>(this, inner);
  }

  <K, V> MapState<K, V> over(MapState<K, Timed> inner) {
    return new Entries<>(this, inner);
  }

  private boolean expired(Timed timed) {
    return timed.expired(config.timeToLive().toMillis(), wallMillis.getAsLong());
  }

  private Timed stamped(Object value) {
    return new Timed(value, wallMillis.getAsLong());
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
      expiry.sweep.run();
      Timed timed = inner.value();
      if (timed == null) {
        return none.get();
      }
      if (expiry.expired(timed)) {
        inner.clear();
        return expiry.showsExpired() ? (T) timed.value() : none.get();
      }
      if (expiry.readRenews()) {
        inner.update(expiry.stamped(timed.value()));
      }
      return (T) timed.value();
    }

    @Override
    public void update(T value) {
      expiry.sweep.run();
      inner.update(value == null ? null : expiry.stamped(value));
    }

    @Override
    public void clear() {
      inner.clear();
    }
  }

  private record Elements<T>(Expiry expiry, ListState<Timed> inner) implements ListState<T> {
    @Override
    public void add(T value) {
      expiry.sweep.run();
      inner.add(stamped(value));
    }

    @Override
    public void addAll(List<T> values) {
      values.forEach(this::add);
    }

    @Override
    public void update(List<T> values) {
      inner.update(values.stream().map(this::stamped).toList());
    }

    private Timed stamped(T value) {
      return expiry.stamped(Objects.requireNonNull(value, "a list state holds no null"));
    }

    @Override
    @SuppressWarnings("unchecked") // what add has put in
    public Iterable<T> get() {
      expiry.sweep.run();
      var live = new ArrayList<Timed>();
      var shown = new ArrayList<T>();
      boolean expired = false;
      for (Timed timed : inner.get()) {
        boolean gone = expiry.expired(timed);
        expired |= gone;
        if (!gone) {
          live.add(expiry.readRenews() ? expiry.stamped(timed.value()) : timed);
        }
        if (!gone || expiry.showsExpired()) {
          shown.add((T) timed.value());
        }
      }
      if (expired || expiry.readRenews() && !live.isEmpty()) {
        inner.update(live);
      }
      return Collections.unmodifiableList(shown);
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
      expiry.sweep.run();
      Timed timed = inner.get(key);
      if (timed != null && expiry.expired(timed)) {
        inner.remove(key);
        return expiry.showsExpired() ? timed : null;
      }
      if (timed != null && expiry.readRenews()) {
        inner.put(key, expiry.stamped(timed.value()));
      }
      return timed;
    }

    @Override
    public void put(K key, V value) {
      expiry.sweep.run();
      Timed before = inner.get(key);
      if (before != null && expiry.expired(before)) {
        inner.remove(key); // or it would keep its place in the order, which a sweep takes from it
      }
      inner.put(key, expiry.stamped(value));
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
      expiry.sweep.run();
      var expired = new ArrayList<K>();
      boolean empty = true;
      for (Map.Entry<K, Timed> entry : inner.entries()) {
        if (expiry.showsExpired() || !expiry.expired(entry.getValue())) {
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

    @SuppressWarnings("unchecked") // what put has put in
    private LiveEntries<K, V> shown() {
      expiry.sweep.run();
      var shown = new LinkedHashMap<K, V>();
      var expired = new ArrayList<K>();
      var renewed = new LinkedHashMap<K, Timed>();
      for (Map.Entry<K, Timed> entry : inner.entries()) {
        boolean gone = expiry.expired(entry.getValue());
        if (gone) {
          expired.add(entry.getKey());
        } else if (expiry.readRenews()) {
          renewed.put(entry.getKey(), expiry.stamped(entry.getValue().value()));
        }
        if (!gone || expiry.showsExpired()) {
          shown.put(entry.getKey(), (V) entry.getValue().value());
        }
      }
      expired.forEach(inner::remove);
      inner.putAll(renewed);
      return new LiveEntries<>(shown.entrySet(), this::put, this::remove);
    }

    @Override
    public void clear() {
      inner.clear();
    }
  }
}
