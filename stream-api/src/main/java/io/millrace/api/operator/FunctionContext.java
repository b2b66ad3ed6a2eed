package io.millrace.api.operator;

import io.millrace.api.function.RuntimeContext;
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

/** What a function sees of its operator's context. */
record FunctionContext(OperatorContext context) implements RuntimeContext {
  @Override
  public String getTaskName() {
    return context.operatorName();
  }

  @Override
  public int getIndexOfThisSubtask() {
    return context.subtask();
  }

  @Override
  public int getNumberOfParallelSubtasks() {
    return context.parallelism();
  }

  @Override
  public int getMaxNumberOfParallelSubtasks() {
    return context.maxParallelism();
  }

  @Override
  public <T> ValueState<T> getState(ValueStateDescriptor<T> descriptor) {
    return context.keyed().value(descriptor);
  }

  @Override
  public <T> ListState<T> getListState(ListStateDescriptor<T> descriptor) {
    return context.keyed().list(descriptor);
  }

  @Override
  public <K, V> MapState<K, V> getMapState(MapStateDescriptor<K, V> descriptor) {
    return context.keyed().map(descriptor);
  }

  @Override
  public <T> ReducingState<T> getReducingState(ReducingStateDescriptor<T> descriptor) {
    return context.keyed().reducing(descriptor);
  }

  @Override
  public <IN, ACC, OUT> AggregatingState<IN, OUT> getAggregatingState(
      AggregatingStateDescriptor<IN, ACC, OUT> descriptor) {
    return context.keyed().aggregating(descriptor);
  }

  @Override
  public RandomGenerator getRandom() {
    return context.random();
  }

  @Override
  public ClassLoader getUserCodeClassLoader() {
    return context.userClassLoader();
  }
}
