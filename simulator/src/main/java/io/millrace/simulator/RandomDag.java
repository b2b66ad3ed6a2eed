package io.millrace.simulator;

import io.millrace.api.DataStream;
import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.JobSettings;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.CoFlatMapFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FlatMapFunction;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.source.Sources;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.simulator.RandomJob.Item;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * A bounded job whose streams part and meet again in many ways, with credit for a single small
 * batch in each channel: whatever may wait for something else does so. No result depends on the
 * order in which streams meet.
 */
final class RandomDag {
  private static final OutputTag<Item> ODD = new OutputTag<>("odd") {};

  /** More records than that are not let into an operator. */
  private static final int MOST_RECORDS = 150;

  private final SplittableRandom chance;
  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();
  private final int parallelism;

  /** What the job has instead, where operators have no parallelism of their own. */
  private final OptionalInt rescaled;

  private final List<Node> nodes = new ArrayList<>();

  /** Nodes, by number, that nobody takes records from yet. */
  private final TreeSet<Integer> ends = new TreeSet<>();

  /**
   * A stream to go on from.
   *
   * @param most how many records it has at most, about
   * @param past numbers of the nodes that it comes from, its own among them
   */
  private record Node(DataStream<Item> items, int most, TreeSet<Integer> past) {}

  /** What the job is made of. */
  private final TreeSet<String> shapes = new TreeSet<>();

  /** Lives it without faults, and expects what the {@link Interpreter} computes. */
  static Simulation life(long seed, boolean keepTrace) {
    ClassLoader loader = RandomDag.class.getClassLoader();
    var dag = new RandomDag(new SplittableRandom(seed), OptionalInt.empty());
    dag.env.set("execution.checkpointing.timeout", "1 h");
    JobGraph graph = dag.draw();
    return dag.counted(
        new Simulation(
            seed,
            keepTrace,
            Optional.of(Faults.NONE),
            Optional.of(new UserJob(graph, loader)),
            Optional.of(new UserJob.Quiet(interpreted(graph, loader), Long.MAX_VALUE)),
            "scripts/simulate --starved --seed " + seed));
  }

  private Simulation counted(Simulation life) {
    shapes.forEach(shape -> life.trace().tally().count("shape: " + shape));
    return life;
  }

  private static List<String> interpreted(JobGraph graph, ClassLoader loader) {
    try {
      return new Interpreter(graph, loader).run();
    } catch (Exception e) {
      throw new IllegalStateException("cannot be interpreted:" + RandomJob.describe(graph), e);
    }
  }

  /** Lives it with faults and with another parallelism, which must change nothing. */
  static Simulation struck(long seed, boolean keepTrace) {
    ClassLoader loader = RandomDag.class.getClassLoader();
    var dag = new RandomDag(new SplittableRandom(seed), OptionalInt.empty());
    JobGraph graph = dag.draw();
    var job = new UserJob(graph, other -> rescaled(seed, other), loader);
    var quiet = new UserJob.Quiet(interpreted(graph, loader), job.liveQuietly().stepsPerTask());
    return dag.counted(
        new Simulation(
            seed,
            keepTrace,
            Optional.empty(),
            Optional.of(job),
            Optional.of(quiet),
            "scripts/simulate --struck --seed " + seed));
  }

  private static JobGraph rescaled(long seed, int parallelism) {
    return new RandomDag(new SplittableRandom(seed), OptionalInt.of(parallelism)).draw();
  }

  private RandomDag(SplittableRandom chance, OptionalInt rescaled) {
    this.chance = chance;
    this.parallelism = 1 + chance.nextInt(1 + chance.nextInt(3));
    this.rescaled = rescaled;
  }

  private JobGraph draw() {
    settle();
    int sources = 1 + chance.nextInt(2);
    for (int i = 0; i < sources; i++) {
      source(i);
    }
    int operators = 2 + chance.nextInt(7);
    for (int i = 0; i < operators; i++) {
      grow();
    }
    sinks();
    return env.getJobGraph();
  }

  private void settle() {
    env.setParallelism(rescaled.orElse(parallelism));
    env.setMaxParallelism(8);
    env.enableCheckpointing(50 + chance.nextInt(1_000));
    env.set("execution.checkpointing.inline-threshold", "20 kb");
    env.set("exchange.channel.batches", "1");
    env.set("exchange.batch.records", "" + (1 + chance.nextInt(3)));
    env.set("exchange.overflow.memory", chance.nextInt(2) + " kb");
    boolean said = chance.nextInt(3) != 0;
    boolean unaligned = chance.nextBoolean() && said;
    if (said) {
      env.set(JobSettings.UNALIGNED.key(), "" + unaligned);
    }
    if (unaligned) {
      int wait = chance.nextInt(2) * chance.nextInt(100);
      env.set("execution.checkpointing.aligned-checkpoint-timeout", wait + " ms");
    } else {
      env.set("execution.checkpointing.max-concurrent-checkpoints", "" + (1 + chance.nextInt(2)));
    }
  }

  private void source(int which) {
    int keys = 1 + chance.nextInt(6);
    int count = 10 + chance.nextInt(60);
    var numbers =
        Sources.generator(
            n -> new Item(which, 0, n, (int) (mix(n) % keys)), count, 10 + chance.nextInt(40));
    var time =
        WatermarkStrategy.<Item>forMonotonousTimestamps()
            .withTimestampAssigner((item, old) -> item.number());
    add(
        env.fromSource(numbers, time, "source " + which)
            .returns(Item.class)
            .setParallelism(1 + chance.nextInt(parallelism)),
        count);
  }

  private void add(SingleOutputStreamOperator<Item> items, int most, Node... from) {
    if (chance.nextInt(4) == 0) {
      items.disableChaining();
    }
    addStream(items, most, from);
  }

  private void addStream(DataStream<Item> items, int most, Node... from) {
    int number = nodes.size();
    var past = new TreeSet<Integer>();
    past.add(number);
    for (Node each : from) {
      if (each.past.stream().anyMatch(past::contains)) {
        shapes.add("diamond");
      }
      past.addAll(each.past);
    }
    ends.add(number);
    nodes.add(new Node(items, most, past));
  }

  /** Any stream: the more often it is taken, the more ways part there. */
  private Node pick() {
    int which = chance.nextInt(3) == 0 ? chance.nextInt(nodes.size()) : nodes.size() - 1 - later(3);
    if (!ends.remove(which)) {
      shapes.add("streams part");
    }
    Node node = nodes.get(which);
    if (node.most <= MOST_RECORDS) {
      return node;
    }
    int each = node.most / MOST_RECORDS + 1;
    return new Node(
        node.items.filter(item -> mix(item.number()) % each == 0),
        node.most / each + 10,
        node.past);
  }

  private int later(int bound) {
    return chance.nextInt(Math.min(bound, nodes.size()));
  }

  private void grow() {
    switch (chance.nextInt(13)) {
      case 0 -> {
        Node from = pick();
        add(Branches.elsewhere(chance, from.items).map(item -> item), from.most, from);
        shapes.add("partitioned");
      }
      case 1 -> burst(2 + chance.nextInt(3));
      case 2 -> burst(15 + chance.nextInt(20));
      case 3 -> {
        Node one = pick();
        Node other = pick();
        boolean two = one.items != other.items; // no stream may be united with itself
        DataStream<Item> both = two ? one.items.union(other.items) : one.items;
        if (two) {
          add(both.map(item -> item), one.most + other.most, one, other);
          shapes.add("union");
        } else {
          add(both.map(item -> item), one.most, one);
        }
      }
      case 4, 5 -> connect();
      case 6 -> {
        Node from = pick();
        add(
            from.items.keyBy(RandomDag::otherKey).process(new Passes()).setParallelism(any()),
            from.most,
            from);
        shapes.add("burst at the end of event time");
      }
      case 7 -> {
        Node from = pick();
        var parted = from.items.process(new Parts());
        add(parted, from.most, from);
        addStream(parted.getSideOutput(ODD), from.most, from);
        shapes.add("side output");
      }
      case 8 -> windows();
      case 9 -> windowJoin();
      case 10 -> intervalJoin();
      case 11 -> coGroup();
      default -> {
        Node from = pick();
        addStream(Asking.about(chance, from.items, chance.nextBoolean()), from.most, from);
        shapes.add("requests to the outside");
      }
    }
  }

  private int any() {
    return 1 + chance.nextInt(parallelism);
  }

  private void burst(int size) {
    Node from = pick();
    int each = size > 10 ? 20 : 1;
    add(
        from.items.filter(item -> item.number() % each == 0).flatMap(new Burst(size)),
        from.most * size / each + size,
        from);
    shapes.add("burst");
  }

  private void connect() {
    Node one = pick();
    Node other = pick();
    int subtasks = any();
    boolean toAll = chance.nextInt(3) == 0 && other.most < MOST_RECORDS / 2;
    boolean keyed = !toAll && !chance.nextBoolean();
    shapes.add(toAll ? "broadcast" : keyed ? "connected by key" : "connected");
    var connected =
        toAll
            ? one.items.connect(other.items.broadcast()).flatMap(new Meets())
            : !keyed
                ? one.items.connect(other.items).flatMap(new Meets())
                : one.items
                    .connect(other.items)
                    .keyBy(Item::key, RandomDag::otherKey)
                    .flatMap(new Meets());
    int most = one.most + other.most * (toAll ? subtasks : 1);
    add(connected.setParallelism(subtasks), most, one, other);
  }

  private void windows() {
    Node from = pick();
    int size = 1 + chance.nextInt(30);
    int slide = chance.nextBoolean() ? size : Math.max(1, size / 2);
    add(
        from.items
            .keyBy(Item::key)
            .window(
                slide == size
                    ? TumblingEventTimeWindows.of(Duration.ofMillis(size))
                    : SlidingEventTimeWindows.of(Duration.ofMillis(size), Duration.ofMillis(slide)))
            .aggregate(new Sum(), new AsItem())
            .setParallelism(any()),
        from.most * 2,
        from);
    shapes.add(slide == size ? "tumbling windows" : "sliding windows");
  }

  private void windowJoin() {
    Node one = few();
    Node other = few();
    add(
        one.items
            .join(other.items)
            .where(Item::key)
            .equalTo(Item::key)
            .window(TumblingEventTimeWindows.of(Duration.ofMillis(1 + chance.nextInt(10))))
            .apply(RandomDag::joined),
        one.most * other.most / 4,
        one,
        other);
    shapes.add("window join");
  }

  private void intervalJoin() {
    Node one = few();
    Node other = few();
    int reach = chance.nextInt(10);
    add(
        one.items
            .keyBy(Item::key)
            .intervalJoin(other.items.keyBy(Item::key))
            .between(Duration.ofMillis(-reach), Duration.ofMillis(chance.nextInt(10)))
            .process(new Joins()),
        one.most * other.most / 4,
        one,
        other);
    shapes.add("interval join");
  }

  private void coGroup() {
    Node one = pick();
    Node other = pick();
    add(
        one.items
            .coGroup(other.items)
            .where(Item::key)
            .equalTo(Item::key)
            .window(TumblingEventTimeWindows.of(Duration.ofMillis(1 + chance.nextInt(20))))
            .apply(RandomDag::tellSums),
        one.most + other.most,
        one,
        other);
    shapes.add("co-group");
  }

  /** A stream whose records may be multiplied with each other. */
  private Node few() {
    Node from = pick();
    int each = from.most / 40 + 1;
    return new Node(
        from.items.filter(item -> mix(item.number()) % each == 0), from.most / each + 5, from.past);
  }

  private void sinks() {
    var lines = new ArrayList<DataStream<String>>();
    for (int end : ends) {
      lines.add(nodes.get(end).items.map(item -> end + " " + item));
    }
    if (nodes.size() > 2 && chance.nextBoolean()) {
      lines.add(Branches.about(chance, pick().items, pick().items));
      shapes.add("counts of two streams");
    }
    boolean several = chance.nextBoolean();
    shapes.add(several ? "several sinks" : "one sink for all");
    if (several) {
      for (DataStream<String> each : lines) {
        each.sinkTo(new LedgerSink<>());
      }
    } else {
      DataStream<String> all = lines.get(0);
      for (DataStream<String> each : lines.subList(1, lines.size())) {
        all = all.union(each);
      }
      all.sinkTo(new LedgerSink<>());
    }
  }

  private static int otherKey(Item item) {
    return (int) (mix(item.number()) % 5);
  }

  private static Item joined(Item one, Item other) {
    return new Item(8, 0, mix(31 * one.number() + other.number()) >>> 20, one.key());
  }

  private static void tellSums(Iterable<Item> some, Iterable<Item> others, Collector<Item> out) {
    int key = 0;
    long sum = 0;
    for (Item item : some) {
      key = item.key();
      sum += item.number();
    }
    for (Item item : others) {
      key = item.key();
      sum += 7 * item.number();
    }
    out.collect(new Item(9, 0, sum, key));
  }

  private static long mix(long n) {
    long z = (n + 1) * 0x9e3779b97f4a7c15L;
    return (z ^ (z >>> 29)) >>> 1;
  }

  /** Several items for each. */
  private record Burst(int size) implements FlatMapFunction<Item, Item> {
    @Override
    public void flatMap(Item item, Collector<Item> out) {
      for (int i = 0; i < size; i++) {
        out.collect(new Item(item.source(), 1, item.number() * size + i, item.key()));
      }
    }
  }

  private static final class Meets implements CoFlatMapFunction<Item, Item, Item> {
    @Override
    public void flatMap1(Item item, Collector<Item> out) {
      out.collect(item);
    }

    @Override
    public void flatMap2(Item item, Collector<Item> out) {
      out.collect(new Item(item.source(), 2, item.number() + 1, item.key()));
    }
  }

  /** Passes items on, and tells how many there were when event time ends. */
  private static final class Passes extends KeyedProcessFunction<Integer, Item, Item> {
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class, 0L));
    }

    @Override
    public void processElement(Item item, Context context, Collector<Item> out) throws Exception {
      count.update(count.value() + 1);
      context.timerService().registerEventTimeTimer(1_000_000);
      out.collect(item);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<Item> out) throws Exception {
      for (int i = 0; i < 5; i++) {
        out.collect(new Item(i, 3, count.value(), context.getCurrentKey()));
      }
    }
  }

  private static final class Parts extends ProcessFunction<Item, Item> {
    @Override
    public void processElement(Item item, Context context, Collector<Item> out) {
      if (item.number() % 2 == 1) {
        context.output(ODD, item);
      } else {
        out.collect(item);
      }
    }
  }

  private static final class Joins extends ProcessJoinFunction<Item, Item, Item> {
    @Override
    public void processElement(Item left, Item right, Context context, Collector<Item> out) {
      out.collect(joined(left, right));
    }
  }

  private static final class Sum implements AggregateFunction<Item, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(Item item, Long sum) {
      return sum + item.number();
    }

    @Override
    public Long getResult(Long sum) {
      return sum;
    }

    @Override
    public Long merge(Long one, Long other) {
      return one + other;
    }
  }

  private static final class AsItem extends ProcessWindowFunction<Long, Item, Integer, TimeWindow> {
    @Override
    public void process(Integer key, Context context, Iterable<Long> sums, Collector<Item> out) {
      for (long sum : sums) {
        out.collect(new Item(7, 4, sum + 3 * context.window().start(), key));
      }
    }
  }
}
