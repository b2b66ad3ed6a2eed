package io.millrace.api.function;

import java.io.Serializable;

/** Makes records of two groups with one key and window, one of which may be empty. */
@FunctionalInterface
public interface CoGroupFunction<IN1, IN2, OUT> extends Serializable {
  /**
   * Called once for a key and window whenever that fires.
   *
   * @param first what the stream has that {@code coGroup} was called on; may be gone through more
   *     than once, but only during the call. Its records may be in other windows, too: they are not
   *     to be changed
   * @param second like {@code first}, of the other stream
   */
  void coGroup(Iterable<IN1> first, Iterable<IN2> second, Collector<OUT> out) throws Exception;
}
