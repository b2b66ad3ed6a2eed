package io.millrace.api.state;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.type.Serializer;

/** Adds to an accumulator that is kept in a value. */
final class AggregatedValue<IN, ACC, OUT> implements AggregatingState<IN, OUT> {
  private final ValueState<ACC> value;
  private final AggregateFunction<IN, ACC, OUT> function;
  private final Serializer<ACC> serializer;

  AggregatedValue(
      ValueState<ACC> value, AggregateFunction<IN, ACC, OUT> function, Serializer<ACC> serializer) {
    this.value = value;
    this.function = function;
    this.serializer = serializer;
  }

  @Override
  public void add(IN added) {
    ACC before = value.value();
    ACC after = function.add(added, before == null ? function.createAccumulator() : before);
    if (after == null) {
      throw new IllegalStateException(
          "the accumulator of an aggregating state was made null; it must not be");
    }
    // An accumulator may be the very value that was added, which is in others' hands.
    value.update(after == added ? serializer.copy(after) : after);
  }

  @Override
  @SuppressWarnings("unchecked") // a copy has the type of the original
  public OUT get() {
    ACC accumulator = value.value();
    if (accumulator == null) {
      return null;
    }
    OUT result = function.getResult(accumulator);
    return result == accumulator ? (OUT) serializer.copy(accumulator) : result;
  }

  @Override
  public void clear() {
    value.clear();
  }
}
