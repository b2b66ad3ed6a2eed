package io.millrace.api.function;

import io.millrace.api.accumulator.Accumulator;
import io.millrace.api.accumulator.DoubleCounter;
import io.millrace.api.accumulator.Histogram;
import io.millrace.api.accumulator.IntCounter;
import io.millrace.api.accumulator.LongCounter;
import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.ExecutionConfig;
import io.millrace.api.metrics.MetricGroup;
import io.millrace.api.state.KeyedStateStore;
import java.io.Serializable;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Where a function runs, and its state. State under keys is refused with an {@code
 * IllegalStateException} where there is no {@code keyBy} in front of the operator.
 */
public interface RuntimeContext extends KeyedStateStore, TaskInfo, JobInfo {
  /** This context, as far as it tells of the subtask. */
  default TaskInfo getTaskInfo() {
    return this;
  }

  /** This context, as far as it tells of the job. */
  default JobInfo getJobInfo() {
    return this;
  }

  /** Where the metrics of this subtask are made. */
  MetricGroup getMetricGroup();

  /** What {@code env.getConfig().setGlobalJobParameters} was given; empty if nothing was. */
  Map<String, String> getGlobalJobParameters();

  /** The files that {@code env.registerCachedFile} was given. */
  DistributedCache getDistributedCache();

  /** The settings of the job; they can only be read. */
  ExecutionConfig getExecutionConfig();

  /** What {@link ExecutionConfig#isObjectReuseEnabled} says. */
  default boolean isObjectReuseEnabled() {
    return getExecutionConfig().isObjectReuseEnabled();
  }

  /**
   * Makes an accumulator part of the job's results. What was added before a failure is merged into
   * it here, so it should be new.
   *
   * @param name of the result; accumulators of all operators and subtasks that have it are merged,
   *     and must be of one class
   * @throws IllegalStateException if this operator has added one of that name
   */
  <V, R extends Serializable> void addAccumulator(String name, Accumulator<V, R> accumulator);

  /** What was added under the name, null if nothing was. */
  <V, R extends Serializable> Accumulator<V, R> getAccumulator(String name);

  /** The counter of that name, added if there is none. */
  IntCounter getIntCounter(String name);

  /** The counter of that name, added if there is none. */
  LongCounter getLongCounter(String name);

  /** The counter of that name, added if there is none. */
  DoubleCounter getDoubleCounter(String name);

  /** The histogram of that name, added if there is none. */
  Histogram getHistogram(String name);

  /** The engine's source of random numbers; using it keeps simulated runs repeatable. */
  RandomGenerator getRandom();

  /** Class loader of the job's jars. */
  ClassLoader getUserCodeClassLoader();
}
