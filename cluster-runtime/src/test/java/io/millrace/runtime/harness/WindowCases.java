package io.millrace.runtime.harness;

import io.millrace.api.AllWindowedStream;
import io.millrace.api.DataStream;
import io.millrace.api.WindowedStream;
import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.window.ContinuousEventTimeTrigger;
import io.millrace.api.window.ContinuousProcessingTimeTrigger;
import io.millrace.api.window.CountEvictor;
import io.millrace.api.window.CountTrigger;
import io.millrace.api.window.DeltaEvictor;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.ProcessAllWindowFunction;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.PurgingTrigger;
import io.millrace.api.window.TimeEvictor;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.TriggerResult;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.runtime.harness.Case.Item;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Windows with all that they can be told, as {@link OperatorCases} are. */
final class WindowCases {
  static List<Case> all() {
    return List.of(
        OperatorCases.one(
            "aggregations of windows",
            items ->
                lines(
                    windows(items).sum("number"),
                    windows(items).min("number"),
                    windows(items).max("number"),
                    windows(items).minBy("number"),
                    windows(items).maxBy("number", false))),
        OperatorCases.one(
            "aggregations of windows of all",
            items ->
                lines(
                    windowsOfAll(items).sum("number"),
                    windowsOfAll(items).min("number"),
                    windowsOfAll(items).max("number"),
                    windowsOfAll(items).minBy("number"),
                    windowsOfAll(items).maxBy("number", false))),
        OperatorCases.one(
            "window functions",
            items ->
                List.of(
                    windows(items)
                        .apply(
                            (String key,
                                TimeWindow window,
                                Iterable<Item> all,
                                Collector<String> out) ->
                                out.collect(window.start() + " " + list(all))),
                    windows(items).process(new Tells()),
                    windows(items).reduce(WindowCases::add, new Tells()),
                    windows(items).aggregate(new Add(), new Tells()))),
        OperatorCases.one(
            "window functions of all",
            items ->
                List.of(
                    windowsOfAll(items)
                        .apply(
                            (TimeWindow window, Iterable<Item> all, Collector<String> out) ->
                                out.collect(window.start() + " " + list(all).size())),
                    windowsOfAll(items).process(new TellsOfAll()),
                    windowsOfAll(items).reduce(WindowCases::add, new TellsOfAll()),
                    windowsOfAll(items).aggregate(new Add(), new TellsOfAll()))),
        OperatorCases.one(
            "evictors",
            items ->
                List.of(
                    windows(items).evictor(CountEvictor.of(2)).process(new Tells()),
                    windows(items)
                        .evictor(TimeEvictor.of(Duration.ofMillis(6)))
                        .process(new Tells()),
                    windows(items)
                        .evictor(
                            DeltaEvictor.<Item, TimeWindow>of(
                                4, (one, other) -> Math.abs(one.number() - other.number()), true))
                        .trigger(CountTrigger.of(2))
                        .process(new Tells()))),
        OperatorCases.one(
            "triggers",
            items ->
                List.of(
                    windows(items)
                        .trigger(ContinuousEventTimeTrigger.of(Duration.ofMillis(5)))
                        .allowedLateness(Duration.ofMillis(10))
                        .process(new Tells()),
                    windows(items)
                        .trigger(PurgingTrigger.of(CountTrigger.of(2)))
                        .process(new Tells()),
                    windows(items).trigger(new Threes()).reduce(WindowCases::add, new Tells()))),
        OperatorCases.one(
            "trigger by the clock",
            items ->
                List.of(
                    windows(items)
                        .trigger(ContinuousProcessingTimeTrigger.of(Duration.ofMillis(300)))
                        .process(new Tells()))),
        OperatorCases.one(
            "windows of all with trigger and evictor",
            items -> {
              OutputTag<Item> late = new OutputTag<>("late") {};
              var lines =
                  windowsOfAll(items)
                      .trigger(ContinuousEventTimeTrigger.of(Duration.ofMillis(5)))
                      .evictor(TimeEvictor.of(Duration.ofMillis(12)))
                      .allowedLateness(Duration.ofMillis(5))
                      .sideOutputLateData(late)
                      .process(new TellsOfAll());
              return List.of(lines, lines.getSideOutput(late).map(Item::toString));
            }),
        OperatorCases.one(
            "dynamic session windows",
            items ->
                List.of(
                    items
                        .keyBy(Item::key)
                        .window(
                            EventTimeSessionWindows.withDynamicGap(
                                (Item item) -> 3 + item.number()))
                        .aggregate(new Add())
                        .map(Item::toString),
                    items
                        .keyBy(Item::key)
                        .window(
                            EventTimeSessionWindows.withDynamicGap(
                                (Item item) -> 3 + item.number()))
                        .apply(
                            (String key,
                                TimeWindow window,
                                Iterable<Item> all,
                                Collector<String> out) -> out.collect(window + " " + list(all))))),
        OperatorCases.one(
            "windows by number that slide",
            items -> lines(items.keyBy(Item::key).countWindow(3, 2).reduce(WindowCases::add))),
        // Two subtasks in front might turn the records of a channel round.
        OperatorCases.one(
                "windows by number of all",
                items -> lines(ones(items).countWindowAll(2).reduce(WindowCases::add)))
            .inOneSubtask(),
        OperatorCases.two(
            "co-group",
            (left, right) ->
                List.of(
                    left.coGroup(right)
                        .where(Item::key)
                        .equalTo(Item::key)
                        .window(TumblingEventTimeWindows.of(Duration.ofMillis(20)))
                        .apply(
                            (Iterable<Item> some, Iterable<Item> others, Collector<String> out) ->
                                out.collect(list(some) + " with " + list(others))))),
        OperatorCases.two(
            "co-group with trigger and evictor",
            (left, right) ->
                List.of(
                    left.coGroup(right)
                        .where(Item::key)
                        .equalTo(Item::key)
                        .window(TumblingEventTimeWindows.of(Duration.ofMillis(20)))
                        .trigger(ContinuousEventTimeTrigger.of(Duration.ofMillis(5)))
                        .evictor(CountEvictor.of(3))
                        .allowedLateness(Duration.ofMillis(10))
                        .apply(
                            (Iterable<Item> some, Iterable<Item> others, Collector<String> out) ->
                                out.collect(list(some) + " with " + list(others))))),
        OperatorCases.two(
            "window join with trigger and evictor",
            (left, right) ->
                List.of(
                    left.join(right)
                        .where(Item::key)
                        .equalTo(Item::key)
                        .window(TumblingEventTimeWindows.of(Duration.ofMillis(20)))
                        .trigger(ContinuousEventTimeTrigger.of(Duration.ofMillis(5)))
                        .evictor(CountEvictor.of(3))
                        .allowedLateness(Duration.ofMillis(10))
                        .apply(
                            (Item one, Item other, Collector<String> out) -> {
                              out.collect(one + " with " + other);
                              out.collect(other + " with " + one);
                            }))));
  }

  private static WindowedStream<Item, String, TimeWindow> windows(DataStream<Item> items) {
    return items.keyBy(Item::key).window(TumblingEventTimeWindows.of(Duration.ofMillis(20)));
  }

  private static AllWindowedStream<Item, TimeWindow> windowsOfAll(DataStream<Item> items) {
    return ones(items).windowAll(TumblingEventTimeWindows.of(Duration.ofMillis(20)));
  }

  /** All of one key: which channel a window has heard from first must not show. */
  private static DataStream<Item> ones(DataStream<Item> items) {
    return items.map(item -> new Item("all", item.number() % 4 == 0 ? 1 : 2));
  }

  @SafeVarargs
  private static List<DataStream<String>> lines(DataStream<Item>... streams) {
    var lines = new ArrayList<DataStream<String>>();
    for (DataStream<Item> stream : streams) {
      lines.add(stream.map(Item::toString));
    }
    return lines;
  }

  private static Item add(Item one, Item other) {
    return new Item(one.key(), one.number() + other.number());
  }

  private static List<Item> list(Iterable<Item> items) {
    var list = new ArrayList<Item>();
    items.forEach(list::add);
    return list;
  }

  private static final class Add implements AggregateFunction<Item, Item, Item> {
    @Override
    public Item createAccumulator() {
      return new Item("", 0);
    }

    @Override
    public Item add(Item item, Item sum) {
      return new Item(item.key(), sum.number() + item.number());
    }

    @Override
    public Item getResult(Item sum) {
      return sum;
    }

    @Override
    public Item merge(Item one, Item other) {
      return new Item(one.key().isEmpty() ? other.key() : one.key(), one.number() + other.number());
    }
  }

  /** Tells what is in a window, and for which time, in state that goes with the window. */
  private static final class Tells extends ProcessWindowFunction<Item, String, String, TimeWindow> {
    private static final ValueStateDescriptor<Integer> TOLD =
        new ValueStateDescriptor<>("told", Integer.class, 0);

    @Override
    public void process(String key, Context context, Iterable<Item> items, Collector<String> out)
        throws Exception {
      ValueState<Integer> told = context.windowState().getState(TOLD);
      told.update(told.value() + 1);
      out.collect(context.window().start() + " #" + told.value() + " " + list(items));
    }

    @Override
    public void clear(Context context) {
      context.windowState().getState(TOLD).clear();
    }
  }

  private static final class TellsOfAll extends ProcessAllWindowFunction<Item, String, TimeWindow> {
    @Override
    public void process(Context context, Iterable<Item> items, Collector<String> out) {
      var numbers = list(items).stream().map(Item::number).sorted().toList();
      out.collect(context.window().start() + " " + numbers);
    }
  }

  /** Fires for every third number in a window and at its end, and then forgets what there was. */
  private static final class Threes extends Trigger<Item, TimeWindow> {
    private static final ValueStateDescriptor<Integer> SEEN =
        new ValueStateDescriptor<>("seen", Integer.class, 0);

    @Override
    public TriggerResult onElement(
        Item item, long timestamp, TimeWindow window, TriggerContext context) throws Exception {
      ValueState<Integer> seen = context.getPartitionedState(SEEN);
      seen.update(seen.value() + 1);
      context.registerEventTimeTimer(window.maxTimestamp());
      return seen.value() % 3 == 0 ? TriggerResult.FIRE_AND_PURGE : TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onProcessingTime(long time, TimeWindow window, TriggerContext context) {
      return TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onEventTime(long time, TimeWindow window, TriggerContext context) {
      return time == window.maxTimestamp() ? TriggerResult.FIRE : TriggerResult.CONTINUE;
    }

    @Override
    public void clear(TimeWindow window, TriggerContext context) {
      context.getPartitionedState(SEEN).clear();
      context.deleteEventTimeTimer(window.maxTimestamp());
    }
  }

  private WindowCases() {}
}
