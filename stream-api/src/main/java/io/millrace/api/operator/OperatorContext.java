package io.millrace.api.operator;

import io.millrace.api.accumulator.Accumulators;
import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.Configuration;
import io.millrace.api.metrics.Counter;
import io.millrace.api.metrics.Metrics;
import io.millrace.api.state.KeyedStateAccess;
import io.millrace.api.state.StateDescriptor;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * What an operator may know of where it runs. Valid from {@code open} to {@code close}, on the
 * task's thread only.
 */
public interface OperatorContext {
  /** Name of the operator as the user or the API gave it. */
  String operatorName();

  /** Stable id of the operator: the user's {@code uid} or one derived from its position. */
  String uid();

  /** This subtask's index, from 0. */
  int subtask();

  int parallelism();

  int maxParallelism();

  /** The groups whose keys come to this subtask; all of them unless overridden. */
  default KeyGroupRange keyGroups() {
    return new KeyGroupRange(0, maxParallelism() - 1);
  }

  /** Unique among all attempts of all subtasks of the job; safe in a file name. */
  String attemptName();

  /** Id of the job, 32 lower-case hex digits. */
  String jobId();

  /** As the user gave it; empty where there is no job. */
  default String jobName() {
    return "";
  }

  /** How often the job's tasks were started before this attempt. */
  default int attemptNumber() {
    return 0;
  }

  /**
   * Random id that a job keeps through failures and resumption from its checkpoints; safe in a file
   * name.
   */
  String lineage();

  /**
   * The entries of the snapshot that this subtask is restored from; empty on a first start. If the
   * parallelism is another one than then, those of all subtasks are dealt out in turn.
   */
  List<byte[]> restored();

  /**
   * The named states that this subtask is restored from, divided by their modes; empty on a first
   * start.
   */
  List<OperatorState> restoredStates();

  /** Told of each state that belongs to no key when it is declared; nobody else need listen. */
  default void declared(StateDescriptor descriptor, OperatorState.Mode mode) {}

  /** The id of the checkpoint that the job was restored from; empty on a first start. */
  OptionalLong restoredCheckpoint();

  /** The committables in the snapshot that this subtask is restored from. */
  List<OperatorSnapshot.Committable> restoredCommittables();

  /**
   * The state and timers of the current key; fails for an operator that is not the first behind a
   * {@code keyBy}.
   */
  KeyedStateAccess keyed();

  /**
   * Wall clock in milliseconds since the epoch, as it is now: asked for once more it may be later.
   * Within one call it is never earlier than before, nor than the timers that fire.
   */
  long processingTimeMillis();

  /** Monotonic clock in milliseconds with an arbitrary start, as it is now. */
  long monotonicMillis();

  /** Watermark that has arrived last. */
  long currentWatermark();

  /**
   * The metrics of this attempt of the operator's subtask; what is not overridden counts for
   * nobody.
   */
  default Metrics metrics() {
    return new Metrics();
  }

  /** The operator's counter of that name, made when it is first asked for. */
  default Counter counter(String name) {
    return metrics().group().counter(name);
  }

  /** The files that came with the job; none if nobody brings them. */
  default DistributedCache files() {
    return DistributedCache.EMPTY;
  }

  /** The settings of the job over those of the cluster; the defaults if nobody says. */
  default Configuration settings() {
    return Configuration.EMPTY;
  }

  /**
   * To be run, from any thread and as often as one likes, when something has happened that a {@link
   * WaitingOperator} waits for: the task's thread looks soon after.
   */
  default Runnable waker() {
    return () -> {};
  }

  /** Of this operator's subtask; what checkpoints held of them is in there. */
  default Accumulators accumulators() {
    throw new UnsupportedOperationException("there are no accumulators here");
  }

  /** Seeded by the engine, so that a simulated run can be repeated. */
  RandomGenerator random();

  /** Class loader of the job's jars. */
  ClassLoader userClassLoader();
}
