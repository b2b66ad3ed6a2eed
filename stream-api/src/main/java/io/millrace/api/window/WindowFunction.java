package io.millrace.api.window;

import io.millrace.api.function.Collector;
import java.io.Serializable;

/**
 * Makes records of a window of a key.
 *
 * @param <IN> what the window holds: its records, or what they were reduced or aggregated to
 */
@FunctionalInterface
public interface WindowFunction<IN, OUT, KEY, W extends Window> extends Serializable {
  /** What is emitted carries the window's highest timestamp. */
  void apply(KEY key, W window, Iterable<IN> input, Collector<OUT> out) throws Exception;
}
