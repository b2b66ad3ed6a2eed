package io.millrace.runtime.state;

import io.millrace.api.function.KeySelector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.graph.UserCode;
import io.millrace.api.metrics.Counter;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.operator.OperatorState;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.state.KeyedStateAccess;
import io.millrace.api.state.ValueState;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** A keyed operator driven by hand, over the state and the timers that it has in a job. */
class WindowBench<I, O> implements OperatorContext, Output<O> {
  static final ClassLoader LOADER = WindowBench.class.getClassLoader();

  final List<String> events = new ArrayList<>();
  final List<O> records = new ArrayList<>();
  final List<String> aside = new ArrayList<>();
  final Map<String, Counter> counters = new TreeMap<>();
  long watermark = Timestamps.MIN_WATERMARK;
  long wallMillis;

  /** How often values of state were read and written. */
  long reads;

  long writes;

  private final OperatorFactory<I, O> factory;
  private final KeySelector<I, ?> keys;
  private List<OperatorState> restored = List.of();
  private final Supplier<StateStore> stores;
  private StateStore store;
  private Operator<I, O> operator;

  WindowBench(OperatorFactory<I, O> factory, KeySelector<I, ?> keys, Class<?> keyType)
      throws Exception {
    this(factory, keys, () -> HeapStateStore.create(keys(keyType), 0, 7, 8, LOADER));
  }

  /**
   * @param stores makes empty ones, of 8 key groups
   */
  WindowBench(OperatorFactory<I, O> factory, KeySelector<I, ?> keys, Supplier<StateStore> stores)
      throws Exception {
    this.factory = factory;
    this.keys = keys;
    this.stores = stores;
    store = stores.get();
    open();
  }

  @SuppressWarnings("unchecked") // the store only sees keys of that type
  static Serializer<Object> keys(Class<?> keyType) {
    return (Serializer<Object>) Serializers.of(keyType, LOADER);
  }

  @SuppressWarnings("unchecked") // the factory is the same before and after
  private void open() throws Exception {
    UserCode code = UserCode.of(factory, "factory");
    operator = ((OperatorFactory<I, O>) code.open(LOADER)).create();
    operator.open(this, this);
  }

  String operatorClass() {
    return operator.getClass().getSimpleName();
  }

  long entries() {
    return store.entryCount();
  }

  long timer(TimerDomain domain) {
    return store.earliestTimer(domain);
  }

  WindowBench<I, O> take(I value, long timestamp) throws Exception {
    store.setCurrentKey(keys.getKey(value));
    operator.process(value, timestamp);
    return this;
  }

  WindowBench<I, O> watermarkTo(long time) throws Exception {
    watermark = time;
    while (store.fireNext(TimerDomain.EVENT_TIME, time)) {
      operator.onTimer(store.firedTime(), TimerDomain.EVENT_TIME);
    }
    operator.watermark(time, this);
    return this;
  }

  WindowBench<I, O> wallTo(long time) throws Exception {
    wallMillis = time;
    while (store.fireNext(TimerDomain.PROCESSING_TIME, time)) {
      operator.onTimer(store.firedTime(), TimerDomain.PROCESSING_TIME);
    }
    return this;
  }

  /** What was emitted since the last call. */
  List<String> emitted() {
    var all = List.copyOf(events);
    events.clear();
    return all;
  }

  /** A cut; the given work goes on before it is written, and is undone by the restoration. */
  void restoreAfter(Work inBetween) throws Exception {
    FrozenState state = store.freeze();
    Frozen own = operator.snapshot(1);
    var emittedSoFar = List.copyOf(events);
    var asideSoFar = List.copyOf(aside);
    long dropped = dropped();
    inBetween.run();
    byte[] bytes = state.write();
    operator.close();
    events.clear();
    events.addAll(emittedSoFar);
    aside.clear();
    aside.addAll(asideSoFar);
    counters.clear();
    counter("numLateRecordsDropped").inc(dropped);
    restored = own.take().states();
    watermark = Timestamps.MIN_WATERMARK;
    store = stores.get();
    store.restore(bytes);
    open();
  }

  interface Work {
    void run() throws Exception;
  }

  long dropped() {
    return counter("numLateRecordsDropped").getCount();
  }

  @Override
  public void collect(O value, long timestamp) {
    records.add(value);
    events.add(value + "@" + timestamp);
  }

  @Override
  public <X> void output(OutputTag<X> tag, X value, long timestamp) {
    aside.add(tag.getId() + ":" + value + "@" + timestamp);
  }

  @Override
  public void watermark(long time) {}

  @Override
  public void idle(boolean idle) {}

  @Override
  public Counter counter(String name) {
    return counters.computeIfAbsent(name, n -> new Counter());
  }

  @Override
  public String operatorName() {
    return "bench";
  }

  @Override
  public String uid() {
    return "bench";
  }

  @Override
  public int subtask() {
    return 0;
  }

  @Override
  public int parallelism() {
    return 1;
  }

  @Override
  public int maxParallelism() {
    return 8;
  }

  @Override
  public String attemptName() {
    return "attempt";
  }

  @Override
  public String jobId() {
    return "job";
  }

  @Override
  public String lineage() {
    return "lineage";
  }

  @Override
  public List<byte[]> restored() {
    return List.of();
  }

  @Override
  public List<OperatorState> restoredStates() {
    return restored;
  }

  @Override
  public OptionalLong restoredCheckpoint() {
    return restored.isEmpty() ? OptionalLong.empty() : OptionalLong.of(1);
  }

  @Override
  public List<OperatorSnapshot.Committable> restoredCommittables() {
    return List.of();
  }

  @Override
  public KeyedStateAccess keyed() {
    return (KeyedStateAccess)
        Proxy.newProxyInstance(
            LOADER,
            new Class<?>[] {KeyedStateAccess.class},
            (proxy, method, arguments) -> {
              Object result = method.invoke(store, arguments);
              return result instanceof ValueState<?> value ? counted(value) : result;
            });
  }

  private <T> ValueState<T> counted(ValueState<T> value) {
    return new ValueState<>() {
      @Override
      public T value() {
        reads++;
        return value.value();
      }

      @Override
      public void update(T newValue) {
        writes++;
        value.update(newValue);
      }

      @Override
      public void clear() {
        writes++;
        value.clear();
      }
    };
  }

  @Override
  public long processingTimeMillis() {
    return wallMillis;
  }

  @Override
  public long monotonicMillis() {
    return wallMillis;
  }

  @Override
  public long currentWatermark() {
    return watermark;
  }

  @Override
  public RandomGenerator random() {
    return new SplittableRandom(1);
  }

  @Override
  public ClassLoader userClassLoader() {
    return LOADER;
  }
}
