package io.millrace.runtime.savepoint;

import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.runtime.checkpoint.StateInfo;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.state.HeapStateStore;
import io.millrace.runtime.state.StateStore;
import io.millrace.runtime.taskmanager.LargeState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeSet;

/**
 * The state under keys of one operator of a savepoint. Each call gives what can be iterated as
 * often as one likes; keys come subtask by subtask, and a few megabytes of state are in memory at a
 * time, but for timers all of one subtask. Values that have expired and were not removed yet come
 * too.
 *
 * <p>Iterating throws UncheckedIOException for files that cannot be read or are damaged, and
 * IllegalArgumentException for state of another type than the descriptor's. So does asking for a
 * state of a name that the operator does not have.
 *
 * @param <K> type of the keys
 */
public final class KeyedReader<K> {
  private final List<SubtaskState> subtasks;
  private final Savepoint savepoint;
  private final Serializer<Object> keys;
  private final ClassLoader loader;

  @SuppressWarnings("unchecked") // keys are Objects to the engine
  KeyedReader(
      List<SubtaskState> subtasks, Savepoint savepoint, Serializer<K> keys, ClassLoader loader) {
    this.subtasks = subtasks;
    this.savepoint = savepoint;
    this.keys = (Serializer<Object>) keys;
    this.loader = loader;
  }

  /** What one key has. */
  public record Entry<K, V>(K key, V value) {}

  /** A timer of a key. */
  public record Timer<K>(K key, TimerDomain domain, long timeMillis) {}

  public <V> Iterable<Entry<K, V>> values(ValueStateDescriptor<V> descriptor) {
    checkKnown(descriptor);
    return entries(
        (store, found) -> {
          ValueState<V> state = store.value(descriptor);
          each(store, descriptor, key -> found.add(new Entry<>(key, state.value())));
        });
  }

  public <V> Iterable<Entry<K, List<V>>> lists(ListStateDescriptor<V> descriptor) {
    checkKnown(descriptor);
    return entries(
        (store, found) -> {
          ListState<V> state = store.list(descriptor);
          each(
              store,
              descriptor,
              key -> {
                var list = new ArrayList<V>();
                state.get().forEach(list::add);
                found.add(new Entry<>(key, list));
              });
        });
  }

  public <X, V> Iterable<Entry<K, Map<X, V>>> maps(MapStateDescriptor<X, V> descriptor) {
    checkKnown(descriptor);
    return entries(
        (store, found) -> {
          MapState<X, V> state = store.map(descriptor);
          each(
              store,
              descriptor,
              key -> {
                var map = new LinkedHashMap<X, V>();
                state.entries().forEach(entry -> map.put(entry.getKey(), entry.getValue()));
                found.add(new Entry<>(key, map));
              });
        });
  }

  /** What the elements were reduced to. */
  public <V> Iterable<Entry<K, V>> reduced(ReducingStateDescriptor<V> descriptor) {
    return values(new ValueStateDescriptor<>(descriptor.name(), descriptor.type()));
  }

  /** The accumulators. */
  public <ACC> Iterable<Entry<K, ACC>> accumulators(
      AggregatingStateDescriptor<?, ACC, ?> descriptor) {
    return values(new ValueStateDescriptor<>(descriptor.name(), descriptor.accumulatorType()));
  }

  /** A mistyped name would read like state that is empty. */
  private void checkKnown(StateDescriptor descriptor) {
    var known = new TreeSet<String>();
    for (SubtaskState subtask : subtasks) {
      List<StateInfo> keyed =
          subtask.contents().stream().filter(info -> info.kind().keyed()).toList();
      if (keyed.isEmpty() && subtask.keyed().isPresent()) {
        return; // of an earlier build, which does not say what there is
      }
      keyed.stream()
          .filter(info -> info.kind() != StateInfo.Kind.TIMERS)
          .forEach(info -> known.add(info.name()));
    }
    if (!known.contains(descriptor.name())) {
      throw new IllegalArgumentException(
          "the operator with the uid '"
              + subtasks.get(0).uid()
              + "' has no state '"
              + descriptor.name()
              + "' under keys; there is "
              + known);
    }
  }

  /** All timers of one kind, of each subtask in the order of time. */
  public Iterable<Timer<K>> timers(TimerDomain domain) {
    return () -> subtasks.stream().flatMap(each -> timers(each, domain).stream()).iterator();
  }

  private List<Timer<K>> timers(SubtaskState subtask, TimerDomain domain) {
    var all = new ArrayList<Timer<K>>();
    for (byte[] part : parts(subtask)) {
      Reading<Timer<K>> reading =
          (store, found) -> {
            while (store.fireNext(domain, Long.MAX_VALUE)) {
              found.add(new Timer<>(key(store.currentKey()), domain, store.firedTime()));
            }
          };
      all.addAll(of(subtask, part, reading));
    }
    all.sort(Comparator.comparingLong(Timer::timeMillis));
    return all;
  }

  @SuppressWarnings("unchecked") // made by the serializer of K
  private K key(Object key) {
    return (K) key;
  }

  private interface Visit<K> {
    void at(K key) throws Exception;
  }

  private void each(StateStore store, StateDescriptor descriptor, Visit<K> visit) throws Exception {
    store.forEachKey(descriptor, key -> visit.at(key(key)));
  }

  private interface Reading<E> {
    /** Is shown some of a subtask's state: of a key either all or nothing. */
    void read(StateStore store, List<E> found) throws Exception;
  }

  /** Entries of one part after the other. */
  private <E> Iterable<E> entries(Reading<E> reading) {
    return () ->
        new Iterator<>() {
          private final ArrayDeque<SubtaskState> left = new ArrayDeque<>(subtasks);
          private SubtaskState subtask;
          private Iterator<byte[]> parts = Collections.emptyIterator();
          private Iterator<E> current = Collections.emptyIterator();

          @Override
          public boolean hasNext() {
            while (!current.hasNext() && (parts.hasNext() || !left.isEmpty())) {
              if (parts.hasNext()) {
                current = of(subtask, parts.next(), reading).iterator();
              } else {
                subtask = left.remove();
                parts = parts(subtask).iterator();
              }
            }
            return current.hasNext();
          }

          @Override
          public E next() {
            if (!hasNext()) {
              throw new NoSuchElementException();
            }
            return current.next();
          }
        };
  }

  private Iterable<byte[]> parts(SubtaskState subtask) {
    if (subtask.keyed().isEmpty()) {
      return List.of();
    }
    try {
      return savepoint.files().parts(subtask.keyed().get(), LargeState.Parts.KEYED);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private <E> List<E> of(SubtaskState subtask, byte[] part, Reading<E> reading) {
    var found = new ArrayList<E>();
    int groups = subtask.maxParallelism();
    StateStore store = HeapStateStore.create(keys, 0, groups - 1, groups, loader);
    try {
      store.restore(part);
      reading.read(store, found);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("a state of uid '" + subtask.uid() + "'", e);
    }
    return found;
  }
}
