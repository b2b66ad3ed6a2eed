package io.millrace.api.state;

import io.millrace.api.function.ReduceFunction;
import io.millrace.api.type.Serializer;

/** One value per key; what is added is joined into it. */
public interface ReducingState<T> extends State {
  /**
   * Joins a value into the one that is kept; the first one is kept as it is.
   *
   * @param value not {@code null}
   * @throws IllegalStateException if the first value is {@code null}, or the function returns that
   * @throws Exception what the function throws
   */
  void add(T value) throws Exception;

  /** What has been joined so far, {@code null} if nothing; a copy where it could be changed. */
  T get();

  /** Kept in a value, for stores of state. */
  static <T> ReducingState<T> over(
      ValueState<T> value, ReduceFunction<T> function, Serializer<T> serializer) {
    return new ReducedValue<>(value, function, serializer);
  }
}
