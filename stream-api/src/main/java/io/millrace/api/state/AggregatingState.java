package io.millrace.api.state;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.type.Serializer;

/** One accumulator per key; values are added to it. */
public interface AggregatingState<IN, OUT> extends State {
  /**
   * Hands a value and the accumulator, a new one if the key has none, to the {@link
   * AggregateFunction}, and keeps what that returns.
   *
   * @param value is not looked at here: the function is given {@code null} if this is
   * @throws IllegalStateException if the function returns {@code null}
   */
  void add(IN value);

  /** The result for what has been added so far, {@code null} if nothing has. */
  OUT get();

  /** Kept in a value, for stores of state. */
  static <IN, ACC, OUT> AggregatingState<IN, OUT> over(
      ValueState<ACC> value, AggregateFunction<IN, ACC, OUT> function, Serializer<ACC> serializer) {
    return new AggregatedValue<>(value, function, serializer);
  }
}
