package io.millrace.runtime.harness;

import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.operator.Output;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.ChannelId;
import io.millrace.runtime.exchange.ChannelSpec;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.Exchange;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.exchange.LocalExchange;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.exchange.Waker;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.plan.ChainPlan;
import io.millrace.runtime.plan.EdgeId;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.plan.PlannedEdge;
import io.millrace.runtime.task.Progress;
import io.millrace.runtime.task.Task;
import io.millrace.runtime.task.TaskBlueprint;
import io.millrace.runtime.task.TaskCommand;
import io.millrace.runtime.task.TaskEvent;
import io.millrace.runtime.taskmanager.OwnState;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * One life of the tasks between inputs and outputs. Sources of the graph are replaced by tasks that
 * hand on what the test sends, sinks by the test's hand at the end of the channels.
 */
final class Fragment {
  static final String INPUT = "harness-input-";
  static final String OUTPUT = "harness-output-";
  private static final int BUDGET = 64;
  private static final Exchange.Peer HERE = new Exchange.Peer("harness", "localhost", 1);

  private final ClassLoader loader;
  private final JobPlan plan;
  private final int life;

  /** The checkpoint that it is restored from. */
  private final OptionalLong from;

  private final HarnessStores stores;
  private final Exchange exchange = new LocalExchange();

  /** Upstream before downstream. */
  private final List<Running> tasks = new ArrayList<>();

  /** The opened code of edges, by index. */
  private final TreeMap<Integer, EdgeCode<Object, Object>> edges = new TreeMap<>();

  private final TreeMap<String, List<OutChannel>> inputs = new TreeMap<>();
  private final TreeMap<String, End> outputs = new TreeMap<>();
  private int handMade;

  /** What each operator has cut, by checkpoint and uid. */
  private final TreeMap<Long, TreeMap<String, Saved>> cuts = new TreeMap<>();

  /** What the subtasks of one operator have left, by subtask. */
  record Saved(int parallelism, TreeMap<Integer, Part> parts) {}

  record Part(OperatorSnapshot own, List<byte[]> keyed) {}

  /**
   * The end of an output's channels; a barrier comes out when it has come through all of them.
   *
   * @param atBarrier which channels wait for others
   */
  private record End(List<InChannel> channels, boolean[] atBarrier) {
    Element poll() {
      for (int i = 0; i < atBarrier.length; i++) {
        Element element = atBarrier[i] ? null : channels.get(i).poll();
        if (element instanceof Element.Barrier) {
          atBarrier[i] = true;
          if (!waits()) {
            Arrays.fill(atBarrier, false);
            return element;
          }
          element = null;
        }
        if (element != null) {
          return element;
        }
      }
      return null;
    }

    private boolean waits() {
      for (boolean at : atBarrier) {
        if (!at) {
          return true;
        }
      }
      return false;
    }
  }

  private static final class Running {
    final Task task;
    final int subtask;
    final ArrayDeque<TaskEvent> events = new ArrayDeque<>();
    boolean done;

    Running(TaskBlueprint blueprint) {
      task = new Task(blueprint, events::add);
      subtask = blueprint.subtask();
    }
  }

  Fragment(
      JobGraph graph,
      int life,
      HarnessStores stores,
      OptionalLong from,
      Map<String, Saved> restored) {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    this.loader = context == null ? Fragment.class.getClassLoader() : context;
    this.plan = JobPlan.of(graph, Configuration.EMPTY);
    this.life = life;
    this.from = from;
    this.stores = stores;
    for (ChainPlan chain : plan.chains()) {
      switch (plan.vertex(chain.head()).role()) {
        case ENUMERATOR -> {}
        case SINK -> receive(chain);
        case READER, OPERATOR -> start(chain, restored);
      }
    }
  }

  private void receive(ChainPlan chain) {
    var channels = new ArrayList<InChannel>();
    for (PlannedEdge edge : plan.inputsOf(chain)) {
      for (int producer : edge.producersOf(0)) {
        channels.add(exchange.openIn(spec(edge, producer, 0), HERE, Waker.NONE));
      }
    }
    outputs.put(chain.head(), new End(channels, new boolean[channels.size()]));
  }

  private void start(ChainPlan chain, Map<String, Saved> restored) {
    for (int subtask = 0; subtask < chain.parallelism(); subtask++) {
      boolean feeds = plan.vertex(chain.head()).role() == Vertex.Role.READER;
      tasks.add(
          new Running(
              new TaskBlueprint(
                  "harness-" + life + "-" + chain.index() + "-" + subtask,
                  life,
                  new TaskBlueprint.Job(
                      "0".repeat(32), plan.graph().name(), "0123456789abcdef", files()),
                  chain,
                  subtask,
                  feeds ? List.of(feeder(chain)) : parts(chain, subtask, restored),
                  feeds ? List.of(hand(chain)) : inputs(chain, subtask),
                  List.of(),
                  outputs(chain, subtask),
                  // A harness restores what it has frozen in memory.
                  plan.settings().with(JobSettings.INCREMENTAL.key(), "false"),
                  stores.of(plan.settings()),
                  new MemoryDisk(),
                  Waker.NONE,
                  loader,
                  new SplittableRandom(life))));
    }
  }

  private DistributedCache files() {
    var files = new TreeMap<String, Path>();
    plan.graph().files().forEach(file -> files.put(file.name(), Path.of(file.path())));
    return new DistributedCache(files);
  }

  private TaskBlueprint.Part feeder(ChainPlan chain) {
    Vertex reader = plan.vertex(chain.head());
    var vertex =
        new Vertex(
            reader.uid(),
            reader.name(),
            Vertex.Role.OPERATOR,
            reader.code(),
            reader.parallelism(),
            reader.maxParallelism(),
            reader.slotSharingGroup(),
            false,
            true,
            true,
            List.of());
    OperatorFactory<Object, Object> handsOn = HandsOn::new;
    return new TaskBlueprint.Part(vertex, handsOn, TaskBlueprint.Restored.NOTHING);
  }

  /** Passes on whatever comes. */
  private static final class HandsOn implements Operator<Object, Object> {
    private Output<Object> output;

    @Override
    public void open(OperatorContext context, Output<Object> opened) {
      output = opened;
    }

    @Override
    public void process(Object value, long timestamp) {
      output.collect(value, timestamp);
    }
  }

  private TaskBlueprint.Input hand(ChainPlan chain) {
    var spec =
        new ChannelSpec(
            new ChannelId("hand", 0, life, handMade++, 0, 0),
            TypeInformation.dynamic().serializer(loader),
            loader,
            1);
    inputs
        .computeIfAbsent(chain.head(), uid -> new ArrayList<>())
        .add(exchange.openOut(spec, HERE, Waker.NONE));
    return new TaskBlueprint.Input(
        0,
        new EdgeId("hand", chain.head(), 0),
        Edge.Partitioning.FORWARD,
        plain(),
        List.of(exchange.openIn(spec, HERE, Waker.NONE)),
        List.of());
  }

  @SuppressWarnings("unchecked") // as the engine: nobody has a key here
  private static EdgeCode<Object, Object> plain() {
    return (EdgeCode<Object, Object>) (EdgeCode<?, ?>) EdgeCode.plain(TypeInformation.dynamic());
  }

  private List<TaskBlueprint.Part> parts(
      ChainPlan chain, int subtask, Map<String, Saved> restored) {
    var parts = new ArrayList<TaskBlueprint.Part>();
    for (String uid : chain.uids()) {
      Vertex vertex = plan.vertex(uid);
      Saved saved = restored.get(uid);
      parts.add(
          new TaskBlueprint.Part(
              vertex,
              vertex.code().open(loader),
              saved == null
                  ? TaskBlueprint.Restored.NOTHING
                  : share(saved, subtask, chain.parallelism())));
    }
    return parts;
  }

  private TaskBlueprint.Restored share(Saved saved, int subtask, int parallelism) {
    var own = new TreeMap<Integer, OwnState>();
    var keyed = new ArrayList<Iterable<byte[]>>();
    saved.parts.forEach(
        (index, part) -> {
          own.put(index, OwnState.of(part.own));
          keyed.add(part.keyed);
        });
    OwnState mine = OwnState.divide(own, saved.parallelism, subtask, parallelism);
    keyed.removeIf(parts -> !parts.iterator().hasNext());
    return new TaskBlueprint.Restored(from, mine.entries(), mine.states(), List.of(), keyed);
  }

  private List<TaskBlueprint.Input> inputs(ChainPlan chain, int subtask) {
    var all = new ArrayList<TaskBlueprint.Input>();
    for (PlannedEdge edge : plan.inputsOf(chain)) {
      var channels = new ArrayList<InChannel>();
      for (int producer : edge.producersOf(subtask)) {
        channels.add(exchange.openIn(spec(edge, producer, subtask), HERE, Waker.NONE));
      }
      all.add(
          new TaskBlueprint.Input(
              edge.edge().input(),
              plan.idOf(edge),
              edge.edge().partitioning(),
              code(edge),
              channels,
              List.of()));
    }
    return all;
  }

  private List<TaskBlueprint.Output> outputs(ChainPlan chain, int subtask) {
    var all = new ArrayList<TaskBlueprint.Output>();
    for (PlannedEdge edge : plan.outputsOf(chain)) {
      var channels = new ArrayList<OutChannel>();
      for (int consumer : edge.consumersOf(subtask)) {
        channels.add(exchange.openOut(spec(edge, subtask, consumer), HERE, Waker.NONE));
      }
      all.add(
          new TaskBlueprint.Output(
              edge.edge().sideOutput(),
              plan.idOf(edge),
              edge.edge().partitioning(),
              code(edge),
              plan.chains().get(edge.consumer()).maxParallelism(),
              channels));
    }
    return all;
  }

  @SuppressWarnings("unchecked") // an edge's code is an EdgeCode; the engine's records are Objects
  private EdgeCode<Object, Object> code(PlannedEdge edge) {
    return edges.computeIfAbsent(
        edge.index(), index -> (EdgeCode<Object, Object>) edge.edge().code().open(loader));
  }

  private ChannelSpec spec(PlannedEdge edge, int producer, int consumer) {
    return new ChannelSpec(
        new ChannelId("harness", 0, life, edge.index(), producer, consumer),
        code(edge).type().serializer(loader),
        loader,
        plan.settings().get(JobSettings.CHANNEL_BATCHES));
  }

  void send(int input, int channel, Element element) {
    inputs.get(INPUT + input).get(channel).send(element);
  }

  /** The next element of an output, {@code null} if there is none. */
  Element poll(int output) {
    return outputs.get(OUTPUT + output).poll();
  }

  /** Steps all tasks until none can do anything. */
  void settle(long monotonicMillis, long wallMillis) {
    var clock = new Clock(monotonicMillis, wallMillis);
    // What the first quiet round flushes may be work for the next one.
    for (int quiet = 0; quiet < 2; quiet++) {
      for (int i = tasks.size() - 1; i >= 0; i--) {
        Running running = tasks.get(i);
        if (!running.done) {
          Progress progress = running.task.step(clock, BUDGET);
          running.done = progress == Progress.DONE;
          quiet = progress == Progress.WORKED ? -1 : quiet;
          hear(running);
        }
      }
    }
  }

  private void hear(Running running) {
    for (TaskEvent event = running.events.poll(); event != null; event = running.events.poll()) {
      if (event instanceof TaskEvent.Failed failed) {
        throw new IllegalStateException(
            "'" + failed.operator() + "' failed: " + failed.cause(), failed.cause());
      } else if (event instanceof TaskEvent.Cut cut) {
        save(running, cut);
      }
    }
  }

  private void save(Running running, TaskEvent.Cut cut) {
    var byUid = cuts.computeIfAbsent(cut.checkpoint(), id -> new TreeMap<>());
    for (TaskEvent.OperatorCut operator : cut.operators()) {
      byUid
          .computeIfAbsent(
              operator.uid(), uid -> new Saved(operator.parallelism(), new TreeMap<>()))
          .parts
          .put(running.subtask, written(operator));
    }
  }

  private static Part written(TaskEvent.OperatorCut operator) {
    try {
      var keyed = new ArrayList<byte[]>();
      operator.keyed().ifPresent(frozen -> keyed.add(frozen.write()));
      return new Part(operator.own().take(), keyed);
    } catch (Exception e) {
      throw new IllegalStateException("'" + operator.uid() + "' cannot be saved: " + e, e);
    }
  }

  /** All states of a checkpoint, by uid, if every task has cut for it. */
  Optional<Map<String, Saved>> saved(long checkpoint) {
    TreeMap<String, Saved> states = cuts.get(checkpoint);
    int parts =
        states == null ? 0 : states.values().stream().mapToInt(one -> one.parts.size()).sum();
    int operators =
        plan.chains().stream()
            .filter(chain -> isTask(chain))
            .mapToInt(chain -> chain.uids().size() * chain.parallelism())
            .sum();
    return parts == operators ? Optional.of(Collections.unmodifiableMap(states)) : Optional.empty();
  }

  private boolean isTask(ChainPlan chain) {
    Vertex.Role role = plan.vertex(chain.head()).role();
    return role == Vertex.Role.READER || role == Vertex.Role.OPERATOR;
  }

  void completed(long checkpoint) {
    for (Running running : tasks) {
      running.task.receive(new TaskCommand.Completed(checkpoint, false));
    }
  }

  /** The monotonic time at which a task wants to be stepped though nothing comes. */
  long wakeAtMillis() {
    return tasks.stream().mapToLong(running -> running.task.wakeAtMillis()).min().orElseThrow();
  }

  /** The sums of numbers; of texts, that of the last subtask. */
  Map<String, Object> metrics() {
    var all = new TreeMap<String, Object>();
    for (Running running : tasks) {
      for (TaskEvent.Measurement operator : running.task.measurements()) {
        operator.values().forEach((name, value) -> all.merge(name, value, Fragment::sum));
      }
    }
    return all;
  }

  private static Object sum(Object one, Object other) {
    if (one instanceof Long a && other instanceof Long b) {
      return a + b;
    }
    return one instanceof Number a && other instanceof Number b
        ? a.doubleValue() + b.doubleValue()
        : other;
  }

  void close() {
    tasks.forEach(running -> running.task.close());
  }
}
