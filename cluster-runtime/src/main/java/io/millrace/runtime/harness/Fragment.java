package io.millrace.runtime.harness;

import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.Output;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.checkpoint.SubtaskState;
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
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.plan.PlannedEdge;
import io.millrace.runtime.plan.RestoredStates;
import io.millrace.runtime.task.Progress;
import io.millrace.runtime.task.Task;
import io.millrace.runtime.task.TaskBlueprint;
import io.millrace.runtime.task.TaskCommand;
import io.millrace.runtime.task.TaskEvent;
import io.millrace.runtime.task.Watch;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One life of the tasks between inputs and outputs. Sources of the graph are replaced by tasks that
 * hand on what the test sends, sinks by tasks that hand to the test what they get.
 */
final class Fragment {
  static final String INPUT = "harness-input-";
  static final String OUTPUT = "harness-output-";
  private static final int BUDGET = 64;
  private static final Exchange.Peer HERE = new Exchange.Peer("harness", "localhost", 1);

  private final ClassLoader loader;
  private final JobPlan plan;
  private final int life;
  private final HarnessStores stores;
  private final Watch watch;

  /** Takes what comes out, by the output's uid. */
  private final Function<String, Receiver> receivers;

  private final Exchange exchange = new LocalExchange();

  /** Upstream before downstream. */
  private final List<Running> tasks = new ArrayList<>();

  /** The opened code of edges, by index. */
  private final TreeMap<Integer, EdgeCode<Object, Object>> edges = new TreeMap<>();

  private final TreeMap<String, List<OutChannel>> inputs = new TreeMap<>();
  private int handMade;

  /** What the tasks have cut, by checkpoint. */
  private final TreeMap<Long, Saved> cuts = new TreeMap<>();

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

  /**
   * @param restored what it starts from; {@code null} on a first start
   */
  Fragment(
      JobPlan plan,
      int life,
      HarnessStores stores,
      Watch watch,
      Saved restored,
      Function<String, Receiver> receivers) {
    this.loader = classes();
    this.plan = plan;
    this.life = life;
    this.stores = stores;
    this.watch = watch;
    this.receivers = receivers;
    RestoredStates states = restored == null ? RestoredStates.NONE : restored.divide(plan);
    for (ChainPlan chain : plan.chains()) {
      if (plan.vertex(chain.head()).role() != Vertex.Role.ENUMERATOR) {
        for (int subtask = 0; subtask < chain.parallelism(); subtask++) {
          start(chain, subtask, restored, states.of(chain, subtask));
        }
      }
    }
  }

  /** Loads the classes of the test. */
  static ClassLoader classes() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null ? Fragment.class.getClassLoader() : context;
  }

  private void start(ChainPlan chain, int subtask, Saved restored, List<SubtaskState> share) {
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
                parts(chain, subtask, restored, share),
                feeds ? List.of(hand(chain, subtask, restored)) : inputs(chain, subtask, share),
                feeds ? List.of() : fused(chain, share),
                outputs(chain, subtask),
                // A harness restores what it has frozen in memory.
                plan.settings().with(JobSettings.INCREMENTAL.key(), "false"),
                stores.of(plan.settings()),
                new MemoryDisk(),
                Waker.NONE,
                watch,
                loader,
                new SplittableRandom(life))));
  }

  private DistributedCache files() {
    var files = new TreeMap<String, Path>();
    plan.graph().files().forEach(file -> files.put(file.name(), Path.of(file.path())));
    return new DistributedCache(files);
  }

  private List<TaskBlueprint.Part> parts(
      ChainPlan chain, int subtask, Saved restored, List<SubtaskState> share) {
    Vertex head = plan.vertex(chain.head());
    if (head.role() == Vertex.Role.READER) {
      return List.of(played(head, HandsOn::new));
    } else if (head.role() == Vertex.Role.SINK) {
      Receiver receiver = receivers.apply(head.uid());
      return List.of(played(head, () -> receiver));
    }
    var parts = new ArrayList<TaskBlueprint.Part>();
    for (String uid : chain.uids()) {
      Vertex vertex = plan.vertex(uid);
      parts.add(
          new TaskBlueprint.Part(
              vertex,
              vertex.code().open(loader),
              restored == null
                  ? TaskBlueprint.Restored.NOTHING
                  : restored.restored(share, vertex, subtask, chain.parallelism())));
    }
    return parts;
  }

  /** A source or sink whose part an operator of the harness plays. */
  private static TaskBlueprint.Part played(Vertex vertex, OperatorFactory<Object, Object> by) {
    var operator =
        new Vertex(
            vertex.uid(),
            vertex.name(),
            Vertex.Role.OPERATOR,
            vertex.code(),
            vertex.parallelism(),
            vertex.maxParallelism(),
            vertex.slotSharingGroup(),
            false,
            true,
            true,
            List.of());
    return new TaskBlueprint.Part(operator, by, TaskBlueprint.Restored.NOTHING);
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

  /** What the test sends is in flight until it is taken: barriers may overtake it. */
  private TaskBlueprint.Input hand(ChainPlan chain, int subtask, Saved restored) {
    var spec =
        new ChannelSpec(
            new ChannelId(Saved.HAND, 0, life, handMade++, 0, 0),
            TypeInformation.dynamic().serializer(loader),
            loader,
            1);
    inputs
        .computeIfAbsent(chain.head(), uid -> new ArrayList<>())
        .add(exchange.openOut(spec, HERE, Waker.NONE));
    return new TaskBlueprint.Input(
        0,
        Saved.handTo(chain),
        Edge.Partitioning.REBALANCE,
        plain(),
        List.of(exchange.openIn(spec, HERE, Waker.NONE)),
        restored == null ? List.of() : restored.byHand(chain, subtask));
  }

  @SuppressWarnings("unchecked") // as the engine: nobody has a key here
  private static EdgeCode<Object, Object> plain() {
    return (EdgeCode<Object, Object>) (EdgeCode<?, ?>) EdgeCode.plain(TypeInformation.dynamic());
  }

  private List<TaskBlueprint.Input> inputs(ChainPlan chain, int subtask, List<SubtaskState> share) {
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
              Saved.inFlight(share, edge, plan)));
    }
    return all;
  }

  private List<TaskBlueprint.Fused> fused(ChainPlan chain, List<SubtaskState> share) {
    var fused = new ArrayList<TaskBlueprint.Fused>();
    for (PlannedEdge edge : plan.insideOf(chain)) {
      fused.add(
          new TaskBlueprint.Fused(
              edge.edge().sideOutput(),
              plan.idOf(edge),
              code(edge),
              Saved.inFlight(share, edge, plan)));
    }
    return fused;
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

  /** Steps all tasks until none can do anything. */
  void settle() {
    var clock = new Clock(watch.monotonicMillis(), watch.wallMillis());
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
        cuts.computeIfAbsent(cut.checkpoint(), Saved::new).add(running.subtask, cut);
      }
    }
  }

  /** What the checkpoint holds, if every task has cut for it. */
  Optional<Saved> saved(long checkpoint) {
    return Optional.ofNullable(cuts.get(checkpoint)).filter(cut -> cut.tasks() == tasks.size());
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
