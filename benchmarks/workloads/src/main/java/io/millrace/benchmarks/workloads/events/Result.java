package io.millrace.benchmarks.workloads.events;

import java.io.Serializable;

/** What a workload finds out about a key. */
public final class Result implements Serializable {
  public long key;

  /** Event time in milliseconds at which it begins, or 0. */
  public long from;

  /** Event time in milliseconds before which it ends, or what else tells results apart. */
  public long to;

  public long value;

  public Result() {}

  public Result(long key, long from, long to, long value) {
    this.key = key;
    this.from = from;
    this.to = to;
    this.value = value;
  }

  /** The one with the higher value; among equals the one with the lower key. */
  public Result highest(Result other) {
    return value > other.value || value == other.value && key < other.key ? this : other;
  }

  public long hash() {
    return Tally.hash(key, from, to, value);
  }
}
