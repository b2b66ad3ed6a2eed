package io.millrace.runtime.task;

import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.Configuration;
import io.millrace.api.function.KeySelector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.Partitioner;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.Batch;
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
import io.millrace.runtime.state.HeapStateStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** One task with both hands on its channels. */
final class Bench implements Watch {
  private final Exchange exchange = new LocalExchange();
  private final List<TaskBlueprint.Part> parts = new ArrayList<>();
  private final List<TaskBlueprint.Input> inputs = new ArrayList<>();
  private final List<TaskBlueprint.Fused> fused = new ArrayList<>();
  private final List<TaskBlueprint.Output> outputs = new ArrayList<>();
  private Configuration settings = Configuration.EMPTY.with("exchange.batch.records", "3");
  private final Map<EdgeId, List<TaskBlueprint.InFlightChannel>> inFlight = new TreeMap<>();
  private int channels;
  private int subtask;
  private int parallelism = 1;
  private Task task;

  /** What feeds the task, and what it feeds. */
  final List<OutChannel> in = new ArrayList<>();

  final List<InChannel> out = new ArrayList<>();
  final RamDisk disk = new RamDisk();
  final List<TaskEvent> events = new ArrayList<>();
  long now = 1_000;

  /** How far time goes on whenever somebody looks at the wall clock. */
  long perLook;

  Bench set(String key, String value) {
    settings = settings.with(key, value);
    return this;
  }

  Bench operator(String uid, OperatorFactory<Object, Object> factory) {
    return part(uid, Vertex.Role.OPERATOR, factory);
  }

  Bench part(String uid, Vertex.Role role, Object code) {
    return part(uid, role, code, TaskBlueprint.Restored.NOTHING);
  }

  Bench part(String uid, Vertex.Role role, Object code, TaskBlueprint.Restored restored) {
    if (!parts.isEmpty()) {
      fuse(lastUid(), uid, Edge.MAIN, TypeInformation.of(String.class), List.of());
    }
    return added(uid, role, code, restored);
  }

  /**
   * Behind any operator that is there already.
   *
   * @param side id of the tag of what it takes
   */
  Bench branch(
      String from,
      String side,
      TypeInformation<?> type,
      String uid,
      OperatorFactory<Object, Object> factory) {
    fuse(from, uid, side, type, List.of());
    return added(uid, Vertex.Role.OPERATOR, factory, TaskBlueprint.Restored.NOTHING);
  }

  private void fuse(
      String from,
      String to,
      String side,
      TypeInformation<?> type,
      List<TaskBlueprint.InFlightChannel> replay) {
    fused.add(new TaskBlueprint.Fused(side, new EdgeId(from, to, 0), code(type, null), replay));
  }

  private String lastUid() {
    return parts.get(parts.size() - 1).vertex().uid();
  }

  private Bench added(String uid, Vertex.Role role, Object code, TaskBlueprint.Restored restored) {
    var vertex =
        new Vertex(
            uid,
            uid,
            role,
            new UserCode("", new byte[0]),
            1,
            16,
            "default",
            false,
            false,
            false,
            List.of());
    parts.add(new TaskBlueprint.Part(vertex, code, restored));
    return this;
  }

  /** Of what leaves the last operator. */
  Bench bufferTimeout(long millis) {
    TaskBlueprint.Part last = parts.remove(parts.size() - 1);
    Vertex of = last.vertex();
    var vertex =
        new Vertex(
            of.uid(),
            of.name(),
            of.role(),
            of.code(),
            of.parallelism(),
            of.maxParallelism(),
            of.slotSharingGroup(),
            of.blocking(),
            of.chainHead(),
            of.chainTail(),
            of.states(),
            of.combination(),
            of.watermarkGroup(),
            Optional.of(Duration.ofMillis(millis)));
    parts.add(new TaskBlueprint.Part(vertex, last.code(), last.restored()));
    return this;
  }

  Bench inputs(int count) {
    return input(count, Partitioning.REBALANCE, TypeInformation.of(String.class), null);
  }

  Bench keyedInputs(int count, KeySelector<Object, Object> key) {
    return input(count, Partitioning.KEY_GROUP, TypeInformation.of(String.class), key);
  }

  Bench input(
      int count,
      Partitioning partitioning,
      TypeInformation<?> type,
      KeySelector<Object, Object> key) {
    return input(0, count, partitioning, type, key);
  }

  Bench secondInputs(int count) {
    return input(1, count, Partitioning.REBALANCE, TypeInformation.of(String.class), null);
  }

  Bench secondKeyedInputs(int count, KeySelector<Object, Object> key) {
    return input(1, count, Partitioning.KEY_GROUP, TypeInformation.of(String.class), key);
  }

  private Bench input(
      int input,
      int count,
      Partitioning partitioning,
      TypeInformation<?> type,
      KeySelector<Object, Object> key) {
    var ends = new ArrayList<InChannel>();
    for (int i = 0; i < count; i++) {
      ChannelSpec spec = spec(100);
      in.add(exchange.openOut(spec, null, Waker.NONE));
      ends.add(exchange.openIn(spec, null, Waker.NONE));
    }
    var edge = new EdgeId("in", parts.get(0).vertex().uid(), inputs.size());
    List<TaskBlueprint.InFlightChannel> replay = inFlight.getOrDefault(edge, List.of());
    inputs.add(new TaskBlueprint.Input(input, edge, partitioning, code(type, key), ends, replay));
    return this;
  }

  Bench outputs(Partitioning partitioning, int count, int capacity, TypeInformation<?> type) {
    return outputs(Edge.MAIN, partitioning, count, capacity, type);
  }

  Bench sideOutput(OutputTag<?> tag) {
    return outputs(tag.getId(), Partitioning.FORWARD, 1, 100, tag.getTypeInfo());
  }

  private Bench outputs(
      String side, Partitioning partitioning, int count, int capacity, TypeInformation<?> type) {
    var ends = new ArrayList<OutChannel>();
    for (int i = 0; i < count; i++) {
      ChannelSpec spec = spec(capacity);
      out.add(exchange.openIn(spec, null, Waker.NONE));
      ends.add(exchange.openOut(spec, null, Waker.NONE));
    }
    outputs.add(
        new TaskBlueprint.Output(
            side, out("out"), partitioning, code(type, value -> value), 16, ends));
    return this;
  }

  Bench partitionedOutputs(int count, Partitioner<Object> partitioner) {
    var code = new EdgeCode<Object, Object>(TypeInformation.dynamic(), null, null, partitioner);
    var ends = new ArrayList<OutChannel>();
    for (int i = 0; i < count; i++) {
      ChannelSpec spec = spec(100);
      out.add(exchange.openIn(spec, null, Waker.NONE));
      ends.add(exchange.openOut(spec, null, Waker.NONE));
    }
    outputs.add(
        new TaskBlueprint.Output(Edge.MAIN, out("out"), Partitioning.CUSTOM, code, 16, ends));
    return this;
  }

  private EdgeId out(String to) {
    return new EdgeId(lastUid(), to, outputs.size());
  }

  Bench subtask(int index, int of) {
    subtask = index;
    parallelism = of;
    return this;
  }

  /** Before the inputs are named: what the first of them finds in flight. */
  Bench inFlight(int producer, boolean unchanged, boolean divided, byte[] parts) {
    inFlight
        .computeIfAbsent(
            new EdgeId("in", this.parts.get(0).vertex().uid(), 0), e -> new ArrayList<>())
        .add(new TaskBlueprint.InFlightChannel(producer, unchanged, divided, List.of(parts)));
    return this;
  }

  /** What was in flight to an operator behind the head. */
  Bench inFlightTo(int consumer, byte[]... channels) {
    TaskBlueprint.Fused edge = fused.get(consumer - 1);
    var replay = new ArrayList<TaskBlueprint.InFlightChannel>();
    for (byte[] channel : channels) {
      replay.add(new TaskBlueprint.InFlightChannel(0, false, false, List.of(channel)));
    }
    fused.set(
        consumer - 1, new TaskBlueprint.Fused(edge.sideOutput(), edge.edge(), edge.code(), replay));
    return this;
  }

  Bench output(int capacity) {
    return outputs(Partitioning.FORWARD, 1, capacity, TypeInformation.of(String.class));
  }

  private ChannelSpec spec(int capacity) {
    return new ChannelSpec(
        new ChannelId("job", 0, 1, channels++, 0, 0),
        TypeInformation.dynamic().serializer(getClass().getClassLoader()),
        getClass().getClassLoader(),
        capacity);
  }

  @SuppressWarnings("unchecked") // as the engine: records are Objects
  private static EdgeCode<Object, Object> code(
      TypeInformation<?> type, KeySelector<Object, Object> key) {
    var keyType = (TypeInformation<Object>) (TypeInformation<?>) TypeInformation.of(String.class);
    return new EdgeCode<>((TypeInformation<Object>) type, key, key == null ? null : keyType);
  }

  Task task() {
    if (task == null) {
      List<String> uids = parts.stream().map(part -> part.vertex().uid()).toList();
      var chain = new ChainPlan(0, uids, "test", parallelism, 16, "default", false);
      task =
          new Task(
              new TaskBlueprint(
                  "attempt",
                  0,
                  new TaskBlueprint.Job(
                      "0".repeat(32), "job", "0123456789abcdef", DistributedCache.EMPTY),
                  chain,
                  subtask,
                  parts,
                  inputs,
                  fused,
                  outputs,
                  settings,
                  HeapStateStore::create,
                  disk,
                  Waker.NONE,
                  this,
                  getClass().getClassLoader(),
                  new SplittableRandom(1)),
              events::add);
    }
    return task;
  }

  Progress step(int budget) {
    return task().step(clock(), budget);
  }

  private Clock clock() {
    return new Clock(monotonicMillis(), wallMillis());
  }

  @Override
  public long monotonicMillis() {
    return now;
  }

  @Override
  public long wallMillis() {
    now += perLook;
    return 1_000_000 + now;
  }

  /** Steps until nothing more can be done for now. */
  Progress settle() {
    Progress progress;
    do {
      progress = step(100);
    } while (progress == Progress.WORKED);
    return progress;
  }

  /** Lets time go on by a few steps of random size. */
  void settle(RandomGenerator chance, int steps) {
    for (int i = 0;
        i < steps && task().step(clock(), 1 + chance.nextInt(9)) != Progress.DONE;
        i++) {
      now += chance.nextInt(150);
    }
  }

  Bench send(int channel, Element element) {
    in.get(channel).send(element);
    return this;
  }

  static Batch batch(Object... values) {
    return new Batch(values, new long[values.length], values.length);
  }

  /** All that has come out of a channel: records as they are, control elements in brackets. */
  List<String> received(int channel) {
    var seen = new ArrayList<String>();
    for (Element element = out.get(channel).poll();
        element != null;
        element = out.get(channel).poll()) {
      seen.addAll(shown(element));
    }
    return seen;
  }

  static List<String> shown(Element element) {
    if (element instanceof Batch batch) {
      var records = new ArrayList<String>();
      for (int i = 0; i < batch.size(); i++) {
        records.add(String.valueOf(batch.value(i)));
      }
      return records;
    } else if (element instanceof Element.Watermark watermark) {
      return List.of("[watermark " + watermark.timestamp() + "]");
    } else if (element instanceof Element.Barrier barrier) {
      return List.of("[barrier " + barrier.checkpoint() + "]");
    } else if (element instanceof Element.Idle idle) {
      return List.of("[idle " + idle.idle() + "]");
    }
    return List.of("[end]");
  }

  <T extends TaskEvent> List<T> said(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }
}
