package io.millrace.api.graph;

/**
 * What each slot of a slot sharing group needs, for a group that says so.
 *
 * @param milliCores thousandths of a core, of which all threads of the slot may use so many
 * @param heapMegabytes heap for what the group's operators keep
 * @param offHeapMegabytes memory outside the heap that Java counts, such as direct buffers
 * @param managedMegabytes RocksDB's
 */
public record SlotResources(
    int milliCores, int heapMegabytes, int offHeapMegabytes, int managedMegabytes) {
  /** A thousand cores. */
  public static final int MOST_MILLI_CORES = 1_000_000;

  /** A terabyte. */
  public static final int MOST_MEGABYTES = 1 << 20;

  public SlotResources {
    check("cores", milliCores, 1, MOST_MILLI_CORES);
    check("heap", heapMegabytes, 1, MOST_MEGABYTES);
    check("off-heap memory", offHeapMegabytes, 0, MOST_MEGABYTES);
    check("managed memory", managedMegabytes, 0, MOST_MEGABYTES);
  }

  private static void check(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "the "
              + what
              + " of a slot must be "
              + least
              + " to "
              + most
              + (what.equals("cores") ? " thousandths" : " MB")
              + ", found "
              + value);
    }
  }

  /** Reads what {@link #text} has written. */
  public static SlotResources parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 4) {
      throw new IllegalArgumentException("expected four numbers between slashes, found " + text);
    }
    return new SlotResources(
        Integer.parseInt(parts[0]),
        Integer.parseInt(parts[1]),
        Integer.parseInt(parts[2]),
        Integer.parseInt(parts[3]));
  }

  /** For {@link #parse}. */
  public String text() {
    return milliCores + "/" + heapMegabytes + "/" + offHeapMegabytes + "/" + managedMegabytes;
  }

  /** For people: {@code 1.5 cores, 512 MB of heap, 64 MB of managed memory}. */
  @Override
  public String toString() {
    return (milliCores % 1000 == 0 ? "" + milliCores / 1000 : "" + milliCores / 1000.0)
        + (milliCores == 1000 ? " core, " : " cores, ")
        + heapMegabytes
        + " MB of heap"
        + (offHeapMegabytes == 0 ? "" : ", " + offHeapMegabytes + " MB of off-heap memory")
        + (managedMegabytes == 0 ? "" : ", " + managedMegabytes + " MB of managed memory");
  }
}
