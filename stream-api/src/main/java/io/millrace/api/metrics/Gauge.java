package io.millrace.api.metrics;

/** A value that is asked for when metrics are read, on the task's thread. */
@FunctionalInterface
public interface Gauge<T> extends Metric {
  /** Numbers are shown as they are, all else as its text. Must be quick. */
  T getValue();
}
