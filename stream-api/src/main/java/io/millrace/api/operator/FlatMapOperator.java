package io.millrace.api.operator;

import io.millrace.api.function.FlatMapFunction;

/** Emits any number of records for each. */
final class FlatMapOperator<I, O> implements FunctionOperator<I, O> {
  private final FlatMapFunction<I, O> function;
  private final FunctionLife life;
  private StampingCollector<O> collector;

  FlatMapOperator(FlatMapFunction<I, O> function) {
    this.function = function;
    life = new FunctionLife(function);
  }

  @Override
  public void open(OperatorContext context, Output<O> output) throws Exception {
    collector = new StampingCollector<>(output);
    life.open(context);
  }

  @Override
  public void process(I value, long timestamp) throws Exception {
    function.flatMap(value, collector.at(timestamp));
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
