package io.millrace.api.metrics;

/** Counts events and tells how many come in a second. */
public interface Meter extends Metric {
  void markEvent();

  void markEvent(long events);

  /** Events per second. */
  double getRate();

  /** All events so far. */
  long getCount();
}
