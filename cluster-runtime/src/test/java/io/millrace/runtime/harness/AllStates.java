package io.millrace.runtime.harness;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.KeyedBroadcastProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Has state of every kind and does with it what records say. What it answers is what {@link
 * StateModel} says.
 */
final class AllStates
    extends KeyedBroadcastProcessFunction<String, AllStates.Order, AllStates.Order, String>
    implements CheckpointedFunction {
  static final long TTL = 100;
  static final MapStateDescriptor<String, Integer> RULES =
      new MapStateDescriptor<>("rules", String.class, Integer.class);

  /** How long keyed state lives. */
  enum Life {
    FOR_EVER,
    FROM_WRITES,
    FROM_READS;

    <D extends StateDescriptor> D of(D descriptor) {
      var config = StateTtlConfig.newBuilder(Duration.ofMillis(TTL));
      switch (this) {
        case FOR_EVER -> {}
        case FROM_WRITES -> descriptor.enableTimeToLive(config.build());
        case FROM_READS -> descriptor.enableTimeToLive(config.updateTtlOnReadAndWrite().build());
      }
      return descriptor;
    }
  }

  /** What is done. */
  enum Deed {
    VALUE_READ,
    VALUE_UPDATE,
    VALUE_CLEAR,
    LIST_READ,
    LIST_ADD,
    LIST_ADD_ALL,
    LIST_UPDATE,
    LIST_CLEAR,
    MAP_READ,
    MAP_GET,
    MAP_CONTAINS,
    MAP_IS_EMPTY,
    MAP_PUT,
    MAP_PUT_ALL,
    MAP_REMOVE,
    MAP_REMOVE_ODD,
    MAP_CLEAR,
    SUM_READ,
    SUM_ADD,
    SUM_CLEAR,
    MEAN_READ,
    MEAN_ADD,
    MEAN_CLEAR,
    EVENT_TIMER,
    NO_EVENT_TIMER,
    PROCESSING_TIMER,
    NO_PROCESSING_TIMER,
    NOTE;

    /** Those with the same kind of state. */
    static List<Deed> likeEachOther(Deed one) {
      String kind = one.name().substring(0, 3);
      return Arrays.stream(values()).filter(deed -> deed.name().startsWith(kind)).toList();
    }
  }

  /**
   * A record.
   *
   * @param entry of a map
   * @param number that is put, added or set, or the time of a timer
   */
  record Order(String key, Deed deed, Life life, String entry, long number) {}

  /** The keyed states that live alike. */
  private record Keyed(
      ValueState<Long> value,
      ListState<Long> list,
      MapState<String, Long> map,
      ReducingState<Long> sum,
      AggregatingState<Long, String> mean) {}

  private transient List<Keyed> keyed;
  private transient ListState<Long> split;
  private transient ListState<Long> union;
  private transient List<Long> restoredSplit;
  private transient List<Long> restoredUnion;

  private static final class Mean implements AggregateFunction<Long, long[], String> {
    @Override
    public long[] createAccumulator() {
      return new long[2];
    }

    @Override
    public long[] add(Long value, long[] sum) {
      sum[0] += value;
      sum[1]++;
      return sum;
    }

    @Override
    public String getResult(long[] sum) {
      return sum[0] + "/" + sum[1];
    }

    @Override
    public long[] merge(long[] left, long[] right) {
      return new long[] {left[0] + right[0], left[1] + right[1]};
    }
  }

  private static ValueStateDescriptor<Long> value(Life life) {
    return life.of(new ValueStateDescriptor<>("value " + life, Long.class));
  }

  @Override
  public void open(OpenContext context) {
    keyed = new ArrayList<>();
    var runtime = getRuntimeContext();
    for (Life life : Life.values()) {
      keyed.add(
          new Keyed(
              runtime.getState(value(life)),
              runtime.getListState(life.of(new ListStateDescriptor<>("list " + life, Long.class))),
              runtime.getMapState(
                  life.of(new MapStateDescriptor<>("map " + life, String.class, Long.class))),
              runtime.getReducingState(
                  life.of(new ReducingStateDescriptor<>("sum " + life, Long::sum, Long.class))),
              runtime.getAggregatingState(
                  life.of(
                      new AggregatingStateDescriptor<>(
                          "mean " + life, new Mean(), long[].class)))));
    }
  }

  @Override
  public void initializeState(FunctionInitializationContext context) {
    var store = context.getOperatorStateStore();
    split = store.getListState(new ListStateDescriptor<>("split", Long.class));
    union = store.getUnionListState(new ListStateDescriptor<>("union", Long.class));
    restoredSplit = listed(split.get());
    restoredUnion = listed(union.get());
    if (getRuntimeContext().getIndexOfThisSubtask() > 0) {
      union.clear(); // each had all of it
    }
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) {}

  @Override
  public void processElement(Order order, ReadOnlyContext context, Collector<String> out)
      throws Exception {
    out.collect(order + ": " + answer(order, keyed.get(order.life.ordinal()), context));
  }

  private Object answer(Order order, Keyed states, ReadOnlyContext context) throws Exception {
    var timers = context.timerService();
    String entry = order.entry;
    long number = order.number;
    switch (order.deed) {
      case VALUE_READ -> {
        return states.value.value();
      }
      case VALUE_UPDATE -> states.value.update(number);
      case VALUE_CLEAR -> states.value.clear();
      case LIST_READ -> {
        return listed(states.list.get());
      }
      case LIST_ADD -> states.list.add(number);
      case LIST_ADD_ALL -> states.list.addAll(List.of(number, number + 1));
      case LIST_UPDATE -> states.list.update(number % 3 == 0 ? List.of() : List.of(number));
      case LIST_CLEAR -> states.list.clear();
      case MAP_READ -> {
        return listed(states.map.entries());
      }
      case MAP_GET -> {
        return states.map.get(entry);
      }
      case MAP_CONTAINS -> {
        return states.map.contains(entry);
      }
      case MAP_IS_EMPTY -> {
        return states.map.isEmpty();
      }
      case MAP_PUT -> states.map.put(entry, number);
      case MAP_PUT_ALL -> states.map.putAll(new TreeMap<>(Map.of(entry, number, "x", number + 1)));
      case MAP_REMOVE -> states.map.remove(entry);
      case MAP_REMOVE_ODD -> {
        if (number % 3 == 0) {
          removeOdd(states.map.values().iterator(), value -> value);
        } else {
          removeOdd(
              number % 3 == 1 ? states.map.iterator() : states.map.entries().iterator(),
              Map.Entry::getValue);
        }
      }
      case MAP_CLEAR -> states.map.clear();
      case SUM_READ -> {
        return states.sum.get();
      }
      case SUM_ADD -> states.sum.add(number);
      case SUM_CLEAR -> states.sum.clear();
      case MEAN_READ -> {
        return states.mean.get();
      }
      case MEAN_ADD -> states.mean.add(number);
      case MEAN_CLEAR -> states.mean.clear();
      case EVENT_TIMER -> timers.registerEventTimeTimer(number);
      case NO_EVENT_TIMER -> timers.deleteEventTimeTimer(number);
      case PROCESSING_TIMER -> timers.registerProcessingTimeTimer(number);
      case NO_PROCESSING_TIMER -> timers.deleteProcessingTimeTimer(number);
      case NOTE -> {
        split.add(number);
        union.add(number);
      }
    }
    return "done";
  }

  private static <T> void removeOdd(Iterator<T> all, Function<T, Long> value) {
    while (all.hasNext()) {
      if (value.apply(all.next()) % 2 == 1) {
        all.remove();
      }
    }
  }

  @Override
  public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
    out.collect(
        (context.timeDomain() == TimerDomain.EVENT_TIME ? "event time " : "processing time ")
            + time
            + " of "
            + context.getCurrentKey()
            + " with "
            + keyed.get(0).value.value());
  }

  /** A rule is set, and each subtask tells all it has. */
  @Override
  public void processBroadcastElement(Order rule, Context context, Collector<String> out)
      throws Exception {
    var rules = context.getBroadcastState(RULES);
    rules.put(rule.entry, (int) rule.number);
    var all = new TreeMap<String, Integer>();
    rules.entries().forEach(each -> all.put(each.getKey(), each.getValue()));
    out.collect("rules " + all);
    out.collect("union " + sorted(restoredUnion));
    restoredSplit.forEach(each -> out.collect("split " + each));
    out.collect("size " + restoredSplit.size());
    context.applyToKeyedState(
        value(Life.FOR_EVER),
        (key, state) -> out.collect("visited " + key + " with " + state.value()));
  }

  static List<Long> sorted(List<Long> numbers) {
    return numbers.stream().sorted().toList();
  }

  private static <T> List<T> listed(Iterable<T> values) {
    var list = new ArrayList<T>();
    values.forEach(list::add);
    return list;
  }
}
