package io.millrace.api.operator;

import io.millrace.api.function.CoFlatMapFunction;

/** Emits any number of records for each record of two inputs. */
final class CoFlatMapOperator<A, B, O>
    implements TwoInputOperator<A, B, O>, FunctionOperator<A, O> {
  private final CoFlatMapFunction<A, B, O> function;
  private final FunctionLife life;
  private StampingCollector<O> collector;

  CoFlatMapOperator(CoFlatMapFunction<A, B, O> function) {
    this.function = function;
    life = new FunctionLife(function);
  }

  @Override
  public void open(OperatorContext context, Output<O> output) throws Exception {
    collector = new StampingCollector<>(output);
    life.open(context);
  }

  @Override
  public void process(A value, long timestamp) throws Exception {
    function.flatMap1(value, collector.at(timestamp));
  }

  @Override
  public void processSecond(B value, long timestamp) throws Exception {
    function.flatMap2(value, collector.at(timestamp));
  }

  @Override
  public FunctionLife life() {
    return life;
  }
}
