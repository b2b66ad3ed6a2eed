package io.millrace.runtime.plan;

import io.millrace.runtime.kernel.Check;

/** Keys are divided into groups, groups into contiguous ranges, one for each subtask. */
public final class KeyGroups {
  /**
   * The group of a key's stable hash; the finaliser of MurmurHash3 spreads hashes that differ in
   * few bits.
   */
  public static int groupOf(int stableHash, int maxParallelism) {
    int mixed = stableHash;
    mixed ^= mixed >>> 16;
    mixed *= 0x85ebca6b;
    mixed ^= mixed >>> 13;
    mixed *= 0xc2b2ae35;
    mixed ^= mixed >>> 16;
    return (mixed & Integer.MAX_VALUE) % maxParallelism;
  }

  /** The subtask whose range holds the group. */
  public static int subtaskOf(int group, int parallelism, int maxParallelism) {
    return (int) ((long) group * parallelism / maxParallelism);
  }

  /** First group of a subtask; its last is the next one's first, less one. */
  public static int firstOf(int subtask, int parallelism, int maxParallelism) {
    return (int) (((long) subtask * maxParallelism + parallelism - 1) / parallelism);
  }

  /** A subtask's current key is in the group: one of its own, or the routing is broken. */
  public static void checkOwn(int group, int first, int count) {
    // Words are put together for the broken case alone: this is asked for each record.
    if (group < first || group >= first + count) {
      Check.that(
          false,
          "a record's key belongs to this subtask's key groups "
              + first
              + ".."
              + (first + count - 1)
              + ", found group "
              + group);
    }
  }

  private KeyGroups() {}
}
