package io.millrace.simulator;

import io.millrace.api.DataStream;
import io.millrace.api.function.CoMapFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedBroadcastProcessFunction;
import io.millrace.api.function.KeyedCoProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.BroadcastState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.simulator.RandomJob.Item;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What a random job may do on the way, with one stream or two. Like all of it, the result does not
 * depend on the order in which they meet.
 */
final class Branches {
  /** The same records in other subtasks. */
  static DataStream<Item> elsewhere(SplittableRandom chance, DataStream<Item> items) {
    return switch (chance.nextInt(5)) {
      case 0 -> items.rebalance();
      case 1 -> items.rescale();
      case 2 -> items.shuffle();
      case 3 -> items.global();
      default -> items.partitionCustom((lane, subtasks) -> lane % subtasks, Item::lane);
    };
  }

  /** Both streams as one. */
  static DataStream<Item> together(DataStream<Item> one, DataStream<Item> other) {
    return one.connect(other).map(new Same());
  }

  /** Lines about both streams. */
  static DataStream<String> about(
      SplittableRandom chance, DataStream<Item> one, DataStream<Item> other) {
    return chance.nextBoolean()
        ? one.connect(other).keyBy(Item::key, Item::key).process(new Meet())
        : one.keyBy(Item::key).connect(other.broadcast(Tell.OTHERS)).process(new Tell());
  }

  private static final class Same implements CoMapFunction<Item, Item, Item> {
    @Override
    public Item map1(Item item) {
      return item;
    }

    @Override
    public Item map2(Item item) {
      return item;
    }
  }

  /** Counts either stream in one state, and tells both counts when both have ended. */
  private static final class Meet extends KeyedCoProcessFunction<Integer, Item, Item, String> {
    private transient ValueState<Long> first;
    private transient ValueState<Long> second;

    @Override
    public void open(OpenContext context) {
      first = getRuntimeContext().getState(new ValueStateDescriptor<>("first", Long.class));
      second = getRuntimeContext().getState(new ValueStateDescriptor<>("second", Long.class));
    }

    @Override
    public void processElement1(Item item, Context context, Collector<String> out)
        throws Exception {
      out.collect(context.getCurrentKey() + " first " + count(first, context));
    }

    @Override
    public void processElement2(Item item, Context context, Collector<String> out)
        throws Exception {
      out.collect(context.getCurrentKey() + " second " + count(second, context));
    }

    private static long count(ValueState<Long> state, Context context) throws Exception {
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
      state.update(state.value() == null ? 1 : state.value() + 1);
      return state.value();
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
      out.collect(context.getCurrentKey() + " met " + first.value() + "/" + second.value());
    }
  }

  /** Counts a stream per key and one that is broadcast for all, and tells both when both ended. */
  private static final class Tell
      extends KeyedBroadcastProcessFunction<Integer, Item, Item, String> {
    private static final MapStateDescriptor<Integer, Long> OTHERS =
        new MapStateDescriptor<>("others", Integer.class, Long.class);

    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
    }

    @Override
    public void processElement(Item item, ReadOnlyContext context, Collector<String> out)
        throws Exception {
      count.update(count.value() == null ? 1 : count.value() + 1);
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void processBroadcastElement(Item item, Context context, Collector<String> out)
        throws Exception {
      BroadcastState<Integer, Long> others = context.getBroadcastState(OTHERS);
      Long before = others.get(item.key());
      others.put(item.key(), before == null ? item.number() : before + item.number());
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
      var others = new TreeMap<Integer, Long>();
      for (Map.Entry<Integer, Long> each : context.getBroadcastState(OTHERS).immutableEntries()) {
        others.put(each.getKey(), each.getValue());
      }
      out.collect(context.getCurrentKey() + " told " + count.value() + " of " + others);
    }
  }

  private Branches() {}
}
