package io.millrace.runtime.taskmanager;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.Configuration;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.api.type.Serializer;
import io.millrace.runtime.checkpoint.ChannelState;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.plan.ChainPlan;
import io.millrace.runtime.plan.EdgeId;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.plan.PlannedEdge;
import io.millrace.runtime.plan.RestoredChannels;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.ToTaskManager.Deploy;
import io.millrace.runtime.protocol.ToTaskManager.TaskStart;
import io.millrace.runtime.state.CapturedRows;
import io.millrace.runtime.task.TaskBlueprint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * What must be loaded before a task can be made; may wait.
 *
 * @param cached files that came with the job
 * @param edges opened code of edges, by index
 * @param inFlight what is to be taken before anything new, by the edge on which it was; for all
 *     edges that lead to the chain's operators
 */
record Preparation(
    Deploy deploy,
    TaskStart start,
    JobPlan plan,
    ClassLoader loader,
    DistributedCache cached,
    List<TaskBlueprint.Part> parts,
    TreeMap<Integer, LoadedEdge> edges,
    TreeMap<EdgeId, List<TaskBlueprint.InFlightChannel>> inFlight) {

  /**
   * @param records serializer of what flows there
   */
  record LoadedEdge(EdgeCode<Object, Object> code, Serializer<Object> records) {}

  /**
   * @throws CorruptStateException if state is not what was written
   */
  static Preparation load(
      Deploy deploy,
      TaskStart start,
      Configuration defaults,
      UserClasses classes,
      CopiedStore store,
      TaskHost host)
      throws IOException {
    JobPlan plan = JobPlan.of(deploy.spec().graph(), defaults);
    JobGraph graph = plan.graph();
    ChainPlan chain = plan.chains().get(start.chain());
    ClassLoader loader = classes.open(deploy.spec().job(), deploy.spec().jars());
    DistributedCache cached = host.files(deploy.spec().job(), deploy.spec().files());
    var files = new RestoredFiles(store, start.stateDirectory(), host, name(deploy, start));
    try {
      var parts = new ArrayList<TaskBlueprint.Part>();
      for (String uid : chain.uids()) {
        Vertex vertex = plan.vertex(uid);
        var restored = restored(deploy, start, vertex, store, files);
        parts.add(new TaskBlueprint.Part(vertex, vertex.code().open(loader), restored));
      }
      var edges = new TreeMap<Integer, LoadedEdge>();
      for (int i = 0; i < graph.edges().size(); i++) {
        var edge = graph.edges().get(i);
        if (chain.uids().contains(edge.from()) || chain.uids().contains(edge.to())) {
          edges.put(i, loaded(edge.code().open(loader), loader));
        }
      }
      return new Preparation(
          deploy,
          start,
          plan,
          loader,
          cached,
          List.copyOf(parts),
          edges,
          inFlight(plan, start, store));
    } catch (IOException | RuntimeException | Error e) {
      files.delete();
      throw e;
    }
  }

  private static TreeMap<EdgeId, List<TaskBlueprint.InFlightChannel>> inFlight(
      JobPlan plan, TaskStart start, CheckpointStore store) throws IOException {
    var inFlight = new TreeMap<EdgeId, List<TaskBlueprint.InFlightChannel>>();
    ChainPlan chain = plan.chains().get(start.chain());
    var edges = new ArrayList<>(plan.inputsOf(chain));
    edges.addAll(plan.insideOf(chain));
    for (PlannedEdge edge : edges) {
      EdgeId id = plan.idOf(edge);
      var channels = new ArrayList<TaskBlueprint.InFlightChannel>();
      for (ChannelState channel : RestoredChannels.of(start.state(), id)) {
        channels.add(
            new TaskBlueprint.InFlightChannel(
                channel.producer(),
                RestoredChannels.unchanged(channel, edge),
                RestoredChannels.divided(channel, edge, plan),
                parts(channel.elements(), LargeState.Parts.IN_FLIGHT, start, store)));
      }
      inFlight.put(id, channels);
    }
    return inFlight;
  }

  private static String name(Deploy deploy, TaskStart start) {
    return deploy.spec().job()
        + "-"
        + deploy.epoch().label()
        + "-"
        + deploy.generation()
        + "-"
        + start.chain()
        + "-"
        + start.subtask();
  }

  @SuppressWarnings("unchecked") // an edge's code is an EdgeCode; the engine's records are Objects
  private static LoadedEdge loaded(Object code, ClassLoader loader) {
    var edge = (EdgeCode<Object, Object>) code;
    return new LoadedEdge(edge, edge.type().serializer(loader));
  }

  private static TaskBlueprint.Restored restored(
      Deploy deploy, TaskStart start, Vertex vertex, CheckpointStore store, RestoredFiles files)
      throws IOException {
    int before = vertex.parallelism();
    var own = new TreeMap<Integer, OwnState>();
    var committables = new ArrayList<Committable>();
    var keyed = new ArrayList<Iterable<byte[]>>();
    var captured = new ArrayList<CapturedRows>();
    var accumulators = new ArrayList<AccumulatorState>();
    for (SubtaskState state : start.state()) {
      if (state.uid().equals(vertex.uid())) {
        before = state.parallelism();
        if (state.own().isPresent()) {
          own.put(
              state.subtask(),
              OwnState.read(parts(state.own().get(), LargeState.Parts.OWN, start, store)));
        }
        committables.addAll(state.committables());
        accumulators.addAll(state.accumulators());
        if (state.keyed().orElse(null) instanceof StateBytes.Files inFiles) {
          captured.add(files.fetch(inFiles));
        } else if (state.keyed().isPresent()) {
          keyed.add(parts(state.keyed().get(), LargeState.Parts.KEYED, start, store));
        }
      }
    }
    OwnState mine = OwnState.divide(own, before, start.subtask(), vertex.parallelism());
    return new TaskBlueprint.Restored(
        FindCheckpoint.Place.of(deploy.restoredManifest()).checkpoint(),
        mine.entries(),
        mine.states(),
        committables,
        keyed,
        captured,
        accumulators);
  }

  private static Iterable<byte[]> parts(
      StateBytes state, LargeState.Parts parts, TaskStart start, CheckpointStore store)
      throws IOException {
    return LargeState.parts(state, parts, start.stateDirectory(), store);
  }

  /** Nobody will make a task of it. */
  void discard() {
    parts.forEach(part -> part.restored().discard());
  }

  /**
   * What the attempt goes on with as it stands in the checkpoint: file by file, if it has just what
   * one subtask had.
   *
   * @param directory of the job; files of other directories are not the job's to name again
   */
  List<SubtaskState> sharedState(String directory) {
    if (!start.stateDirectory().equals(directory)) {
      return List.of();
    }
    return start.state().stream()
        .filter(
            state ->
                state.subtask() == start.subtask()
                    && state.parallelism() == chain().parallelism()
                    && state.maxParallelism() == chain().maxParallelism())
        .toList();
  }

  ChainPlan chain() {
    return plan.chains().get(start.chain());
  }

  /** That the attempt goes on from; 0 at a start from nothing. */
  CheckpointOf restoredFrom(AttemptId id) {
    return new CheckpointOf(
        id.job(), id.region(), id.generation(), parts.get(0).restored().checkpoint().orElse(0));
  }

  boolean holdsEnumerator() {
    return parts.get(0).vertex().role() == Vertex.Role.ENUMERATOR;
  }

  List<PlannedEdge> inputs() {
    return plan.inputsOf(chain());
  }

  /** Edges inside the chain, head first. */
  List<PlannedEdge> inside() {
    return plan.insideOf(chain());
  }

  List<PlannedEdge> outputs() {
    return plan.outputsOf(chain());
  }
}
