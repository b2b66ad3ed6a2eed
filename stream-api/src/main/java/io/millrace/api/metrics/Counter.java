package io.millrace.api.metrics;

/** Counts events of one operator's subtask; of its thread only, and not part of checkpoints. */
public final class Counter implements Metric {
  private long count;

  public void inc() {
    count++;
  }

  public void inc(long events) {
    count += events;
  }

  public void dec() {
    count--;
  }

  public void dec(long events) {
    count -= events;
  }

  public long getCount() {
    return count;
  }
}
