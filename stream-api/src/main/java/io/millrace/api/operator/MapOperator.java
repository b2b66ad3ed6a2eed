package io.millrace.api.operator;

import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.MapFunction;
import java.util.Optional;

/** Emits one record for each. */
final class MapOperator<I, O> implements Operator<I, O> {
  private final MapFunction<I, O> function;
  private final FunctionLife life;
  private Output<O> output;

  MapOperator(MapFunction<I, O> function) {
    this.function = function;
    life = new FunctionLife(function);
  }

  @Override
  public void open(OperatorContext context, Output<O> output) throws Exception {
    this.output = output;
    life.open(context);
  }

  @Override
  public void process(I value, long timestamp) throws Exception {
    output.collect(function.map(value), timestamp);
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
