package io.millrace.api.state;

import io.millrace.api.function.ReduceFunction;
import io.millrace.api.type.Serializer;

/**
 * Joins into a value. As the function may change what it has joined before, that is never in
 * anybody else's hands.
 */
final class ReducedValue<T> implements ReducingState<T> {
  private final ValueState<T> value;
  private final ReduceFunction<T> function;
  private final Serializer<T> serializer;

  ReducedValue(ValueState<T> value, ReduceFunction<T> function, Serializer<T> serializer) {
    this.value = value;
    this.function = function;
    this.serializer = serializer;
  }

  @Override
  public void add(T added) throws Exception {
    T before = value.value();
    T after = before == null ? added : function.reduce(before, added);
    if (after == null) {
      throw new IllegalStateException("a reducing state was made null; its values must not be");
    }
    value.update(after == added ? serializer.copy(added) : after);
  }

  @Override
  public T get() {
    return serializer.copy(value.value());
  }

  @Override
  public void clear() {
    value.clear();
  }
}
