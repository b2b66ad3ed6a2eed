package io.millrace.api.metrics;

/** How values are distributed. */
public interface Histogram extends Metric {
  void update(long value);

  /** All values so far. */
  long getCount();

  /** Of the values that it remembers. */
  HistogramStatistics getStatistics();
}
