package io.millrace.runtime.rocksdb;

/**
 * How the memory of one slot for state in RocksDB is divided, known without RocksDB.
 *
 * @param nativeBytes write buffers, blocks, indexes and filters
 * @param heapBytes rows in front of the databases
 */
public record SlotMemory(long nativeBytes, long heapBytes) {
  /** All that there is may be native; of what goes beyond, two thirds. */
  private static final long NATIVE_FIRST = 16L << 20;

  public static SlotMemory of(long bytes) {
    long heap = Math.max(0, bytes - NATIVE_FIRST) / 3;
    return new SlotMemory(bytes - heap, heap);
  }
}
