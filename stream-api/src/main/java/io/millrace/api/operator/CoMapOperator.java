package io.millrace.api.operator;

import io.millrace.api.function.CoMapFunction;

/** Emits one record for each record of two inputs. */
final class CoMapOperator<A, B, O> implements TwoInputOperator<A, B, O>, FunctionOperator<A, O> {
  private final CoMapFunction<A, B, O> function;
  private final FunctionLife life;
  private Output<O> output;

  CoMapOperator(CoMapFunction<A, B, O> function) {
    this.function = function;
    life = new FunctionLife(function);
  }

  @Override
  public void open(OperatorContext context, Output<O> output) throws Exception {
    this.output = output;
    life.open(context);
  }

  @Override
  public void process(A value, long timestamp) throws Exception {
    output.collect(function.map1(value), timestamp);
  }

  @Override
  public void processSecond(B value, long timestamp) throws Exception {
    output.collect(function.map2(value), timestamp);
  }

  @Override
  public FunctionLife life() {
    return life;
  }
}
