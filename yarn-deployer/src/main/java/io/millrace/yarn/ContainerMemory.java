package io.millrace.yarn;

import io.millrace.api.config.Setting.InvalidSettingException;
import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.rocksdb.SlotMemory;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * How one container's memory is divided. The user gives one number; the parts add up to it, and the
 * JVM is told the bound of each part that it can bound. In megabytes.
 *
 * <ul>
 *   <li>direct: Netty's buffers and other memory outside the heap that Java counts
 *   <li>metaspace and code cache: classes and compiled code
 *   <li>threads: their stacks
 *   <li>managed: RocksDB's, which keeps to it by itself; a share of what would else be heap. What
 *       of it keeps rows in front of RocksDB lies on the heap, which the JVM is told to make larger
 *   <li>reserve: what nobody counts (allocator, collector, libraries): a tenth of the container, at
 *       least 64 MB; with the G1 collector 7 % of the heap more
 *   <li>heap: all the rest
 * </ul>
 */
public record ContainerMemory(
    int total,
    int heap,
    int direct,
    int metaspace,
    int codeCache,
    int threads,
    int managed,
    int rowsOnHeap,
    int reserve,
    boolean g1) {
  private static final int MEGABYTE = 1 << 20;
  private static final int LEAST_HEAP = 64;
  private static final int LEAST_RESERVE = 64;

  /** From this heap on, and with two cores, G1's short pauses are worth its memory and threads. */
  private static final int HEAP_FOR_G1 = 2048;

  public static ContainerMemory ofJobManager(long bytes, int cores) {
    return divide("jobmanager.memory.process.size", bytes, 0, cores, 32, 112, 48, 48, rest -> 0);
  }

  /**
   * Each slot has a thread with its stack, and buffers of its own for its connections.
   *
   * @param managed from what is left for heap and managed memory, in megabytes, to the latter
   */
  public static ContainerMemory ofTaskManager(
      long bytes, int slots, int cores, IntUnaryOperator managed) {
    return divide(
        "taskmanager.memory.process.size",
        bytes,
        slots,
        cores,
        48 + 16 * slots,
        112,
        64,
        40 + 2 * slots,
        managed);
  }

  /**
   * As much as slots need that say so: their heap beside the least that the engine has, and the
   * rest around it.
   */
  static ContainerMemory ofTaskManager(SlotResources each, int slots, int cores) {
    int managed = slots * each.managedMegabytes();
    int offHeap = slots * each.offHeapMegabytes();
    int heap = slots * each.heapMegabytes() + LEAST_HEAP;
    int direct = 48 + 16 * slots + offHeap;
    int threads = 40 + 2 * slots;
    long total = (long) heap + managed + direct + 112 + 64 + threads + LEAST_RESERVE;
    while (true) {
      // A tenth of the whole is held in reserve, and with G1 a part of the heap.
      long parts = (heap + managed + direct + 112 + 64 + threads) * 10L;
      total = Math.max(total, (parts + 8) / 9);
      ContainerMemory memory =
          divide(
              "the slot sharing group",
              total * MEGABYTE,
              slots,
              cores,
              direct,
              112,
              64,
              threads,
              rest -> managed);
      if (memory.heap() >= heap) {
        return memory;
      }
      total += heap - memory.heap();
    }
  }

  private static ContainerMemory divide(
      String key,
      long bytes,
      int slots,
      int cores,
      int direct,
      int metaspace,
      int codeCache,
      int threads,
      IntUnaryOperator managedOf) {
    if (bytes / MEGABYTE > Integer.MAX_VALUE / 2) {
      throw new InvalidSettingException(
          "the value " + bytes + " of " + key + " is not allowed: at most 1 petabyte");
    }
    int total = (int) (bytes / MEGABYTE);
    int fixed = direct + metaspace + codeCache + threads;
    int reserve = Math.max(LEAST_RESERVE, (total + 9) / 10);
    int heap = total - fixed - reserve;
    if (heap < LEAST_HEAP) {
      int least = leastTotal(fixed);
      throw new InvalidSettingException(
          "the value "
              + total
              + "m of "
              + key
              + " is not allowed: at least "
              + least
              + "m, because "
              + (least - LEAST_HEAP)
              + "m go to what is not heap; set "
              + key
              + ": "
              + least
              + "m or more");
    }
    int managed = managedOf.applyAsInt(heap);
    heap -= managed;
    if (heap < LEAST_HEAP) {
      throw new InvalidSettingException(
          managed
              + "m of managed memory leave "
              + heap
              + "m for the heap, but at least "
              + LEAST_HEAP
              + "m are needed; raise "
              + key
              + " or lower taskmanager.memory.managed.size");
    }
    int rowsOnHeap =
        managed == 0
            ? 0
            : (int)
                (slots * SlotMemory.of((long) managed * MEGABYTE / slots).heapBytes() / MEGABYTE);
    boolean g1 = cores >= 2 && heap >= HEAP_FOR_G1;
    int forCollector = g1 ? (heap + rowsOnHeap) * 7 / 100 : 0;
    return new ContainerMemory(
        total,
        heap - forCollector,
        direct,
        metaspace,
        codeCache,
        threads,
        managed,
        rowsOnHeap,
        reserve + forCollector,
        g1);
  }

  private static int leastTotal(int fixed) {
    int total = fixed + LEAST_HEAP + LEAST_RESERVE;
    while (total - fixed - Math.max(LEAST_RESERVE, (total + 9) / 10) < LEAST_HEAP) {
      total++;
    }
    return total;
  }

  public List<String> jvmFlags() {
    int most = heap + rowsOnHeap;
    return List.of(
        "-Xms" + Math.min(most, Math.max(32, most / 8)) + "m",
        "-Xmx" + most + "m",
        "-XX:MaxDirectMemorySize=" + direct + "m",
        "-XX:MaxMetaspaceSize=" + metaspace + "m",
        "-XX:ReservedCodeCacheSize=" + codeCache + "m",
        g1 ? "-XX:+UseG1GC" : "-XX:+UseSerialGC",
        // A process out of memory is of no use; it ends with code 3 and is replaced.
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-CreateCoredumpOnCrash",
        "-Xshare:auto");
  }

  /** One line for people. */
  @Override
  public String toString() {
    return total
        + " MB: heap "
        + heap
        + ", direct "
        + direct
        + ", metaspace "
        + metaspace
        + ", code cache "
        + codeCache
        + ", threads "
        + threads
        + (managed > 0 ? ", RocksDB " + managed : "")
        + (rowsOnHeap > 0 ? " (" + rowsOnHeap + " on the heap)" : "")
        + ", reserve "
        + reserve
        + (g1 ? " (G1)" : " (serial collector)");
  }
}
