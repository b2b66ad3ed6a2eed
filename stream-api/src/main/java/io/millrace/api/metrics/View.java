package io.millrace.api.metrics;

/** A metric that depends on time, which it is told on the task's thread. */
public interface View {
  /**
   * Called about every 5 s, and before metrics are read.
   *
   * @param monotonicMillis with an arbitrary start, never less than before
   */
  void update(long monotonicMillis);
}
