package io.millrace.api.operator;

import io.millrace.api.function.MapFunction;

/** Emits one record for each. */
final class MapOperator<I, O> implements FunctionOperator<I, O> {
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
  public boolean onlyReads() {
    return function instanceof OnlyReads;
  }

  @Override
  public boolean asksForKeys() {
    return life.seesContext();
  }

  @Override
  public FunctionLife life() {
    return life;
  }
}
