package io.millrace.runtime.harness;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.type.DataWriter;
import io.millrace.runtime.checkpoint.ChannelState;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.StateInfo;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.plan.ChainPlan;
import io.millrace.runtime.plan.EdgeId;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.plan.PlannedEdge;
import io.millrace.runtime.plan.RestoredChannels;
import io.millrace.runtime.plan.RestoredStates;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.FrozenState;
import io.millrace.runtime.state.StateContents;
import io.millrace.runtime.task.FrozenChannel;
import io.millrace.runtime.task.TaskBlueprint;
import io.millrace.runtime.task.TaskEvent;
import io.millrace.runtime.taskmanager.KeyedContents;
import io.millrace.runtime.taskmanager.OwnState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the tasks have cut for one checkpoint, as a manifest holds it, and divided as for a job that
 * starts from one.
 */
final class Saved {
  /** Where what a test sends comes from; no operator of the plan is called so. */
  static final String HAND = "hand";

  private static final JobId JOB = new JobId("0".repeat(32));
  private static final String LINEAGE = "0123456789abcdef";

  private final long checkpoint;
  private final List<SubtaskState> states = new ArrayList<>();

  /** What was on its way from the test, by the reader's uid and subtask. */
  private final TreeMap<String, TreeMap<Integer, List<ChannelState>>> byHand = new TreeMap<>();

  private int tasks;

  Saved(long checkpoint) {
    this.checkpoint = checkpoint;
  }

  void add(int subtask, TaskEvent.Cut cut) {
    tasks++;
    var own = new ArrayList<ChannelState>();
    for (FrozenChannel frozen : cut.inFlight().channels()) {
      ChannelState channel = channel(frozen);
      boolean byTest = channel.from().equals(HAND);
      (byTest
              ? byHand
                  .computeIfAbsent(channel.to(), uid -> new TreeMap<>())
                  .computeIfAbsent(subtask, one -> new ArrayList<>())
              : own)
          .add(channel);
    }
    List<ChannelState> channels = own;
    for (TaskEvent.OperatorCut operator : cut.operators()) {
      states.add(state(subtask, operator).withChannels(channels));
      // Of all its operators the first has them.
      channels = List.of();
    }
    cut.inFlight().release().run();
  }

  private static SubtaskState state(int subtask, TaskEvent.OperatorCut operator) {
    try {
      OperatorSnapshot snapshot = operator.own().take();
      OwnState own = OwnState.of(snapshot);
      return new SubtaskState(
          operator.uid(),
          subtask,
          operator.parallelism(),
          operator.maxParallelism(),
          own.isEmpty() ? Optional.empty() : Optional.of(inline(joined(own.parts()))),
          snapshot.committables(),
          operator.keyed().map(FrozenState::write).map(Saved::inline),
          own.contents(),
          List.of(),
          operator.accumulators().get());
    } catch (Exception e) {
      throw new IllegalStateException("'" + operator.uid() + "' cannot be saved: " + e, e);
    }
  }

  private static ChannelState channel(FrozenChannel channel) {
    return new ChannelState(
        channel.edge().from(),
        channel.edge().to(),
        channel.edge().nth(),
        channel.partitioning().name(),
        channel.queued(),
        channel.producer(),
        channel.producers(),
        channel.consumer(),
        channel.consumers(),
        channel.maxParallelism(),
        inline(joined(channel.parts())));
  }

  private static byte[] joined(Iterator<byte[]> parts) {
    var all = new DataWriter();
    while (parts.hasNext()) {
      byte[] part = parts.next();
      all.writeBytes(part, 0, part.length);
    }
    return all.toByteArray();
  }

  private static StateBytes inline(byte[] bytes) {
    return new StateBytes.Inline(bytes, StateBytes.crcOf(bytes));
  }

  private static byte[] bytes(StateBytes state) {
    return ((StateBytes.Inline) state).bytes();
  }

  /** How many tasks have cut. */
  int tasks() {
    return tasks;
  }

  /** Whether operators have left nothing, and nothing was in flight. */
  boolean isEmpty() {
    return byHand.isEmpty()
        && states.stream().allMatch(SubtaskState::isEmpty)
        && keyedParts().findAny().isEmpty();
  }

  /** Whether records were in flight. */
  boolean holdsInFlight() {
    return !byHand.isEmpty() || states.stream().anyMatch(state -> !state.channels().isEmpty());
  }

  /** The state under keys of all operators, as it is written. */
  Stream<byte[]> keyedParts() {
    return states.stream().flatMap(state -> state.keyed().stream()).map(Saved::bytes);
  }

  /** But for what was on its way from the test. */
  Manifest manifest() {
    return new Manifest(
        JOB,
        LINEAGE,
        new Epoch(1, 1),
        1,
        checkpoint,
        0,
        false,
        states.stream().map(Saved::told).toList());
  }

  private static SubtaskState told(SubtaskState state) {
    var keyed = new StateContents();
    state.keyed().ifPresent(bytes -> keyed.add(bytes(bytes)));
    var contents = new ArrayList<StateInfo>(state.contents());
    contents.addAll(KeyedContents.of(keyed));
    return state.with(contents);
  }

  RestoredStates divide(JobPlan plan) {
    return RestoredStates.divide(
        plan, new Manifest(JOB, LINEAGE, new Epoch(1, 1), 1, checkpoint, 0, false, states), false);
  }

  /** What the operator's subtask starts from, of the share of its task. */
  TaskBlueprint.Restored restored(
      List<SubtaskState> share, Vertex vertex, int subtask, int parallelism) {
    int before = parallelism;
    var own = new TreeMap<Integer, OwnState>();
    var keyed = new ArrayList<Iterable<byte[]>>();
    var accumulators = new ArrayList<AccumulatorState>();
    for (SubtaskState state : share) {
      if (state.uid().equals(vertex.uid())) {
        before = state.parallelism();
        state.own().ifPresent(bytes -> own.put(state.subtask(), read(bytes(bytes))));
        state.keyed().ifPresent(bytes -> keyed.add(List.of(bytes(bytes))));
        accumulators.addAll(state.accumulators());
      }
    }
    OwnState mine = OwnState.divide(own, before, subtask, parallelism);
    return new TaskBlueprint.Restored(
        OptionalLong.of(checkpoint),
        mine.entries(),
        mine.states(),
        List.of(),
        keyed,
        List.of(),
        accumulators);
  }

  private static OwnState read(byte[] bytes) {
    try {
      return OwnState.read(List.of(bytes));
    } catch (IOException e) {
      throw new IllegalStateException("what was written cannot be read: " + e.getMessage(), e);
    }
  }

  /** What was in flight on an edge to the subtask, of the share of its task. */
  static List<TaskBlueprint.InFlightChannel> inFlight(
      List<SubtaskState> share, PlannedEdge edge, JobPlan plan) {
    return RestoredChannels.of(share, plan.idOf(edge)).stream()
        .map(
            channel ->
                new TaskBlueprint.InFlightChannel(
                    channel.producer(),
                    RestoredChannels.unchanged(channel, edge),
                    RestoredChannels.divided(channel, edge, plan),
                    List.of(bytes(channel.elements()))))
        .toList();
  }

  /** What was on its way from the test. */
  List<TaskBlueprint.InFlightChannel> byHand(ChainPlan reader, int subtask) {
    return Optional.ofNullable(byHand.get(reader.head()))
        .map(subtasks -> subtasks.get(subtask))
        .orElse(List.of())
        .stream()
        .map(
            channel ->
                new TaskBlueprint.InFlightChannel(
                    0, true, false, List.of(bytes(channel.elements()))))
        .toList();
  }

  static EdgeId handTo(ChainPlan reader) {
    return new EdgeId(HAND, reader.head(), 0);
  }
}
