package io.millrace.benchmarks.workloads.events;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A sum over the results that one subtask of a sink has seen, in whatever order. Written by one
 * thread, read when the job has ended.
 */
public final class Tally {
  private static final ConcurrentLinkedQueue<Tally> ALL = new ConcurrentLinkedQueue<>();

  private long sum;

  /** One that counts in the next {@link #total}. */
  public static Tally open() {
    var tally = new Tally();
    ALL.add(tally);
    return tally;
  }

  public void add(long hash) {
    sum += hash;
  }

  /** The sum of all tallies that were opened since the last call; forgets them. */
  public static long total() {
    long total = 0;
    for (Tally tally = ALL.poll(); tally != null; tally = ALL.poll()) {
      total += tally.sum;
    }
    return total;
  }

  static long hash(long a, long b, long c, long d) {
    return EventGenerator.mix(
        a * 0x9E3779B97F4A7C15L
            + b * 0xC2B2AE3D27D4EB4FL
            + c * 0x165667B19E3779F9L
            + d * 0xD6E8FEB86659FD93L);
  }

  private Tally() {}
}
