package io.millrace.runtime.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * All memory of the databases of one slot, as {@link SlotMemory} divides it. Native: one block
 * cache, into which write buffers, indexes and filters are counted too. The rest is lent for rows
 * on the heap, to whoever asks first. Safe for use by several threads.
 *
 * <p>While write buffers are being flushed they may exceed their limit by half. That half is kept
 * out of the cache, so that both together stay within what was given: a third of the memory is the
 * limit of the write buffers, and five sixths are the cache that they are part of (of what is
 * native).
 */
public final class RocksDbMemory implements AutoCloseable {
  /** Less holds no block, index and filter of every operator at once. */
  public static final long LEAST_BYTES = 8L << 20;

  private static final double HIGH_PRIORITY = 0.1;

  /** What is native. */
  private final long bytes;

  private final Cache cache;
  private final WriteBufferManager writeBuffers;

  // Guarded by this.
  private long toLend;

  /**
   * @param all for all databases together
   */
  public RocksDbMemory(long all) {
    if (all < LEAST_BYTES) {
      throw new IllegalArgumentException(
          "RocksDB has "
              + (all >> 20)
              + " MB for a slot, but needs at least "
              + (LEAST_BYTES >> 20)
              + " MB; raise taskmanager.memory.managed.size");
    }
    SlotMemory divided = SlotMemory.of(all);
    this.toLend = divided.heapBytes();
    this.bytes = divided.nativeBytes();
    long forWrites = bytes / 3;
    // A fixed number of parts, whatever the size: each must hold a large block.
    this.cache = new LRUCache(bytes - forWrites / 2, 2, true, HIGH_PRIORITY);
    this.writeBuffers = new WriteBufferManager(forWrites, cache);
  }

  /**
   * Loads the native library, once in the life of the process.
   *
   * @param folder where it may be unpacked; it goes when the process ends
   * @throws IOException if there is none for this machine
   */
  public static synchronized void load(Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
      NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
      RocksDB.loadLibrary();
    } catch (UnsatisfiedLinkError | RuntimeException e) {
      throw new IOException(
          "state.backend.type is rocksdb, but its native library does not load on this machine: "
              + e.getMessage()
              + "; set state.backend.type: hashmap",
          e);
    }
  }

  Cache cache() {
    return cache;
  }

  WriteBufferManager writeBuffers() {
    return writeBuffers;
  }

  /** Of each database, before it is flushed; more of them than one share the limit. */
  long writeBufferBytes() {
    return Math.min(64L << 20, bytes / 6);
  }

  synchronized boolean lend(long some) {
    if (some > toLend) {
      return false;
    }
    toLend -= some;
    return true;
  }

  synchronized void giveBack(long some) {
    toLend += some;
  }

  /** What is in use now of native memory. */
  public long usedBytes() {
    return cache.getUsage();
  }

  /** What there is of it. */
  public long limitBytes() {
    return bytes;
  }

  /** After all databases. */
  @Override
  public void close() {
    writeBuffers.close();
    cache.close();
  }
}
