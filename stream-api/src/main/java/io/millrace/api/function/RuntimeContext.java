package io.millrace.api.function;

import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.random.RandomGenerator;

/** Where a function runs, and its state. */
public interface RuntimeContext {
  /** Name of the operator. */
  String getTaskName();

  /** From 0. */
  int getIndexOfThisSubtask();

  int getNumberOfParallelSubtasks();

  /** The number of key groups. */
  int getMaxNumberOfParallelSubtasks();

  /**
   * One value per key.
   *
   * @throws IllegalStateException if there is no {@code keyBy} in front of the operator
   */
  <T> ValueState<T> getState(ValueStateDescriptor<T> descriptor);

  /** A list per key; see {@link #getState}. */
  <T> ListState<T> getListState(ListStateDescriptor<T> descriptor);

  /** A map per key; see {@link #getState}. */
  <K, V> MapState<K, V> getMapState(MapStateDescriptor<K, V> descriptor);

  /** One value per key into which others are joined; see {@link #getState}. */
  <T> ReducingState<T> getReducingState(ReducingStateDescriptor<T> descriptor);

  /** One accumulator per key; see {@link #getState}. */
  <IN, ACC, OUT> AggregatingState<IN, OUT> getAggregatingState(
      AggregatingStateDescriptor<IN, ACC, OUT> descriptor);

  /** The engine's source of random numbers; using it keeps simulated runs repeatable. */
  RandomGenerator getRandom();

  /** Class loader of the job's jars. */
  ClassLoader getUserCodeClassLoader();
}
