package io.millrace.runtime.harness;

import io.millrace.api.AsyncDataStream;
import io.millrace.api.DataStream;
import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.AsyncFunction;
import io.millrace.api.function.AsyncRetryStrategies;
import io.millrace.api.function.AsyncRetryStrategy;
import io.millrace.api.function.BroadcastProcessFunction;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.CoFlatMapFunction;
import io.millrace.api.function.CoMapFunction;
import io.millrace.api.function.CoProcessFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.KeyedBroadcastProcessFunction;
import io.millrace.api.function.KeyedCoProcessFunction;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.function.RetryPredicates;
import io.millrace.api.function.RichMapFunction;
import io.millrace.api.function.SinkFunction;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.tuple.Tuple2;
import io.millrace.api.tuple.Tuple3;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.SlidingProcessingTimeWindows;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.TumblingProcessingTimeWindows;
import io.millrace.runtime.harness.Case.Item;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Every operator of the API as a small program. Results do not depend on how channels meet. */
final class OperatorCases {
  private static final OutputTag<String> ASIDE = new OutputTag<>("aside") {};
  private static final MapStateDescriptor<String, Integer> RULES =
      new MapStateDescriptor<>("rules", String.class, Integer.class);

  static List<Case> all() {
    return Stream.concat(operators().stream(), WindowCases.all().stream().map(Case::asSample))
        .toList();
  }

  static Case named(String name) {
    return all().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  /** Its place among them: those that are next to each other have different turns. */
  static int turn(Case of) {
    List<String> names = all().stream().map(Case::name).toList();
    return names.indexOf(of.name());
  }

  private static List<Case> operators() {
    return List.of(
        one("map", items -> List.of(items.map(Item::toString))),
        one("map with state of its own", items -> List.of(items.map(new Remembers())))
            .inOneSubtask(),
        one(
            "flat map",
            items ->
                List.of(
                    items.flatMap(
                        (Item item, Collector<String> out) -> {
                          for (int i = 0; i < item.number() % 7; i++) {
                            out.collect(item + "/" + i);
                          }
                        }))),
        one(
            "project",
            items ->
                List.of(
                    items
                        .map(item -> Tuple3.of(item.key(), "unused", item.number()))
                        .<Tuple2<Integer, String>>project(2, 0)
                        .map(Object::toString))),
        one(
            "sink function",
            items -> {
              items.addSink(new Swallows());
              return List.of(items.map(Item::toString));
            }),
        one(
            "filter",
            items -> List.of(items.filter(item -> item.number() % 2 == 0).map(Item::toString))),
        one(
            "reduce",
            items ->
                List.of(
                    items
                        .keyBy(Item::key)
                        .reduce((a, b) -> new Item(a.key(), a.number() + b.number()))
                        .map(Item::toString))),
        one("process", items -> both(items.process(new Sorts()))),
        one("keyed process", items -> both(items.keyBy(Item::key).process(new Counts()))),
        one(
            "keyed process with a list",
            items -> List.of(items.keyBy(Item::key).process(new Lists()))),
        one(
            "timestamps",
            items ->
                List.of(
                    items
                        .assignTimestampsAndWatermarks(
                            WatermarkStrategy.<Item>forMonotonousTimestamps()
                                .withTimestampAssigner((item, old) -> old + 1)
                                .withIdleness(Duration.ofSeconds(1)))
                        .map(Item::toString))),
        one(
            "async",
            items ->
                List.of(
                    AsyncDataStream.orderedWait(
                        items,
                        (Item item, ResultFuture<String> answer) ->
                            answer.complete(List.of("asked " + item, "told " + item)),
                        Duration.ofSeconds(10).toMillis(),
                        TimeUnit.MILLISECONDS))),
        one(
            "async with requests in flight",
            items ->
                List.of(
                    AsyncDataStream.orderedWait(items, new Slow(), 500, TimeUnit.MILLISECONDS),
                    AsyncDataStream.unorderedWait(items, new Slow(), 500, TimeUnit.MILLISECONDS))),
        one(
            "async that asks again",
            items ->
                List.of(
                    AsyncDataStream.orderedWaitWithRetry(
                        items, new SecondTime(), 0, TimeUnit.MILLISECONDS, again()),
                    AsyncDataStream.unorderedWaitWithRetry(
                        items, new SecondTime(), 0, TimeUnit.MILLISECONDS, again()))),
        one(
                "running aggregations",
                items ->
                    Stream.of(
                            items.keyBy(Item::key).sum("number"),
                            items.keyBy(Item::key).min("number"),
                            items.keyBy(Item::key).max("number"),
                            items.keyBy(Item::key).minBy("number"),
                            items.keyBy(Item::key).maxBy("number", false))
                        .map(each -> (DataStream<String>) each.map(Item::toString))
                        .toList())
            .asSample(),
        one(
            "not in one chain",
            items ->
                List.of(
                    items
                        .map(item -> new Item(item.key(), item.number() + 1))
                        .blocking()
                        .filter(item -> item.number() % 5 != 0)
                        .disableChaining()
                        .map(item -> new Item(item.key(), item.number() + 1))
                        .map(Item::toString)
                        .startNewChain())),
        one(
                "partitioned",
                items ->
                    List.of(
                        items.rebalance().map(item -> "rebalance " + item),
                        items.rescale().map(item -> "rescale " + item),
                        items.shuffle().map(item -> "shuffle " + item),
                        items.global().map(item -> "global " + item),
                        items
                            .map(item -> new Item("forward " + item.key(), item.number()))
                            .forward()
                            .map(Item::toString),
                        items
                            .partitionCustom(
                                (key, partitions) -> key.length() % partitions, Item::key)
                            .map(item -> "custom " + item),
                        items.broadcast().map(item -> "broadcast " + item).setParallelism(1)))
            .asSample(),
        slicedWindows(),
        slicedWindows().with("pipeline.combine", "false"),
        one(
            "tumbling windows with lateness",
            items -> {
              OutputTag<Item> late = new OutputTag<>("late") {};
              var windows =
                  items
                      .keyBy(Item::key)
                      .window(TumblingEventTimeWindows.of(Duration.ofMillis(15)))
                      .allowedLateness(Duration.ofMillis(10))
                      .sideOutputLateData(late)
                      .aggregate(new Sum());
              return List.of(windows, windows.getSideOutput(late).map(Item::toString));
            }),
        one(
            "session windows",
            items ->
                List.of(
                    items
                        .keyBy(Item::key)
                        .window(EventTimeSessionWindows.withGap(Duration.ofMillis(7)))
                        .aggregate(new Sum()))),
        one(
            "windows by the clock",
            items ->
                List.of(
                    items
                        .keyBy(Item::key)
                        .window(TumblingProcessingTimeWindows.of(Duration.ofSeconds(1)))
                        .aggregate(new Sum()),
                    items
                        .keyBy(Item::key)
                        .window(
                            SlidingProcessingTimeWindows.of(
                                Duration.ofSeconds(3), Duration.ofSeconds(2)))
                        .aggregate(new Sum()))),
        one(
            "windows by number",
            items ->
                List.of(
                    items
                        .keyBy(Item::key)
                        .countWindow(2)
                        .reduce((a, b) -> new Item(a.key(), a.number() + b.number()))
                        .map(Item::toString))),
        two(
            "union",
            (left, right) -> {
              // Two subtasks of that would have no order among them.
              var others =
                  right
                      .map(item -> new Item("other " + item.key(), item.number()))
                      .setParallelism(1);
              return List.of(left.union(others).keyBy(Item::key).process(new Counts()));
            }),
        two("co-map", (left, right) -> List.of(left.connect(right).map(new Tells()))),
        two("co-flat-map", (left, right) -> List.of(left.connect(right).flatMap(new Repeats()))),
        two("co-process", (left, right) -> both(left.connect(right).process(new SortsBoth()))),
        two(
            "keyed co-process",
            (left, right) ->
                both(left.connect(right).keyBy(Item::key, Item::key).process(new CountsBoth()))),
        two(
            "broadcast",
            (left, right) -> List.of(left.connect(right.broadcast(RULES)).process(new Passes()))),
        two(
            "keyed broadcast",
            (left, right) ->
                List.of(
                    left.keyBy(Item::key)
                        .connect(right.broadcast(RULES))
                        .process(new CountsWithRules()))),
        two(
            "interval join",
            (left, right) ->
                List.of(
                    left.keyBy(Item::key)
                        .intervalJoin(right.keyBy(Item::key))
                        .between(Duration.ofMillis(-10), Duration.ofMillis(10))
                        .process(new Pairs()))),
        two(
                "interval join with open bounds and late records",
                (left, right) -> {
                  OutputTag<Item> lateLeft = new OutputTag<>("late left") {};
                  OutputTag<Item> lateRight = new OutputTag<>("late right") {};
                  var pairs =
                      left.keyBy(Item::key)
                          .intervalJoin(right.keyBy(Item::key))
                          .between(Duration.ofMillis(-10), Duration.ofMillis(10))
                          .lowerBoundExclusive()
                          .upperBoundExclusive()
                          .sideOutputLeftLateData(lateLeft)
                          .sideOutputRightLateData(lateRight)
                          .process(new Pairs());
                  return List.of(
                      pairs,
                      pairs.getSideOutput(ASIDE),
                      pairs.getSideOutput(lateLeft).map(Item::toString),
                      pairs.getSideOutput(lateRight).map(Item::toString));
                })
            .asSample(),
        two(
            "window join",
            (left, right) ->
                List.of(
                    left.join(right)
                        .where(Item::key)
                        .equalTo(Item::key)
                        .window(TumblingEventTimeWindows.of(Duration.ofMillis(20)))
                        .apply((a, b) -> a + " with " + b))),
        two(
                "two inputs, on threads of their own",
                (left, right) ->
                    List.of(
                        left.connect(right)
                            .keyBy(Item::key, Item::key)
                            .process(new CountsBoth())
                            .blocking(),
                        left.connect(right.broadcast(RULES)).process(new Passes()).blocking(),
                        left.keyBy(Item::key)
                            .intervalJoin(right.keyBy(Item::key))
                            .between(Duration.ofMillis(-10), Duration.ofMillis(10))
                            .process(new Pairs())
                            .blocking(),
                        left.join(right)
                            .where(Item::key)
                            .equalTo(Item::key)
                            .window(TumblingEventTimeWindows.of(Duration.ofMillis(20)))
                            .apply((a, b) -> a + " with " + b)
                            .blocking()))
            .asSample());
  }

  /** Whether a state may hold something when bounded input has ended. */
  static boolean mayBeLeft(Case each, String state) {
    boolean untimed = each.name().equals("windows by the clock");
    boolean unfilled = each.name().startsWith("windows by number");
    return switch (state) {
      // What functions and a running reduce keep for good.
      case "count", "sum", "reduce/accumulator", "numbers" -> true;
      case "timers/PROCESSING_TIME" -> true;
      case "windows/contents" -> untimed || unfilled;
      case "trigger/count" -> unfilled;
      default -> false;
    };
  }

  interface OneToLines {
    List<DataStream<String>> of(DataStream<Item> items);
  }

  interface TwoToLines {
    List<DataStream<String>> of(DataStream<Item> left, DataStream<Item> right);
  }

  private static Case slicedWindows() {
    return one(
        "sliced windows",
        items ->
            List.of(
                items
                    .keyBy(Item::key)
                    .window(
                        SlidingEventTimeWindows.of(Duration.ofMillis(20), Duration.ofMillis(10)))
                    .aggregate(new Sum())));
  }

  static Case one(String name, OneToLines program) {
    return new Case(name, 1, Map.of(), false, false, streams -> program.of(streams.get(0)));
  }

  static Case two(String name, TwoToLines program) {
    return new Case(
        name, 2, Map.of(), false, false, streams -> program.of(streams.get(0), streams.get(1)));
  }

  private static List<DataStream<String>> both(SingleOutputStreamOperator<String> stream) {
    return List.of(stream, stream.getSideOutput(ASIDE));
  }

  /** Takes records out of the job. */
  private static final class Swallows implements SinkFunction<Item> {
    @Override
    public void invoke(Item item, Context context) {
      if (item == null || context.timestamp() == null) {
        throw new AssertionError(item + " without a time");
      }
    }
  }

  /** State that belongs to no key: every number must come once only, whoever has it now. */
  private static final class Remembers extends RichMapFunction<Item, String>
      implements CheckpointedFunction {
    private transient TreeSet<Integer> seen;
    private transient ListState<Integer> state;

    @Override
    public void initializeState(FunctionInitializationContext context) {
      state =
          context
              .getOperatorStateStore()
              .getUnionListState(new ListStateDescriptor<>("seen", Integer.class));
      seen = new TreeSet<>();
      state.get().forEach(seen::add);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      state.update(List.copyOf(seen));
    }

    @Override
    public String map(Item item) {
      return (seen.add(item.number()) ? "new " : "again ") + item;
    }
  }

  private static final class Sorts extends ProcessFunction<Item, String> {
    @Override
    public void processElement(Item item, Context context, Collector<String> out) {
      if (item.number() % 3 == 0) {
        context.output(ASIDE, item.toString());
      } else {
        out.collect(item.toString());
      }
    }
  }

  /** Counts, and tells when event time or the clock has moved on. */
  private static final class Counts extends KeyedProcessFunction<String, Item, String> {
    private transient ValueState<Integer> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Integer.class, 0));
    }

    @Override
    public void processElement(Item item, Context context, Collector<String> out) throws Exception {
      count.update(count.value() + 1);
      out.collect(item.key() + " #" + count.value());
      var timers = context.timerService();
      timers.registerEventTimeTimer(context.timestamp() + 5);
      timers.registerEventTimeTimer(Long.MAX_VALUE);
      timers.registerProcessingTimeTimer(timers.currentProcessingTime() + 700);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
      if (context.timeDomain() == TimerDomain.PROCESSING_TIME) {
        context.output(ASIDE, context.getCurrentKey() + " by the clock");
      } else {
        out.collect(context.getCurrentKey() + " at " + time);
      }
    }
  }

  /** Keeps numbers in the order in which they came. */
  private static final class Lists extends KeyedProcessFunction<String, Item, String> {
    private transient ListState<Integer> numbers;

    @Override
    public void open(OpenContext context) {
      numbers =
          getRuntimeContext().getListState(new ListStateDescriptor<>("numbers", Integer.class));
    }

    @Override
    public void processElement(Item item, Context context, Collector<String> out) throws Exception {
      numbers.add(item.number());
      var all = new StringBuilder(item.key());
      int kept = 0;
      for (int number : numbers.get()) {
        all.append(' ').append(number);
        kept++;
      }
      out.collect(all.toString());
      if (kept == 5) {
        numbers.clear();
      }
    }
  }

  private static final class Sum implements AggregateFunction<Item, Map<String, Integer>, String> {
    @Override
    public Map<String, Integer> createAccumulator() {
      return new TreeMap<>();
    }

    @Override
    public Map<String, Integer> add(Item item, Map<String, Integer> sums) {
      sums.merge(item.key(), item.number(), Integer::sum);
      return sums;
    }

    @Override
    public String getResult(Map<String, Integer> sums) {
      return sums.toString();
    }

    @Override
    public Map<String, Integer> merge(Map<String, Integer> one, Map<String, Integer> other) {
      other.forEach((key, sum) -> one.merge(key, sum, Integer::sum));
      return one;
    }
  }

  private static final class Tells implements CoMapFunction<Item, Item, String> {
    @Override
    public String map1(Item item) {
      return "left " + item;
    }

    @Override
    public String map2(Item item) {
      return "right " + item;
    }
  }

  private static final class Repeats implements CoFlatMapFunction<Item, Item, String> {
    @Override
    public void flatMap1(Item item, Collector<String> out) {
      for (int i = 0; i < item.number() % 3; i++) {
        out.collect("left " + item);
      }
    }

    @Override
    public void flatMap2(Item item, Collector<String> out) {
      out.collect("right " + item);
      out.collect("right again " + item);
    }
  }

  private static final class SortsBoth extends CoProcessFunction<Item, Item, String> {
    @Override
    public void processElement1(Item item, Context context, Collector<String> out) {
      out.collect("left " + item);
    }

    @Override
    public void processElement2(Item item, Context context, Collector<String> out) {
      context.output(ASIDE, "right " + item);
    }
  }

  private static final class CountsBoth extends KeyedCoProcessFunction<String, Item, Item, String> {
    private transient ReducingState<Integer> sum;

    @Override
    public void open(OpenContext context) {
      sum =
          getRuntimeContext()
              .getReducingState(new ReducingStateDescriptor<>("sum", Integer::sum, Integer.class));
    }

    @Override
    public void processElement1(Item item, Context context, Collector<String> out)
        throws Exception {
      sum.add(item.number());
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void processElement2(Item item, Context context, Collector<String> out)
        throws Exception {
      sum.add(100 * item.number());
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
      context.output(ASIDE, "right " + item);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
      out.collect(context.getCurrentKey() + " sum " + sum.get());
    }
  }

  private static final class Passes extends BroadcastProcessFunction<Item, Item, String> {
    @Override
    public void processElement(Item item, ReadOnlyContext context, Collector<String> out) {
      out.collect(item.toString());
    }

    @Override
    public void processBroadcastElement(Item item, Context context, Collector<String> out)
        throws Exception {
      context.getBroadcastState(RULES).put(item.key(), item.number());
    }
  }

  private static final class CountsWithRules
      extends KeyedBroadcastProcessFunction<String, Item, Item, String> {
    private transient ValueState<Integer> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Integer.class, 0));
    }

    @Override
    public void processElement(Item item, ReadOnlyContext context, Collector<String> out)
        throws Exception {
      count.update(count.value() + 1);
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void processBroadcastElement(Item item, Context context, Collector<String> out)
        throws Exception {
      Integer before = context.getBroadcastState(RULES).get(item.key());
      context
          .getBroadcastState(RULES)
          .put(item.key(), item.number() + (before == null ? 0 : before));
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
      var rules = new TreeMap<String, Integer>();
      for (var rule : context.getBroadcastState(RULES).immutableEntries()) {
        rules.put(rule.getKey(), rule.getValue());
      }
      out.collect(context.getCurrentKey() + " " + count.value() + " under " + rules);
    }
  }

  private static AsyncRetryStrategy<String> again() {
    return new AsyncRetryStrategies.FixedDelayRetryStrategyBuilder<String>(3, 300)
        .ifResult(RetryPredicates.EMPTY_RESULT_PREDICATE)
        .build();
  }

  /** Answers some at once, and the others when their time is over. */
  private static final class Slow implements AsyncFunction<Item, String> {
    @Override
    public void asyncInvoke(Item item, ResultFuture<String> answer) {
      if (item.number() % 3 == 0) {
        answer.complete(List.of("at once " + item));
      }
    }

    @Override
    public void timeout(Item item, ResultFuture<String> answer) {
      answer.complete(List.of("at last " + item));
    }
  }

  /** Knows nothing the first time that it is asked something. */
  private static final class SecondTime implements AsyncFunction<Item, String> {
    private transient TreeSet<String> asked;

    @Override
    public void asyncInvoke(Item item, ResultFuture<String> answer) {
      if (asked == null) {
        asked = new TreeSet<>();
      }
      boolean first = asked.add(item.toString());
      answer.complete(first ? List.of() : List.of("told " + item));
    }
  }

  private static final class Pairs extends ProcessJoinFunction<Item, Item, String> {
    @Override
    public void processElement(Item left, Item right, Context context, Collector<String> out) {
      out.collect(left + " and " + right);
      context.output(ASIDE, right + " and " + left);
    }
  }

  private OperatorCases() {}
}
