package io.millrace.api.operator;

import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.FilterFunction;
import java.util.Optional;

/** Passes on what the function keeps. */
final class FilterOperator<T> implements Operator<T, T> {
  private final FilterFunction<T> function;
  private final FunctionLife life;
  private Output<T> output;

  FilterOperator(FilterFunction<T> function) {
    this.function = function;
    life = new FunctionLife(function);
  }

  @Override
  public void open(OperatorContext context, Output<T> output) throws Exception {
    this.output = output;
    life.open(context);
  }

  @Override
  public void process(T value, long timestamp) throws Exception {
    if (function.filter(value)) {
      output.collect(value, timestamp);
    }
  }

  @Override
  public Frozen snapshot(long checkpoint) throws Exception {
    return life.snapshot(checkpoint);
  }

  @Override
  public Optional<CheckpointListener> checkpointListener() {
    return life.checkpointListener();
  }

  @Override
  public void close() throws Exception {
    life.close();
  }
}
