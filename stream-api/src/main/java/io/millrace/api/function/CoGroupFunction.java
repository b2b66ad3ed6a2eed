package io.millrace.api.function;

import java.io.Serializable;

/**
 * Makes records of two groups with one key and window, one of which may be empty.
 *
 * <p>The records are its own: it may change, keep and emit them. One that is in several windows, or
 * in a window that fires again, comes as a copy each time.
 */
@FunctionalInterface
public interface CoGroupFunction<IN1, IN2, OUT> extends Serializable {
  /**
   * Called once for a key and window whenever that fires.
   *
   * @param first what the stream has that {@code coGroup} was called on; may be gone through more
   *     than once, but only during the call
   * @param second like {@code first}, of the other stream
   * @param out takes what is emitted with the highest timestamp of the window, also {@code null} as
   *     a record like any other
   */
  void coGroup(Iterable<IN1> first, Iterable<IN2> second, Collector<OUT> out) throws Exception;
}
