package io.millrace.api.operator;

import io.millrace.api.function.ReduceFunction;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;

/** Keeps one value per key, joins each record into it and emits it. */
final class ReduceOperator<T> implements FunctionOperator<T, T> {
  private final ReduceFunction<T> function;
  private final TypeInformation<T> type;
  private final FunctionLife life;
  private Serializer<T> serializer;
  private ValueState<T> accumulated;
  private Output<T> output;

  ReduceOperator(ReduceFunction<T> function, TypeInformation<T> type) {
    this.function = function;
    this.type = type;
    life = new FunctionLife(function);
  }

  @Override
  public void open(OperatorContext context, Output<T> output) throws Exception {
    this.output = output;
    serializer = type.serializer(context.userClassLoader());
    accumulated = context.keyed().value(new ValueStateDescriptor<>(Operators.ACCUMULATOR, type));
    life.open(context);
  }

  @Override
  public void process(T value, long timestamp) throws Exception {
    T before = accumulated.value();
    T after = before == null ? value : function.reduce(before, value);
    if (after == null) {
      throw new IllegalStateException("the reduce function returned null; it must return a record");
    }
    // With object reuse the record may be in others' hands too; what is kept is this key's alone.
    accumulated.update(after == value ? serializer.copy(value) : after);
    // What stays in state changes with the next record; what was emitted must not.
    output.collect(serializer.copy(after), timestamp);
  }

  @Override
  public FunctionLife life() {
    return life;
  }
}
