package io.millrace.runtime.plan;

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

  private KeyGroups() {}
}
