package io.millrace.simulator;

import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.JobSettings;
import io.millrace.api.config.RestartStrategies;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FlatMapFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.function.RichFlatMapFunction;
import io.millrace.api.function.TimerService;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.BroadcastState;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.OperatorStateStore;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A bounded job of random shape. Its result does not depend on the order in which parallel streams
 * meet, but on every record being processed once, with its key's state, in its source's order.
 */
final class RandomJob {
  /** What flows. */
  record Item(int source, int lane, long number, int key) {}

  /** Looked for at each start of the functions that want it. */
  private static final String DICTIONARY = "hdfs:/dictionary";

  private static final int MOST_LANES = 3;

  /** Failures in a minute. */
  private static final int NEVER_REACHED = 1_000;

  private static final String MODE = "execution.checkpointing.mode";
  private static final String TOLERABLE = "execution.checkpointing.tolerable-failed-checkpoints";
  private static final String TURNING = "execution.checkpointing.aligned-checkpoint-timeout";
  private static final OutputTag<Item> FIFTHS = new OutputTag<>("fifths") {};
  private static final OutputTag<String> TOTALS = new OutputTag<>("totals") {};
  private static final OutputTag<String> UNHEARD = new OutputTag<>("unheard") {};

  /** A job that is always the same: keyed counts on two TaskManagers, a checkpoint each 500 ms. */
  static JobGraph steady(Faults.Program program) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    env.setMaxParallelism(8);
    env.enableCheckpointing(500);
    env.set("execution.recovery.fallback", program.fallback());
    env.set("execution.checkpointing.timeout", program.checkpointTimeoutMillis() + " ms");
    env.set("execution.checkpointing.inline-threshold", "0");
    env.set("exchange.batch.records", "5");
    env.fromGenerator(n -> new Item(0, (int) (n % 2), n, (int) (mix(n) % 5)), 300, 30)
        .setParallelism(2)
        .keyBy(Item::key)
        .process(new Count(true, false, false))
        .sinkTo(new LedgerSink<>());
    return env.getJobGraph();
  }

  /**
   * @param rescaled what the same job gets for its parallelism when it goes on from a checkpoint;
   *     empty for what it was drawn with
   * @param changed whether it is a later version, whose state has another shape
   * @param dealt whether it goes on from one that {@link #dealsInFlight}
   * @param alone whether its sinks must be the only writers
   */
  static JobGraph draw(
      SplittableRandom chance,
      Faults.Program program,
      Optional<SplittableRandom> rescaled,
      boolean changed,
      boolean dealt,
      boolean alone) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    int drawn = 1 + chance.nextInt(3);
    int maxParallelism = 8 + chance.nextInt(9);
    int parallelism = rescaled.map(other -> 1 + other.nextInt(4)).orElse(drawn);
    env.setParallelism(parallelism);
    env.setMaxParallelism(maxParallelism);
    env.registerCachedFile(DICTIONARY, "dictionary");
    if (program.checkpoints()) {
      env.enableCheckpointing(100 + chance.nextInt(900));
    } else {
      env.disableCheckpointing();
    }
    env.set("execution.checkpointing.timeout", program.checkpointTimeoutMillis() + " ms");
    env.set("execution.checkpointing.num-retained", "" + (1 + chance.nextInt(4)));
    env.set("execution.recovery.fallback", program.fallback());
    env.set("execution.checkpointing.inline-threshold", chance.nextBoolean() ? "0" : "20 kb");
    int batchRecords = 1 + chance.nextInt(20);
    env.set("exchange.batch.records", "" + batchRecords);
    env.set("exchange.channel.batches", "" + (1 + chance.nextInt(3)));
    if (chance.nextInt(3) != 0) {
      env.set("exchange.overflow.memory", chance.nextInt(3) + " kb");
    }
    boolean atLeastOnce = false;
    // Nothing is said of it by default: then barriers overtake once they have waited for long.
    boolean said = chance.nextInt(3) != 0;
    boolean unaligned = chance.nextBoolean() && said;
    if (said) {
      env.set(JobSettings.UNALIGNED.key(), "" + unaligned);
    }
    if (unaligned) {
      int wait = chance.nextInt(3) * chance.nextInt(200);
      env.set(TURNING, wait + " ms");
    } else if (chance.nextInt(6) == 0) {
      env.set(MODE, "AT_LEAST_ONCE");
      atLeastOnce = true;
    }
    if (!unaligned && chance.nextBoolean()) {
      env.set("execution.checkpointing.max-concurrent-checkpoints", "" + (2 + chance.nextInt(3)));
    }
    if (chance.nextInt(8) == 0) {
      env.set("execution.checkpointing.min-pause", 1 + chance.nextInt(500) + " ms");
    }
    restarts(env, chance);
    if (chance.nextInt(5) == 0) {
      env.set(TOLERABLE, "" + (1 + chance.nextInt(3)));
      // Else one that is slow to align would restart the job for ever.
      env.set("execution.checkpointing.timeout", "1 min");
    }
    int keys = 1 + chance.nextInt(20);
    int drawnSources = 1 + chance.nextInt(2);
    boolean ordered = !dealt;
    EventTime time =
        atLeastOnce ? EventTime.NONE : EventTime.draw(chance, batchRecords, MOST_LANES);
    if (time.use() == EventTime.Use.PUNCTUAL) {
      // Watermarks in flight are not for another parallelism.
      time.punctualJob(env, chance, keys, unaligned || !said ? drawn : 0)
          .sinkTo(new LedgerSink<>(alone));
      return env.getJobGraph();
    }
    int sources = time.abreast().isPresent() ? 2 : drawnSources;
    DataStream<Item> all = null;
    DataStream<Item> last = null;
    for (int i = 0; i < sources; i++) {
      int drawnLanes = 1 + chance.nextInt(MOST_LANES);
      int kind = time.use() == EventTime.Use.LATE ? chance.nextInt(3) : 1;
      boolean apart = kind == 2;
      int lanes = apart ? Math.max(2, drawnLanes) : drawnLanes;
      // A lane that is silent holds up others of its reader.
      int drawnReaders = kind == 0 ? 1 : lanes;
      int otherReaders = rescaled.map(other -> 1 + other.nextInt(4)).orElse(drawnReaders);
      int readers = apart ? lanes : otherReaders;
      DataStream<Item> items = time.read(env, chance, i, lanes, keys, readers, apart);
      if (chance.nextInt(3) == 0) {
        items = items.filter(item -> item.number() % 7 != 3);
        ordered &= readers == parallelism;
      }
      if (chance.nextInt(4) == 0) {
        items = items.flatMap(new Tokens());
        ordered &= readers == parallelism;
      }
      if (chance.nextInt(4) == 0) {
        items = items.map(new Listening());
        ordered &= readers == parallelism;
      }
      if (chance.nextInt(3) == 0 && time.allowsMany()) {
        int burst = chance.nextBoolean() ? 2 + chance.nextInt(8) : 20 + chance.nextInt(100);
        items = items.filter(item -> item.number() % 50 < 5).flatMap(new Burst(burst));
        ordered &= readers == parallelism;
      }
      if (chance.nextInt(4) == 0) {
        items = Branches.elsewhere(chance, items).map(item -> item);
        ordered = false;
      }
      if (chance.nextInt(3) == 0) {
        boolean inOrder = chance.nextBoolean();
        items = Asking.about(chance, items, inOrder);
        // What is in flight when the parallelism changes goes on in any subtask.
        ordered &= inOrder && readers == parallelism && rescaled.isEmpty();
      }
      if (chance.nextInt(3) == 0) {
        var sorted = items.process(new Sort());
        items = sorted.union(sorted.getSideOutput(FIFTHS).map(item -> item));
        ordered = false;
      }
      if (chance.nextInt(4) == 0) {
        items = Forked.of(chance, items);
        ordered = false;
      }
      if (chance.nextInt(6) == 0) {
        items = Forgetful.of(chance, items);
      }
      if (chance.nextInt(8) == 0) {
        items = Waiting.with(items);
        ordered &= readers == parallelism;
      }
      if (chance.nextInt(6) == 0 && time.allowsMany()) {
        // How often a record comes must not change with the parallelism of the job.
        items = items.broadcast().map(item -> item).setParallelism(1 + chance.nextInt(3));
        ordered = false;
      }
      last = items;
      if (all == null) {
        all = items;
      } else if (chance.nextBoolean()) {
        all = all.union(items);
      } else {
        all = Branches.together(all, items);
        ordered = false;
      }
    }
    DataStream<String> lines;
    if (time.isUsed()) {
      lines = time.lines(chance, all, last);
    } else {
      if (chance.nextBoolean()) {
        // Nothing here is ever late: timers by event time are for the end of all input.
        boolean sleepy = keys % 5 == 4;
        all =
            all.assignTimestampsAndWatermarks(
                sleepy
                    ? EventTime.BY_NUMBER.withIdleness(Duration.ofMillis(5 * keys))
                    : EventTime.BY_NUMBER);
        ordered = false; // lanes may be divided over fewer subtasks
      }
      boolean aside = chance.nextBoolean();
      var counts = all.keyBy(Item::key).process(new Count(ordered, aside, changed));
      lines = aside ? counts.union(counts.getSideOutput(TOTALS)) : counts;
    }
    if (atLeastOnce) {
      lines.sinkTo(new LedgerSink<>(alone));
      return env.getJobGraph();
    }
    if (chance.nextInt(3) == 0 && time.use() != EventTime.Use.LATE) {
      lines = lines.keyBy(line -> line).process(new Once());
    }
    if (chance.nextInt(3) == 0) {
      lines = lines.union(Branches.about(chance, all, last));
    }
    if (chance.nextInt(6) == 0) {
      lines = lines.union(Staggered.about(chance, all));
    }
    lines.sinkTo(new LedgerSink<>(alone));
    return env.getJobGraph();
  }

  /** Mostly the strategy of those who say nothing; seldom one that gives the job up. */
  private static void restarts(StreamExecutionEnvironment env, SplittableRandom chance) {
    int drawn = chance.nextInt(24);
    if (drawn < 4) {
      int most = drawn == 0 ? 1 + chance.nextInt(4) : NEVER_REACHED;
      env.setRestartStrategy(
          RestartStrategies.failureRateRestart(
              most,
              Duration.ofMillis(1 + chance.nextInt(60_000)),
              Duration.ofMillis(chance.nextInt(2_000))));
    }
  }

  /** Whether its failures may come too often. */
  static boolean mayFailTooOften(JobGraph graph) {
    String most = graph.settings().get(JobSettings.FAILURE_RATE_MAX.key());
    return most != null && Integer.parseInt(most) < NEVER_REACHED;
  }

  /** Whether a checkpoint may hold records in flight that any subtask may take. */
  static boolean dealsInFlight(JobGraph graph) {
    return !"false".equals(graph.settings().get(JobSettings.UNALIGNED.key()))
        && graph.edges().stream().anyMatch(e -> e.partitioning() == Edge.Partitioning.REBALANCE);
  }

  /** Whether the job restarts for checkpoints that fail. */
  static boolean mindsFailedCheckpoints(JobGraph graph) {
    return graph.settings().containsKey(TOLERABLE);
  }

  /** Whether no barrier overtakes records before it has waited for others of its checkpoint. */
  static boolean barriersWaitFirst(JobGraph graph) {
    return !"0 ms".equals(graph.settings().get(TURNING));
  }

  /** Whether records may count twice after a failure. */
  static boolean countsAgain(JobGraph graph) {
    return "AT_LEAST_ONCE".equals(graph.settings().get(MODE));
  }

  /** Whether what is not told at the end of all input is told record by record, as it comes. */
  static boolean canBeDrained(JobGraph graph) {
    return !countsAgain(graph) && !EventTime.isUsedIn(graph);
  }

  /** Whether a line is what is told of a key at the end. */
  static boolean isToldAtTheEnd(String line) {
    return line.matches("[0-9]+ (count|met|told) .*");
  }

  private static boolean isTotal(String line) {
    return line.matches("[0-9]+ count [0-9]+ sum [0-9]+( x1)?");
  }

  /** A total that is not that of the lines of its key, if there is one. */
  static Optional<String> totalsAreOf(List<String> lines) {
    return lines.stream()
        .filter(RandomJob::isTotal)
        .filter(
            total -> {
              String[] words = total.split(" ");
              long counted = lines.stream().filter(l -> l.startsWith(words[0] + " #")).count();
              return counted != Long.parseLong(words[2]);
            })
        .findFirst();
  }

  /** Whether a line may be there though nobody expects it, in a job that counts again. */
  static boolean mayBeThere(String line) {
    return !line.startsWith("-1 ");
  }

  /** Whether a line must be there in a job that counts again: counts pass every number. */
  static boolean mustBeThere(String line) {
    return line.matches("[0-9]+ #[0-9]+");
  }

  /** One line for each operator: who feeds it, and how. */
  static String describe(JobGraph graph) {
    var text = new StringBuilder();
    for (Vertex vertex : graph.vertices()) {
      text.append("\n  ").append(vertex.name()).append(" x").append(vertex.parallelism());
      for (Edge edge : graph.inputs(vertex.uid())) {
        text.append(" <- ").append(edge.partitioning());
        text.append(' ').append(graph.vertex(edge.from()).name());
        text.append(edge.isSideOutput() ? " (" + edge.sideOutput() + ")" : "");
      }
    }
    return text + "\n  " + graph.settings();
  }

  /** A number that looks like any, not negative. */
  static long mix(long n) {
    long z = (n + 1) * 0x9e3779b97f4a7c15L;
    return (z ^ (z >>> 29)) >>> 1;
  }

  /** Many items for each, in its order. */
  private record Burst(int size) implements FlatMapFunction<Item, Item> {
    @Override
    public void flatMap(Item item, Collector<Item> out) {
      for (int i = 0; i < size; i++) {
        out.collect(new Item(item.source(), item.lane(), item.number() * size + i, item.key()));
      }
    }
  }

  /** A running count per key, the sum at the end, and a complaint about order. */
  private static final class Count extends KeyedProcessFunction<Integer, Item, String> {
    private final boolean ordered;
    private final boolean aside;
    private final boolean changed;
    private transient Counted count;
    private transient ValueState<Long> sum;
    private transient MapState<String, Long> lastOfLane;
    private transient Ledger ledger;

    Count(boolean ordered, boolean aside, boolean changed) {
      this.ordered = ordered;
      this.aside = aside;
      this.changed = changed;
    }

    @Override
    public void open(OpenContext context) {
      count = Counted.in(getRuntimeContext(), changed);
      var sums = new ValueStateDescriptor<>("sum", Long.class);
      var lasts = new MapStateDescriptor<>("last", String.class, Long.class);
      // Longer than any clock is set forward: all of the machinery, and nothing expires.
      StateTtlConfig days = StateTtlConfig.newBuilder(Duration.ofDays(100_000)).build();
      sums.enableTimeToLive(days);
      lasts.enableTimeToLive(days);
      sum = getRuntimeContext().getState(sums);
      lastOfLane = getRuntimeContext().getMapState(lasts);
      ClassLoader loader = getRuntimeContext().getUserCodeClassLoader();
      ledger = loader instanceof LedgerLoader ? LedgerLoader.ledgerOf(loader) : null;
      failIfAsked("open", 20);
    }

    private void failIfAsked(String where, int odds) {
      if (ledger != null && ledger.failsNow(where, odds)) {
        throw new IllegalArgumentException("a failure that the simulator asked for");
      }
    }

    @Override
    public void processElement(Item item, Context context, Collector<String> out) throws Exception {
      failIfAsked("process", 200);
      long now = count.next();
      getRuntimeContext().getLongCounter("items").add(1);
      getRuntimeContext().getHistogram("keys").add(item.key());
      sum.update((sum.value() == null ? 0 : sum.value()) + item.number());
      if (now == 1) {
        context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
      }
      if (now % 8 == 1) {
        // Whenever it fires, and however often the wall clock is set: nothing of it may show.
        TimerService timers = context.timerService();
        timers.registerProcessingTimeTimer(timers.currentProcessingTime() + 50 * now);
      }
      out.collect(item.key() + " #" + now);
      String lane = item.source() + "/" + item.lane();
      Long last = lastOfLane.get(lane);
      lastOfLane.put(lane, item.number());
      if (ordered && last != null && last >= item.number()) {
        out.collect("out of order: " + item + " after " + last);
      }
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
      failIfAsked("a timer", 20);
      if (context.timeDomain() == TimerDomain.PROCESSING_TIME) {
        sum.update(sum.value());
        return;
      }
      String line = context.getCurrentKey() + " count " + count.value() + " sum " + sum.value();
      if (aside) {
        context.output(TOTALS, line);
      } else {
        out.collect(line);
      }
    }
  }

  /** Every fifth number goes out at the side; nobody takes what it says besides. */
  private static final class Sort extends ProcessFunction<Item, Item> {
    @Override
    public void processElement(Item item, Context context, Collector<Item> out) {
      context.output(UNHEARD, item.toString());
      if (item.number() % 5 == 0) {
        context.output(FIFTHS, item);
      } else {
        out.collect(item);
      }
    }
  }

  /**
   * Passes records on, and holds state that belongs to no key: so many tokens, dealt out among the
   * subtasks. Adds a record that should not be if a restore has lost or doubled any.
   */
  private static final class Tokens extends RichFlatMapFunction<Item, Item>
      implements CheckpointedFunction {
    private static final int TOKENS = 7;
    private transient ListState<Integer> mine;
    private transient ListState<Integer> everybodys;
    private transient boolean wrong;

    @Override
    public void initializeState(FunctionInitializationContext context) {
      OperatorStateStore store = context.getOperatorStateStore();
      mine = store.getListState(new ListStateDescriptor<>("mine", Integer.class));
      everybodys = store.getUnionListState(new ListStateDescriptor<>("all", Integer.class));
      BroadcastState<String, Integer> rules =
          store.getBroadcastState(new MapStateDescriptor<>("rules", String.class, Integer.class));
      if (context.isRestored()) {
        var all = new ArrayList<Integer>();
        everybodys.get().forEach(all::add);
        all.sort(null);
        wrong = !all.equals(IntStream.range(0, TOKENS).boxed().toList()) || rules.get("a") != 1;
      } else {
        int subtasks = getRuntimeContext().getNumberOfParallelSubtasks();
        for (int i = getRuntimeContext().getIndexOfThisSubtask(); i < TOKENS; i += subtasks) {
          mine.add(i);
        }
        rules.put("a", 1);
      }
    }

    @Override
    public void open(OpenContext context) {
      var file = getRuntimeContext().getDistributedCache().getFile("dictionary");
      wrong |= !file.getPath().equals(DICTIONARY);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      var held = new ArrayList<Integer>();
      mine.get().forEach(held::add);
      everybodys.update(held);
    }

    @Override
    public void flatMap(Item item, Collector<Item> out) {
      if (wrong) {
        out.collect(new Item(-1, -1, -1, -1));
      }
      out.collect(item);
    }
  }

  /** Passes lines on, numbered, so that a line that comes twice shows. */
  private static final class Once extends KeyedProcessFunction<String, String, String> {
    private transient ValueState<Integer> times;

    @Override
    public void open(OpenContext context) {
      times = getRuntimeContext().getState(new ValueStateDescriptor<>("times", Integer.class));
    }

    @Override
    public void processElement(String line, Context context, Collector<String> out)
        throws Exception {
      int now = times.value() == null ? 1 : times.value() + 1;
      times.update(now);
      out.collect(line + " x" + now);
    }
  }

  private RandomJob() {}
}
