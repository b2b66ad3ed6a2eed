package io.millrace.simulator;

import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.KeyVisitor;
import io.millrace.api.state.KeyedStateAccess;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** State under keys as plain maps, for the {@link Interpreter}. */
final class PlainState implements KeyedStateAccess {
  final TreeSet<Timer> eventTimers =
      new TreeSet<>(Comparator.comparingLong(Timer::time).thenComparing(t -> t.key.toString()));
  Object key;

  private final Map<String, Map<Object, Object>> states = new LinkedHashMap<>();

  record Timer(long time, Object key) {}

  private Map<Object, Object> state(String name) {
    return states.computeIfAbsent(name, n -> new LinkedHashMap<>());
  }

  @Override
  public Object currentKey() {
    return key;
  }

  /** There is one group of all keys. */
  @Override
  public int currentKeyGroup() {
    return 0;
  }

  @Override
  public <T> ValueState<T> value(ValueStateDescriptor<T> descriptor) {
    Map<Object, Object> state = state(descriptor.name());
    return new ValueState<>() {
      @Override
      @SuppressWarnings("unchecked")
      public T value() {
        T value = (T) state.get(key);
        return value == null ? descriptor.defaultValue() : value;
      }

      @Override
      public void update(T value) {
        state.put(key, value);
      }

      @Override
      public void clear() {
        state.remove(key);
      }
    };
  }

  @Override
  public <T> ListState<T> list(ListStateDescriptor<T> descriptor) {
    Map<Object, Object> state = state(descriptor.name());
    return new ListState<>() {
      @SuppressWarnings("unchecked")
      private List<T> mine() {
        return (List<T>) state.computeIfAbsent(key, k -> new ArrayList<T>());
      }

      @Override
      public void add(T value) {
        mine().add(value);
      }

      @Override
      public void addAll(List<T> values) {
        mine().addAll(values);
      }

      @Override
      public void update(List<T> values) {
        state.put(key, new ArrayList<>(values));
      }

      @Override
      public Iterable<T> get() {
        return mine();
      }

      @Override
      public void clear() {
        state.remove(key);
      }
    };
  }

  @Override
  public <K, V> MapState<K, V> map(MapStateDescriptor<K, V> descriptor) {
    Map<Object, Object> state = state(descriptor.name());
    return new MapState<>() {
      @SuppressWarnings("unchecked")
      private Map<K, V> mine() {
        return (Map<K, V>) state.computeIfAbsent(key, k -> new LinkedHashMap<K, V>());
      }

      @Override
      public V get(K mapKey) {
        return mine().get(mapKey);
      }

      @Override
      public void put(K mapKey, V value) {
        mine().put(mapKey, value);
      }

      @Override
      public void putAll(Map<K, V> entries) {
        mine().putAll(entries);
      }

      @Override
      public void remove(K mapKey) {
        mine().remove(mapKey);
      }

      @Override
      public boolean contains(K mapKey) {
        return mine().containsKey(mapKey);
      }

      @Override
      public boolean isEmpty() {
        return mine().isEmpty();
      }

      @Override
      public Iterable<Map.Entry<K, V>> entries() {
        return mine().entrySet();
      }

      @Override
      public Iterable<K> keys() {
        return mine().keySet();
      }

      @Override
      public Iterable<V> values() {
        return mine().values();
      }

      @Override
      public void clear() {
        state.remove(key);
      }
    };
  }

  @Override
  public void forEachKey(StateDescriptor descriptor, KeyVisitor visitor) throws Exception {
    for (Object each : List.copyOf(state(descriptor.name()).keySet())) {
      key = each;
      visitor.visit(each);
    }
    key = null;
  }

  @Override
  public <T> ReducingState<T> reducing(ReducingStateDescriptor<T> descriptor) {
    return ReducingState.over(
        value(new ValueStateDescriptor<>(descriptor.name(), descriptor.type())),
        descriptor.reduceFunction(),
        descriptor.type().serializer(getClass().getClassLoader()));
  }

  @Override
  public <IN, ACC, OUT> AggregatingState<IN, OUT> aggregating(
      AggregatingStateDescriptor<IN, ACC, OUT> descriptor) {
    return AggregatingState.over(
        value(new ValueStateDescriptor<>(descriptor.name(), descriptor.accumulatorType())),
        descriptor.aggregateFunction(),
        descriptor.accumulatorType().serializer(getClass().getClassLoader()));
  }

  @Override
  public void setTimer(TimerDomain domain, long timeMillis) {
    if (domain == TimerDomain.EVENT_TIME) {
      eventTimers.add(new Timer(timeMillis, key));
    }
  }

  @Override
  public void deleteTimer(TimerDomain domain, long timeMillis) {
    eventTimers.remove(new Timer(timeMillis, key));
  }
}
