package io.millrace.api.operator;

import io.millrace.api.function.FilterFunction;

/** Passes on what the function keeps. */
final class FilterOperator<T> implements FunctionOperator<T, T> {
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
  public boolean onlyReads() {
    return true;
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
