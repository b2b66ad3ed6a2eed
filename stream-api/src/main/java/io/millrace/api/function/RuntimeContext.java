package io.millrace.api.function;

import io.millrace.api.state.KeyedStateStore;
import java.util.random.RandomGenerator;

/**
 * Where a function runs, and its state. State under keys is refused with an {@code
 * IllegalStateException} where there is no {@code keyBy} in front of the operator.
 */
public interface RuntimeContext extends KeyedStateStore {
  /** Name of the operator. */
  String getTaskName();

  /** From 0. */
  int getIndexOfThisSubtask();

  int getNumberOfParallelSubtasks();

  /** The number of key groups. */
  int getMaxNumberOfParallelSubtasks();

  /** The engine's source of random numbers; using it keeps simulated runs repeatable. */
  RandomGenerator getRandom();

  /** Class loader of the job's jars. */
  ClassLoader getUserCodeClassLoader();
}
