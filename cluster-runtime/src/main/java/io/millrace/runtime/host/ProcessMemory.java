package io.millrace.runtime.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * How the memory of this process is divided: a platform that ends a process for the memory it has
 * knows the sum only. The JVM keeps its own parts below their limits, so what grows beyond them is
 * native memory: RocksDB's, or of a library that nobody counts.
 */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final int MEGABYTE = 1 << 20;

  /** A change by less is none. */
  private static final long STEP = 32L * MEGABYTE;

  private final LongSupplier rocksDbBytes;
  private final LongSupplier rocksDbLimit;

  /** In bytes, when {@link #hasChanged} last said so. */
  private long told;

  /**
   * @param rocksDbBytes what its databases have now
   * @param rocksDbLimit what they may have; 0 while there are none
   */
  ProcessMemory(LongSupplier rocksDbBytes, LongSupplier rocksDbLimit) {
    this.rocksDbBytes = rocksDbBytes;
    this.rocksDbLimit = rocksDbLimit;
  }

  /** Whether there is much more or less of it than when that was last asked. */
  synchronized boolean hasChanged() {
    long now = resident();
    if (Math.abs(now - told) < STEP) {
      return false;
    }
    told = now;
    return true;
  }

  /** For people, in megabytes. */
  String described() {
    long resident = resident();
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    long metaspace = committed("Metaspace"); // has the class space in it
    long code = committed("Code"); // one pool or three
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    long rocksDb = rocksDbBytes.getAsLong();
    long limit = rocksDbLimit.getAsLong();
    long counted = heap.getCommitted() + metaspace + code + direct + rocksDb;
    return megabytes(resident)
        + " MB: heap "
        + of(heap.getCommitted(), heap.getMax())
        + ", metaspace "
        + megabytes(metaspace)
        + ", code cache "
        + megabytes(code)
        + ", direct memory "
        + megabytes(direct)
        + (limit > 0 ? ", RocksDB " + of(rocksDb, limit) : "")
        + ", and at least "
        // Of the heap some may be the JVM's and not yet in memory.
        + megabytes(Math.max(0, resident - counted))
        + " outside of these ("
        + ManagementFactory.getThreadMXBean().getThreadCount()
        + " threads, archives of classes, native libraries, the JVM itself)";
  }

  private static long committed(String name) {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.NON_HEAP && pool.getName().startsWith(name))
        .mapToLong(pool -> pool.getUsage().getCommitted())
        .sum();
  }

  private static String of(long used, long limit) {
    return megabytes(used) + (limit > 0 ? " of " + megabytes(limit) : "");
  }

  private static long megabytes(long bytes) {
    return bytes / MEGABYTE;
  }

  /** What the operating system counts; 0 where it does not tell. */
  private static long resident() {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }
}
