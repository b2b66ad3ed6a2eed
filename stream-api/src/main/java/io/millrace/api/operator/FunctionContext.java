package io.millrace.api.operator;

import io.millrace.api.accumulator.Accumulator;
import io.millrace.api.accumulator.DoubleCounter;
import io.millrace.api.accumulator.Histogram;
import io.millrace.api.accumulator.IntCounter;
import io.millrace.api.accumulator.LongCounter;
import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.ExecutionConfig;
import io.millrace.api.config.JobSettings;
import io.millrace.api.config.SettingsAccess;
import io.millrace.api.function.RuntimeContext;
import io.millrace.api.metrics.MetricGroup;
import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.KeyedStateAccess;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.io.Serializable;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What a function sees of its operator's context.
 *
 * @param keyless what the function is, if it has no state under keys; else null
 */
record FunctionContext(OperatorContext context, String keyless) implements RuntimeContext {
  KeyedStateAccess keyed() {
    if (keyless != null) {
      throw new IllegalStateException(
          keyless + " has no state under keys; put a process function behind keyBy for that");
    }
    return context.keyed();
  }

  @Override
  public String getTaskName() {
    return context.operatorName();
  }

  @Override
  public String getTaskNameWithSubtasks() {
    return getTaskName()
        + " ("
        + (getIndexOfThisSubtask() + 1)
        + "/"
        + getNumberOfParallelSubtasks()
        + ")";
  }

  @Override
  public String getJobId() {
    return context.jobId();
  }

  @Override
  public String getJobName() {
    return context.jobName();
  }

  @Override
  public int getAttemptNumber() {
    return context.attemptNumber();
  }

  @Override
  public Map<String, String> getGlobalJobParameters() {
    return context.settings().get(JobSettings.GLOBAL_PARAMETERS);
  }

  @Override
  public DistributedCache getDistributedCache() {
    return context.files();
  }

  @Override
  public ExecutionConfig getExecutionConfig() {
    return new ExecutionConfig(SettingsAccess.readOnly(context.settings()));
  }

  @Override
  public MetricGroup getMetricGroup() {
    return context.metrics().group();
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
    return keyed().value(descriptor);
  }

  @Override
  public <T> ListState<T> getListState(ListStateDescriptor<T> descriptor) {
    return keyed().list(descriptor);
  }

  @Override
  public <K, V> MapState<K, V> getMapState(MapStateDescriptor<K, V> descriptor) {
    return keyed().map(descriptor);
  }

  @Override
  public <T> ReducingState<T> getReducingState(ReducingStateDescriptor<T> descriptor) {
    return keyed().reducing(descriptor);
  }

  @Override
  public <IN, ACC, OUT> AggregatingState<IN, OUT> getAggregatingState(
      AggregatingStateDescriptor<IN, ACC, OUT> descriptor) {
    return keyed().aggregating(descriptor);
  }

  @Override
  public <V, R extends Serializable> void addAccumulator(
      String name, Accumulator<V, R> accumulator) {
    context.accumulators().add(name, accumulator);
  }

  @Override
  @SuppressWarnings("unchecked") // whoever asks knows what was added
  public <V, R extends Serializable> Accumulator<V, R> getAccumulator(String name) {
    return (Accumulator<V, R>) context.accumulators().get(name);
  }

  @Override
  public IntCounter getIntCounter(String name) {
    return known(name, IntCounter.class, IntCounter::new);
  }

  @Override
  public LongCounter getLongCounter(String name) {
    return known(name, LongCounter.class, LongCounter::new);
  }

  @Override
  public DoubleCounter getDoubleCounter(String name) {
    return known(name, DoubleCounter.class, DoubleCounter::new);
  }

  @Override
  public Histogram getHistogram(String name) {
    return known(name, Histogram.class, Histogram::new);
  }

  private <A extends Accumulator<?, ?>> A known(String name, Class<A> type, Supplier<A> fresh) {
    Accumulator<?, ?> known = context.accumulators().get(name);
    if (known == null) {
      known = fresh.get();
      context.accumulators().add(name, known);
    }
    if (!type.isInstance(known)) {
      throw new IllegalStateException(
          "the accumulator '" + name + "' is a " + known.getClass().getName());
    }
    return type.cast(known);
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
