package io.millrace.runtime.task;

import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.Configuration;
import io.millrace.api.connector.Source;
import io.millrace.api.function.KeySelector;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.ChannelId;
import io.millrace.runtime.exchange.ChannelSpec;
import io.millrace.runtime.exchange.Exchange;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.exchange.LocalExchange;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.exchange.Waker;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.plan.ChainPlan;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.plan.PlannedEdge;
import io.millrace.runtime.state.HeapStateStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A whole job without threads: its tasks are stepped by hand in any order, checkpoints are taken
 * and restored in memory.
 */
final class Flow implements Watch {
  /** A job under construction: live objects in place of what travels. */
  static final class Job {
    final List<Vertex> vertices = new ArrayList<>();
    final List<Edge> edges = new ArrayList<>();
    final Map<String, Object> code = new TreeMap<>();
    final List<EdgeCode<Object, Object>> edgeCode = new ArrayList<>();
    Configuration settings = Configuration.EMPTY;

    Job vertex(String uid, Vertex.Role role, int parallelism, Object object) {
      vertices.add(
          new Vertex(
              uid,
              uid,
              role,
              new UserCode(uid, new byte[0]),
              parallelism,
              16,
              "default",
              false,
              false,
              false,
              List.of()));
      code.put(uid, object);
      return this;
    }

    Job source(String uid, int parallelism, Source<?, ?> source) {
      vertex(uid + "/splits", Vertex.Role.ENUMERATOR, 1, source);
      vertex(uid, Vertex.Role.READER, parallelism, ReaderCode.plain(source));
      return edge(uid + "/splits", uid, Edge.Partitioning.SPLITS, Programs.Range.class);
    }

    Job edge(String from, String to, Edge.Partitioning partitioning, Class<?> type) {
      return edge(from, to, partitioning, TypeInformation.of(type), null, null);
    }

    Job keyed(String from, String to, Class<?> type, KeySelector<Object, Object> key) {
      return edge(
          from,
          to,
          Edge.Partitioning.KEY_GROUP,
          TypeInformation.of(type),
          key,
          TypeInformation.of(String.class));
    }

    @SuppressWarnings("unchecked") // as the engine: records are Objects
    Job edge(
        String from,
        String to,
        Edge.Partitioning partitioning,
        TypeInformation<?> type,
        KeySelector<Object, Object> key,
        TypeInformation<?> keyType) {
      edges.add(new Edge(from, to, 0, partitioning, new UserCode("", new byte[0]), type.name()));
      edgeCode.add(
          new EdgeCode<>((TypeInformation<Object>) type, key, (TypeInformation<Object>) keyType));
      return this;
    }

    Job set(String key, String value) {
      settings = settings.with(key, value);
      return this;
    }
  }

  /** What a completed checkpoint holds, by task and operator. */
  record Saved(
      long checkpoint,
      Map<String, Map<String, TaskBlueprint.Restored>> tasks,
      Map<FrozenChannel, List<byte[]>> inFlight) {}

  /** A task and what it said. */
  static final class Running {
    final String name;
    final Task task;
    final List<TaskEvent> events = new ArrayList<>();
    Progress progress = Progress.WORKED;
    boolean endOfData;
    boolean ended;

    Running(String name, TaskBlueprint blueprint) {
      this.name = name;
      this.task = new Task(blueprint, events::add);
    }
  }

  final List<Running> tasks = new ArrayList<>();
  final Map<Long, Map<String, TaskEvent.Cut>> cuts = new TreeMap<>();
  long now = 1_000;
  Saved completed;
  int channelsInFlight;
  private long givenUp;

  Flow(Job job, int generation, Saved restored) {
    JobPlan plan =
        JobPlan.of(
            new JobGraph("test", job.vertices, job.edges, job.settings.asMap()),
            Configuration.EMPTY);
    Exchange exchange = new LocalExchange();
    var peer = new Exchange.Peer("here", "localhost", 1);
    for (ChainPlan chain : plan.chains()) {
      for (int subtask = 0; subtask < chain.parallelism(); subtask++) {
        String name = chain.head() + "." + subtask;
        var parts = new ArrayList<TaskBlueprint.Part>();
        for (String uid : chain.uids()) {
          var state =
              restored == null
                  ? TaskBlueprint.Restored.NOTHING
                  : restored.tasks().get(name).get(uid);
          parts.add(new TaskBlueprint.Part(plan.vertex(uid), job.code.get(uid), state));
        }
        var inputs = new ArrayList<TaskBlueprint.Input>();
        for (PlannedEdge edge : plan.inputsOf(chain)) {
          var channels = new ArrayList<InChannel>();
          for (int producer : edge.producersOf(subtask)) {
            channels.add(
                exchange.openIn(spec(job, edge, generation, producer, subtask), peer, Waker.NONE));
          }
          inputs.add(
              new TaskBlueprint.Input(
                  edge.edge().input(),
                  plan.idOf(edge),
                  edge.edge().partitioning(),
                  job.edgeCode.get(edge.index()),
                  channels,
                  restored == null ? List.of() : inFlight(plan, edge, subtask, restored)));
        }
        var fused = new ArrayList<TaskBlueprint.Fused>();
        for (PlannedEdge edge : plan.insideOf(chain)) {
          fused.add(
              new TaskBlueprint.Fused(
                  edge.edge().sideOutput(),
                  plan.idOf(edge),
                  job.edgeCode.get(edge.index()),
                  List.of()));
        }
        var outputs = new ArrayList<TaskBlueprint.Output>();
        for (PlannedEdge edge : plan.outputsOf(chain)) {
          var channels = new ArrayList<OutChannel>();
          for (int consumer : edge.consumersOf(subtask)) {
            channels.add(
                exchange.openOut(spec(job, edge, generation, subtask, consumer), peer, Waker.NONE));
          }
          outputs.add(
              new TaskBlueprint.Output(
                  edge.edge().sideOutput(),
                  plan.idOf(edge),
                  edge.edge().partitioning(),
                  job.edgeCode.get(edge.index()),
                  plan.chains().get(edge.consumer()).maxParallelism(),
                  channels));
        }
        tasks.add(
            new Running(
                name,
                new TaskBlueprint(
                    "g" + generation + "-" + name.replace('/', '-'),
                    0,
                    new TaskBlueprint.Job(
                        "0".repeat(32), "job", "0123456789abcdef", DistributedCache.EMPTY),
                    chain,
                    subtask,
                    parts,
                    inputs,
                    fused,
                    outputs,
                    plan.settings(),
                    HeapStateStore::create,
                    new RamDisk(),
                    Waker.NONE,
                    this,
                    Flow.class.getClassLoader(),
                    new SplittableRandom(1))));
      }
    }
  }

  private static ChannelSpec spec(
      Job job, PlannedEdge edge, int generation, int producer, int consumer) {
    return new ChannelSpec(
        new ChannelId("job", 0, generation, edge.index(), producer, consumer),
        job.edgeCode.get(edge.index()).type().serializer(Flow.class.getClassLoader()),
        Flow.class.getClassLoader(),
        1);
  }

  @Override
  public long monotonicMillis() {
    return now;
  }

  @Override
  public long wallMillis() {
    return now;
  }

  /** One step of one task, and what follows from it. */
  void step(Running running, int budget) throws Exception {
    if (running.ended) {
      return;
    }
    running.progress = running.task.step(new Clock(now, now), budget);
    var said = List.copyOf(running.events);
    running.events.clear();
    for (TaskEvent event : said) {
      if (event instanceof TaskEvent.Failed failed) {
        throw new AssertionError(running.name + " failed at " + failed.operator(), failed.cause());
      } else if (event instanceof TaskEvent.EndOfData) {
        running.endOfData = true;
      } else if (event instanceof TaskEvent.Ended) {
        running.ended = true;
      } else if (event instanceof TaskEvent.Cut cut) {
        save(running, cut);
      } else if (event instanceof TaskEvent.CommitWanted wanted) {
        wanted.work().commit();
        running.task.receive(new TaskCommand.CommitDone(wanted.checkpoint(), wanted.work()));
      }
    }
  }

  /** What is cut turns into bytes only when all have cut, and never for a checkpoint given up. */
  private void save(Running running, TaskEvent.Cut cut) throws Exception {
    var saved = cuts.computeIfAbsent(cut.checkpoint(), id -> new TreeMap<>());
    if (saved.put(running.name, cut) != null) {
      throw new AssertionError(running.name + " cut twice for " + cut.checkpoint());
    }
    if (saved.size() == tasks.size() && cut.checkpoint() > givenUp) {
      var bytes = new TreeMap<String, Map<String, TaskBlueprint.Restored>>();
      for (var entry : saved.entrySet()) {
        bytes.put(entry.getKey(), taken(entry.getValue()));
      }
      var inFlight = new LinkedHashMap<FrozenChannel, List<byte[]>>();
      for (TaskEvent.Cut each : saved.values()) {
        for (FrozenChannel channel : each.inFlight().channels()) {
          var parts = new ArrayList<byte[]>();
          channel.parts().forEachRemaining(parts::add);
          inFlight.put(channel, parts);
        }
      }
      channelsInFlight += inFlight.size();
      completed = new Saved(cut.checkpoint(), bytes, inFlight);
    }
  }

  private static List<TaskBlueprint.InFlightChannel> inFlight(
      JobPlan plan, PlannedEdge edge, int subtask, Saved restored) {
    var channels = new ArrayList<TaskBlueprint.InFlightChannel>();
    for (boolean queued : new boolean[] {true, false}) {
      for (var entry : restored.inFlight().entrySet()) {
        FrozenChannel each = entry.getKey();
        if (each.edge().equals(plan.idOf(edge))
            && each.consumer() == subtask
            && each.queued() == queued) {
          channels.add(
              new TaskBlueprint.InFlightChannel(each.producer(), true, false, entry.getValue()));
        }
      }
    }
    return channels;
  }

  private static Map<String, TaskBlueprint.Restored> taken(TaskEvent.Cut cut) throws Exception {
    var operators = new LinkedHashMap<String, TaskBlueprint.Restored>();
    for (TaskEvent.OperatorCut each : cut.operators()) {
      OperatorSnapshot own = each.own().take();
      operators.put(
          each.uid(),
          new TaskBlueprint.Restored(
              OptionalLong.of(cut.checkpoint()),
              own.entries(),
              own.states(),
              own.committables(),
              each.keyed().isPresent() ? List.of(List.of(each.keyed().get().write())) : List.of(),
              List.of(),
              each.accumulators().get()));
    }
    return operators;
  }

  /** Checkpoints up to this one will not complete, even if all tasks cut for them. */
  void giveUp(long checkpoint) {
    givenUp = checkpoint;
  }

  long completedUpTo() {
    return completed == null ? 0 : completed.checkpoint();
  }

  void tell(TaskCommand command) {
    for (Running running : tasks) {
      if (!running.ended) {
        running.task.receive(command);
      }
    }
  }

  boolean all(java.util.function.Predicate<Running> predicate) {
    return tasks.stream().allMatch(predicate);
  }

  /** Steps all tasks in turn until the condition holds. */
  void runUntil(java.util.function.BooleanSupplier condition, int budget) throws Exception {
    for (int round = 0; round < 100_000 && !condition.getAsBoolean(); round++) {
      for (Running running : tasks) {
        step(running, budget);
      }
      now++;
    }
    if (!condition.getAsBoolean()) {
      throw new AssertionError("the flow got stuck");
    }
  }

  /** Runs to the end of data, takes the final checkpoint and lets all tasks end. */
  void finish(long checkpoint, int budget) throws Exception {
    runUntil(() -> all(running -> running.endOfData), budget);
    tell(new TaskCommand.Trigger(checkpoint));
    runUntil(() -> completed != null && completed.checkpoint() == checkpoint, budget);
    tell(new TaskCommand.Completed(checkpoint, true));
    runUntil(() -> all(running -> running.ended), budget);
  }
}
