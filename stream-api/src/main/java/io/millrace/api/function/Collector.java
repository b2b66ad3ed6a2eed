package io.millrace.api.function;

/** Takes the records that a function emits; to be used only during the call it was handed to. */
public interface Collector<T> {
  void collect(T value);

  /** For collectors of a program's own, in its tests; functions do not call it. */
  default void close() {}
}
