package io.millrace.runtime.task;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.Configuration;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.api.operator.OperatorState;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.exchange.Waker;
import io.millrace.runtime.plan.ChainPlan;
import io.millrace.runtime.plan.EdgeId;
import io.millrace.runtime.state.CapturedRows;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * All that a task is made of. Whatever could wait (classes, state, channels) is open already.
 *
 * @param attemptName unique among all attempts of the job, safe in a file name
 * @param attemptNumber how often the job's tasks were started before
 * @param parts the operators of the chain, head first, each behind the one that feeds it
 * @param inputs edges that lead to the head
 * @param fused edges inside the chain, one to each operator but the head, in their order
 * @param outputs edges that leave the chain, from any of its operators
 * @param settings the cluster's defaults with the job's own laid over them
 * @param disk for output that waits and does not fit in memory
 * @param waker of the thread that steps the task
 * @param watch for operators: of the machine whose clock the steps are handed
 */
public record TaskBlueprint(
    String attemptName,
    int attemptNumber,
    Job job,
    ChainPlan chain,
    int subtask,
    List<Part> parts,
    List<Input> inputs,
    List<Fused> fused,
    List<Output> outputs,
    Configuration settings,
    StateStores stores,
    LocalDisk disk,
    Waker waker,
    Watch watch,
    ClassLoader loader,
    RandomGenerator random) {
  public TaskBlueprint {
    parts = List.copyOf(parts);
    inputs = List.copyOf(inputs);
    fused = List.copyOf(fused);
    outputs = List.copyOf(outputs);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("a task needs at least one operator");
    }
    List<String> to = fused.stream().map(each -> each.edge().to()).toList();
    List<String> behind = parts.stream().skip(1).map(part -> part.vertex().uid()).toList();
    if (!to.equals(behind)) {
      throw new IllegalArgumentException("fused edges to " + behind + " needed, found to " + to);
    }
  }

  /**
   * The job that it is of.
   *
   * @param files what came with it for its functions
   */
  public record Job(String id, String name, String lineage, DistributedCache files) {}

  /**
   * One operator.
   *
   * @param code the opened code of the vertex
   */
  public record Part(Vertex vertex, Object code, Restored restored) {}

  /**
   * What an earlier attempt of the operator left in a checkpoint.
   *
   * @param checkpoint its id; empty on a first start
   * @param own the operator's own entries
   * @param states its states that belong to no key
   * @param keyed of each subtask there was, parts that {@code StateStore.restore} takes; large
   *     state is read as they are asked for
   * @param captured the same of subtasks whose state has stayed in files; belongs to the task
   * @param accumulators its accumulators
   */
  public record Restored(
      OptionalLong checkpoint,
      List<byte[]> own,
      List<OperatorState> states,
      List<Committable> committables,
      List<Iterable<byte[]>> keyed,
      List<CapturedRows> captured,
      List<AccumulatorState> accumulators) {
    public static final Restored NOTHING =
        new Restored(OptionalLong.empty(), List.of(), List.of(), List.of(), List.of());

    /** Of which nothing has stayed in files. */
    public Restored(
        OptionalLong checkpoint,
        List<byte[]> own,
        List<OperatorState> states,
        List<Committable> committables,
        List<Iterable<byte[]>> keyed) {
      this(checkpoint, own, states, committables, keyed, List.of());
    }

    public Restored {
      own = List.copyOf(own);
      states = List.copyOf(states);
      committables = List.copyOf(committables);
      keyed = List.copyOf(keyed);
      captured = List.copyOf(captured);
      accumulators = List.copyOf(accumulators);
    }

    /** Without accumulators. */
    public Restored(
        OptionalLong checkpoint,
        List<byte[]> own,
        List<OperatorState> states,
        List<Committable> committables,
        List<Iterable<byte[]>> keyed,
        List<CapturedRows> captured) {
      this(checkpoint, own, states, committables, keyed, captured, List.of());
    }

    /** Nobody will open it: what was fetched to local disk for it goes. */
    public void discard() {
      captured.forEach(each -> each.folder().delete());
    }
  }

  /**
   * @param input which of the head's inputs it leads to, from 0
   * @param channels by subtask of the producer
   * @param inFlight what is to be taken before anything that channels bring, in order
   */
  public record Input(
      int input,
      EdgeId edge,
      Edge.Partitioning partitioning,
      EdgeCode<Object, Object> code,
      List<InChannel> channels,
      List<InFlightChannel> inFlight) {
    public Input {
      channels = List.copyOf(channels);
      inFlight = List.copyOf(inFlight);
    }
  }

  /**
   * @param sideOutput as of {@link Edge}
   * @param inFlight what the consumer is to take before any other operator does anything, in order;
   *     records were on their way when the edge led from one task to another
   */
  public record Fused(
      String sideOutput,
      EdgeId edge,
      EdgeCode<Object, Object> code,
      List<InFlightChannel> inFlight) {
    public Fused {
      inFlight = List.copyOf(inFlight);
    }
  }

  /**
   * What a checkpoint holds of one side of a channel.
   *
   * @param producer subtask that it came from
   * @param unchanged whether both sides have the parallelism that they had
   * @param divided whether the consumer has another one, so that not all records are this subtask's
   * @param parts as {@link FrozenChannel#parts} wrote them
   */
  public record InFlightChannel(
      int producer, boolean unchanged, boolean divided, Iterable<byte[]> parts) {}

  /**
   * @param sideOutput as of {@link Edge}
   * @param maxParallelism of the consumer
   * @param channels by subtask of the consumer; a single one for FORWARD
   */
  public record Output(
      String sideOutput,
      EdgeId edge,
      Edge.Partitioning partitioning,
      EdgeCode<Object, Object> code,
      int maxParallelism,
      List<OutChannel> channels) {
    public Output {
      channels = List.copyOf(channels);
    }
  }
}
