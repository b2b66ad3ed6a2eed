package io.millrace.api.operator;

/** Counts events of one operator's subtask; of its thread only, and not part of checkpoints. */
public final class Counter {
  private long count;

  public void inc() {
    count++;
  }

  public void inc(long events) {
    count += events;
  }

  public long getCount() {
    return count;
  }
}
