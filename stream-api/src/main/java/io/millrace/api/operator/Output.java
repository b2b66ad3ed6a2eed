package io.millrace.api.operator;

import io.millrace.api.function.OutputTag;

/**
 * Where an operator's records go: the next operator of its chain, or the edges that leave the task.
 * Never waits and never refuses. Used only from within a call of the operator.
 */
public interface Output<T> {
  /**
   * @param timestamp event time in milliseconds since the epoch, {@link Timestamps#NONE} for none
   */
  void collect(T value, long timestamp);

  /**
   * Puts a record out at the side, to the edges with this tag; if there are none it is dropped.
   *
   * @param timestamp as of {@link #collect}
   * @throws IllegalStateException if the edges were made with a tag of another type
   */
  <X> void output(OutputTag<X> tag, X value, long timestamp);

  /**
   * Promises that no record with a timestamp at or below this follows. A watermark that does not
   * advance is dropped.
   */
  void watermark(long watermark);

  /** While idle, this output holds back nobody's watermark. */
  void idle(boolean idle);
}
