package io.millrace.api.operator;

import io.millrace.api.accumulator.Accumulators;
import io.millrace.api.function.OutputTag;
import io.millrace.api.graph.UserCode;
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
import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** One operator on the bench: driven by hand, after a journey through its serialised form. */
final class Bench<I, O> implements OperatorContext, Output<O>, KeyedStateAccess {
  final List<String> events = new ArrayList<>();
  final List<O> records = new ArrayList<>();
  final Operator<I, O> operator;

  boolean keyed = true;
  Object key = "key";
  List<OperatorState> restoredStates = List.of();
  long wallMillis = 1_000;
  long monotonicMillis;
  long watermark = Timestamps.MIN_WATERMARK;
  KeyGroupRange keyGroups = new KeyGroupRange(0, 127);

  /** What happens while a record leaves. */
  Consumer<O> onRecord = record -> {};

  /** Of the current key. */
  int keyGroup;

  private final Accumulators accumulators =
      new Accumulators(List.of(), Bench.class.getClassLoader());
  private final Map<Object, Map<String, Object>> values = new LinkedHashMap<>();
  private final TreeMap<Long, Object> eventTimers = new TreeMap<>();
  private final TreeMap<Long, Object> processingTimers = new TreeMap<>();

  @SuppressWarnings("unchecked") // the factory is the same before and after
  Bench(OperatorFactory<I, O> factory) {
    UserCode code = UserCode.of(factory, "factory");
    operator = ((OperatorFactory<I, O>) code.open(Bench.class.getClassLoader())).create();
  }

  Bench<I, O> open() throws Exception {
    operator.open(this, this);
    return this;
  }

  Bench<I, O> take(I value, long timestamp) throws Exception {
    operator.process(value, timestamp);
    return this;
  }

  Bench<I, O> take(I value) throws Exception {
    return take(value, Timestamps.NONE);
  }

  /** As the engine does: timers first, then the watermark itself. */
  Bench<I, O> watermarkTo(long time) throws Exception {
    watermark = time;
    fire(eventTimers, time, TimerDomain.EVENT_TIME);
    operator.watermark(time, this);
    return this;
  }

  Bench<I, O> wallTo(long time) throws Exception {
    wallMillis = time;
    fire(processingTimers, time, TimerDomain.PROCESSING_TIME);
    return this;
  }

  Bench<I, O> monotonicTo(long time) throws Exception {
    while (operator.nextWakeMillis() <= time) {
      monotonicMillis = operator.nextWakeMillis();
      operator.wake(monotonicMillis);
    }
    monotonicMillis = time;
    return this;
  }

  private void fire(TreeMap<Long, Object> timers, long upTo, TimerDomain domain) throws Exception {
    while (!timers.isEmpty() && timers.firstKey() <= upTo) {
      var timer = timers.pollFirstEntry();
      key = timer.getValue();
      operator.onTimer(timer.getKey(), domain);
    }
  }

  // ---- Output

  @Override
  public void collect(O value, long timestamp) {
    onRecord.accept(value);
    records.add(value);
    events.add(timestamp == Timestamps.NONE ? "" + value : value + "@" + timestamp);
  }

  @Override
  public <X> void output(OutputTag<X> tag, X value, long timestamp) {
    String record = tag.getId() + "! " + value;
    events.add(timestamp == Timestamps.NONE ? record : record + "@" + timestamp);
  }

  @Override
  public void watermark(long time) {
    events.add(time == Timestamps.MAX_WATERMARK ? "W(max)" : "W(" + time + ")");
  }

  @Override
  public void idle(boolean idle) {
    events.add(idle ? "idle" : "awake");
  }

  @Override
  public Accumulators accumulators() {
    return accumulators;
  }

  // ---- KeyedStateAccess

  @Override
  public int currentKeyGroup() {
    return keyGroup;
  }

  @Override
  public Object currentKey() {
    return key;
  }

  @Override
  public <T> ValueState<T> value(ValueStateDescriptor<T> descriptor) {
    return new ValueState<>() {
      @Override
      @SuppressWarnings("unchecked") // only T was put there
      public T value() {
        return (T) ofKey().get(descriptor.name());
      }

      @Override
      public void update(T value) {
        ofKey().put(descriptor.name(), value);
      }

      @Override
      public void clear() {
        ofKey().remove(descriptor.name());
      }
    };
  }

  private Map<String, Object> ofKey() {
    return values.computeIfAbsent(key, k -> new TreeMap<>());
  }

  @Override
  @SuppressWarnings("unchecked") // nothing is written here, so the type does not matter
  public <T> ListState<T> list(ListStateDescriptor<T> descriptor) {
    ValueState<List<T>> all =
        value(
            new ValueStateDescriptor<>(
                descriptor.name(),
                (TypeInformation<List<T>>) (TypeInformation<?>) TypeInformation.dynamic()));
    return new ListState<>() {
      @Override
      public void add(T value) {
        addAll(List.of(value));
      }

      @Override
      public void addAll(List<T> added) {
        var longer = new ArrayList<T>();
        get().forEach(longer::add);
        longer.addAll(added);
        all.update(longer);
      }

      @Override
      public void update(List<T> other) {
        all.update(other);
      }

      @Override
      public Iterable<T> get() {
        return all.value() == null ? List.of() : all.value();
      }

      @Override
      public void clear() {
        all.clear();
      }
    };
  }

  @Override
  public <K, V> MapState<K, V> map(MapStateDescriptor<K, V> descriptor) {
    throw new UnsupportedOperationException("no test needs it");
  }

  @Override
  public <T> ReducingState<T> reducing(ReducingStateDescriptor<T> descriptor) {
    return ReducingState.over(
        value(new ValueStateDescriptor<>(descriptor.name(), descriptor.type())),
        descriptor.reduceFunction(),
        descriptor.type().serializer(userClassLoader()));
  }

  @Override
  public <IN, ACC, OUT> AggregatingState<IN, OUT> aggregating(
      AggregatingStateDescriptor<IN, ACC, OUT> descriptor) {
    return AggregatingState.over(
        value(new ValueStateDescriptor<>(descriptor.name(), descriptor.accumulatorType())),
        descriptor.aggregateFunction(),
        descriptor.accumulatorType().serializer(userClassLoader()));
  }

  @Override
  public void forEachKey(StateDescriptor descriptor, KeyVisitor visitor) throws Exception {
    Object before = key;
    for (Object each : List.copyOf(values.keySet())) {
      if (values.get(each).containsKey(descriptor.name())) {
        key = each;
        visitor.visit(each);
      }
    }
    key = before;
  }

  @Override
  public void setTimer(TimerDomain domain, long timeMillis) {
    timers(domain).put(timeMillis, key);
  }

  @Override
  public void deleteTimer(TimerDomain domain, long timeMillis) {
    timers(domain).remove(timeMillis);
  }

  private TreeMap<Long, Object> timers(TimerDomain domain) {
    return domain == TimerDomain.EVENT_TIME ? eventTimers : processingTimers;
  }

  // ---- OperatorContext

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
    return 1;
  }

  @Override
  public int parallelism() {
    return 2;
  }

  @Override
  public int maxParallelism() {
    return 128;
  }

  @Override
  public KeyGroupRange keyGroups() {
    return keyGroups;
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
    return restoredStates;
  }

  @Override
  public OptionalLong restoredCheckpoint() {
    return restoredStates.isEmpty() ? OptionalLong.empty() : OptionalLong.of(7);
  }

  @Override
  public List<OperatorSnapshot.Committable> restoredCommittables() {
    return List.of();
  }

  @Override
  public KeyedStateAccess keyed() {
    if (!keyed) {
      throw new IllegalStateException("no keyBy in front");
    }
    return this;
  }

  @Override
  public long processingTimeMillis() {
    return wallMillis;
  }

  @Override
  public long monotonicMillis() {
    return monotonicMillis;
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
    return Bench.class.getClassLoader();
  }
}
