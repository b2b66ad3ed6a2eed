package io.millrace.runtime.state;

import java.util.TreeMap;

/**
 * Counts the freezes of a store and which of them are still being written. Pages older than the
 * newest one that is must not be changed. The task's thread freezes; a writer's thread releases.
 */
final class Versions {
  private final TreeMap<Integer, Integer> beingWritten = new TreeMap<>();
  private int current;

  /**
   * The newest version that a writer still reads; pages of this or an older version are protected.
   */
  private volatile int protectedUpTo = -1;

  int current() {
    return current;
  }

  int protectedUpTo() {
    return protectedUpTo;
  }

  /** Ends the current version; what it was is the writer's until {@link #release}. */
  synchronized int freeze() {
    int frozen = current++;
    beingWritten.merge(frozen, 1, Integer::sum);
    protectedUpTo = beingWritten.lastKey();
    return frozen;
  }

  synchronized void release(int frozen) {
    beingWritten.remove(frozen);
    protectedUpTo = beingWritten.isEmpty() ? -1 : beingWritten.lastKey();
  }
}
