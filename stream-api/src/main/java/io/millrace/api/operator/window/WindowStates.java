package io.millrace.api.operator.window;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.ReduceFunction;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.KeyedStateStore;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.LiveEntries;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.Window;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** State of a key and a window: maps from windows, in the state of the key. */
final class WindowStates<W extends Window> implements KeyedStateStore {
  private final OperatorContext context;
  private final String prefix;
  private final TypeInformation<W> windowType;
  private final Map<String, Kept<?>> known = new TreeMap<>();
  private W window;

  /**
   * @param prefix of the names of states, so that they meet no others
   */
  WindowStates(OperatorContext context, String prefix, TypeInformation<W> windowType) {
    this.context = context;
    this.prefix = prefix;
    this.windowType = windowType;
  }

  /**
   * Makes the states known before the first window.
   *
   * @param whose who has named them, for people
   */
  void declare(List<StateDescriptor> descriptors, String whose) {
    Objects.requireNonNull(descriptors, () -> whose + " returned null; return List.of() for none");
    for (StateDescriptor each : descriptors) {
      if (each instanceof ValueStateDescriptor<?> value) {
        getState(value);
      } else if (each instanceof ListStateDescriptor<?> list) {
        getListState(list);
      } else if (each instanceof MapStateDescriptor<?, ?> map) {
        getMapState(map);
      } else if (each instanceof ReducingStateDescriptor<?> reducing) {
        getReducingState(reducing);
      } else {
        getAggregatingState((AggregatingStateDescriptor<?, ?, ?>) each);
      }
    }
  }

  void at(W other) {
    window = other;
  }

  /**
   * One state by window.
   *
   * @param declared as it was at first
   * @param state what users of the current window see
   */
  private record Kept<V>(StateDescriptor declared, MapState<?, V> byWindow, Object state) {}

  @Override
  @SuppressWarnings("unchecked") // a name has one type
  public <T> ValueState<T> getState(ValueStateDescriptor<T> descriptor) {
    Kept<?> kept = known.get(descriptor.name());
    if (kept == null) {
      kept = keep(descriptor, descriptor.type(), value -> value);
    }
    return (ValueState<T>) typed(descriptor, kept);
  }

  @Override
  @SuppressWarnings("unchecked") // a name has one type
  public <T> ListState<T> getListState(ListStateDescriptor<T> descriptor) {
    Kept<?> kept = known.get(descriptor.name());
    if (kept == null) {
      kept = keep(descriptor, listOf(descriptor.elementType()), WindowList::new);
    }
    return (ListState<T>) typed(descriptor, kept);
  }

  @Override
  @SuppressWarnings("unchecked") // a name has one type
  public <K, V> MapState<K, V> getMapState(MapStateDescriptor<K, V> descriptor) {
    Kept<?> kept = known.get(descriptor.name());
    if (kept == null) {
      Serializer<K> keys = descriptor.keyType().serializer(context.userClassLoader());
      kept =
          keep(
              descriptor,
              (TypeInformation<Map<K, V>>)
                  TypeInformation.of(Map.class, descriptor.keyType(), descriptor.valueType()),
              value -> new WindowMap<>(value, keys));
    }
    return (MapState<K, V>) typed(descriptor, kept);
  }

  @Override
  @SuppressWarnings("unchecked") // a name has one type
  public <T> ReducingState<T> getReducingState(ReducingStateDescriptor<T> descriptor) {
    Kept<?> kept = known.get(descriptor.name());
    if (kept == null) {
      Serializer<T> serializer = descriptor.type().serializer(context.userClassLoader());
      kept =
          keep(
              descriptor,
              descriptor.type(),
              value -> ReducingState.over(value, descriptor.reduceFunction(), serializer));
    }
    return (ReducingState<T>) typed(descriptor, kept);
  }

  @Override
  @SuppressWarnings("unchecked") // a name has one type
  public <IN, ACC, OUT> AggregatingState<IN, OUT> getAggregatingState(
      AggregatingStateDescriptor<IN, ACC, OUT> descriptor) {
    Kept<?> kept = known.get(descriptor.name());
    if (kept == null) {
      Serializer<ACC> serializer =
          descriptor.accumulatorType().serializer(context.userClassLoader());
      kept =
          keep(
              descriptor,
              descriptor.accumulatorType(),
              value -> AggregatingState.over(value, descriptor.aggregateFunction(), serializer));
    }
    return (AggregatingState<IN, OUT>) typed(descriptor, kept);
  }

  void merge(ListStateDescriptor<?> descriptor, Iterable<W> from, W into) throws Exception {
    getListState(descriptor);
    this.<List<Object>>merge(
        descriptor,
        from,
        into,
        (left, right) -> {
          var both = new ArrayList<>(left);
          both.addAll(right);
          return both;
        });
  }

  <V> void merge(ReducingStateDescriptor<V> descriptor, Iterable<W> from, W into) throws Exception {
    getReducingState(descriptor);
    merge(descriptor, from, into, descriptor.reduceFunction());
  }

  <ACC> void merge(AggregatingStateDescriptor<?, ACC, ?> descriptor, Iterable<W> from, W into)
      throws Exception {
    getAggregatingState(descriptor);
    AggregateFunction<?, ACC, ?> function = descriptor.aggregateFunction();
    merge(descriptor, from, into, (ReduceFunction<ACC>) function::merge);
  }

  @SuppressWarnings("unchecked") // the caller has declared the state with V and W
  private <V> void merge(
      StateDescriptor descriptor, Iterable<W> from, W into, ReduceFunction<V> join)
      throws Exception {
    var byWindow = (MapState<W, V>) known.get(descriptor.name()).byWindow();
    var windows = new LinkedHashSet<W>();
    windows.add(into);
    from.forEach(windows::add);
    V all = null;
    for (W each : windows) {
      V one = byWindow.get(each);
      if (one != null) {
        all = all == null ? one : join.reduce(all, one);
        byWindow.remove(each);
      }
    }
    if (all != null) {
      byWindow.put(into, all);
    }
  }

  /** How a state looks that is kept in a value. */
  private interface View<V> {
    Object of(ValueState<V> value);
  }

  private <V> Kept<V> keep(StateDescriptor descriptor, TypeInformation<V> type, View<V> view) {
    if (descriptor.timeToLive().isEnabled()) {
      throw new IllegalArgumentException(
          "state '"
              + descriptor.name()
              + "' belongs to a window and has a time to live, which only state of a key can have;"
              + " declare it without, and clear it when the window ends, or keep it in globalState()");
    }
    MapState<W, V> byWindow =
        context.keyed().map(new MapStateDescriptor<>(prefix + descriptor.name(), windowType, type));
    V absent = null;
    if (descriptor instanceof ValueStateDescriptor<?> value) {
      @SuppressWarnings("unchecked") // the descriptor of V
      V given = (V) value.defaultValue();
      absent = given;
    }
    Serializer<V> serializer = absent == null ? null : type.serializer(context.userClassLoader());
    var kept =
        new Kept<>(descriptor, byWindow, view.of(new WindowValue<>(byWindow, absent, serializer)));
    known.put(descriptor.name(), kept);
    return kept;
  }

  private static Object typed(StateDescriptor descriptor, Kept<?> kept) {
    // Most ask with one and the same descriptor, for each record.
    if (descriptor != kept.declared()) {
      String now = declaration(descriptor);
      String first = declaration(kept.declared());
      if (!now.equals(first)) {
        throw new IllegalArgumentException(
            "state '"
                + descriptor.name()
                + "' of a window is declared twice in one operator, as "
                + first
                + " and as "
                + now
                + "; give one of them another name");
      }
    }
    return kept.state();
  }

  private static String declaration(StateDescriptor descriptor) {
    String meaning = descriptor.meaning().isEmpty() ? "" : " (" + descriptor.meaning() + ")";
    if (descriptor instanceof ValueStateDescriptor<?> value) {
      return "a value of " + value.type().name() + meaning;
    } else if (descriptor instanceof ListStateDescriptor<?> list) {
      return "a list of " + list.elementType().name() + meaning;
    } else if (descriptor instanceof MapStateDescriptor<?, ?> map) {
      return "a map of " + map.keyType().name() + " to " + map.valueType().name() + meaning;
    } else if (descriptor instanceof ReducingStateDescriptor<?> reducing) {
      return "a joined value of " + reducing.type().name() + meaning;
    }
    var aggregating = (AggregatingStateDescriptor<?, ?, ?>) descriptor;
    return "an aggregate in " + aggregating.accumulatorType().name() + meaning;
  }

  @SuppressWarnings("unchecked") // a list of V
  private static <V> TypeInformation<List<V>> listOf(TypeInformation<V> element) {
    return (TypeInformation<List<V>>) TypeInformation.of(List.class, element);
  }

  private final class WindowValue<V> implements ValueState<V> {
    private final MapState<W, V> byWindow;
    private final V absent;
    private final Serializer<V> serializer;

    WindowValue(MapState<W, V> byWindow, V absent, Serializer<V> serializer) {
      this.byWindow = byWindow;
      this.absent = absent;
      this.serializer = serializer;
    }

    @Override
    public V value() {
      V value = byWindow.get(window);
      return value != null || absent == null ? value : serializer.copy(absent);
    }

    @Override
    public void update(V value) {
      if (value == null) {
        clear();
      } else {
        byWindow.put(window, value);
      }
    }

    @Override
    public void clear() {
      byWindow.remove(window);
    }
  }

  private record WindowList<V>(ValueState<List<V>> kept) implements ListState<V> {
    @Override
    public void add(V value) {
      addAll(Collections.singletonList(value));
    }

    @Override
    public void addAll(List<V> values) {
      List<V> list = kept.value() == null ? new ArrayList<>() : kept.value();
      list.addAll(withoutNull(values));
      update(list);
    }

    @Override
    public void update(List<V> values) {
      kept.update(values.isEmpty() ? null : new ArrayList<>(withoutNull(values)));
    }

    private static <V> List<V> withoutNull(List<V> values) {
      values.forEach(value -> Objects.requireNonNull(value, "a list state holds no null"));
      return values;
    }

    @Override
    public Iterable<V> get() {
      return kept.value() == null ? List.of() : kept.value();
    }

    @Override
    public void clear() {
      kept.clear();
    }
  }

  private record WindowMap<K, V>(ValueState<Map<K, V>> kept, Serializer<K> keySerializer)
      implements MapState<K, V> {
    @Override
    public V get(K key) {
      return read().get(key);
    }

    @Override
    public void put(K key, V value) {
      Map<K, V> map = kept.value() == null ? new LinkedHashMap<>() : kept.value();
      // The caller may go on to change its key.
      map.put(map.containsKey(key) ? key : keySerializer.copy(key), value);
      kept.update(map);
    }

    @Override
    public void putAll(Map<K, V> entries) {
      entries.forEach(this::put);
    }

    @Override
    public void remove(K key) {
      Map<K, V> map = kept.value();
      if (map != null) {
        map.remove(key);
        kept.update(map.isEmpty() ? null : map);
      }
    }

    @Override
    public boolean contains(K key) {
      return read().containsKey(key);
    }

    @Override
    public boolean isEmpty() {
      return read().isEmpty();
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

    @Override
    public void clear() {
      kept.clear();
    }

    private LiveEntries<K, V> live() {
      return new LiveEntries<>(read().entrySet(), this::put, this::remove);
    }

    private Map<K, V> read() {
      return kept.value() == null ? Collections.emptyMap() : kept.value();
    }
  }
}
