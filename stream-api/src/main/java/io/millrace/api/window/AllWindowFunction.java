package io.millrace.api.window;

import io.millrace.api.function.Collector;
import java.io.Serializable;

/** A {@link WindowFunction} for a stream without keys. */
@FunctionalInterface
public interface AllWindowFunction<IN, OUT, W extends Window> extends Serializable {
  /** What is emitted carries the window's highest timestamp. */
  void apply(W window, Iterable<IN> values, Collector<OUT> out) throws Exception;
}
