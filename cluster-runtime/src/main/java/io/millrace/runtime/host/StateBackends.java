package io.millrace.runtime.host;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.runtime.disk.DiskFolder;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.rocksdb.RocksDbMemory;
import io.millrace.runtime.rocksdb.RocksDbRows;
import io.millrace.runtime.state.HeapStateStore;
import io.millrace.runtime.state.LocalStateException;
import io.millrace.runtime.state.RowStateStore;
import io.millrace.runtime.state.Rows;
import io.millrace.runtime.state.StateFolder;
import io.millrace.runtime.task.StateStores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the state of a TaskManager's tasks, as each job wants it. RocksDB's library and memory come
 * with the first job that does. Each attempt has a folder that nobody had before: what a process
 * that was killed has left, a lock too, is in nobody's way.
 */
final class StateBackends {
  private static final Logger LOG = LoggerFactory.getLogger(StateBackends.class);

  private static final String STATE = "state";

  private final Path folder;
  private final long slotBytes;

  // Guarded by this.
  private final TreeMap<Integer, RocksDbMemory> memories = new TreeMap<>();
  private long opened;

  /**
   * @param folder on local disk, of this TaskManager alone; made when it is needed
   * @param slotBytes native memory of the databases of a slot
   */
  StateBackends(Path folder, long slotBytes) {
    this.folder = folder;
    this.slotBytes = slotBytes;
  }

  StateStores of(AttemptId attempt, int slot, Configuration settings) {
    if (settings.get(JobSettings.STATE_BACKEND).equals("hashmap")) {
      return HeapStateStore::create;
    }
    long cacheBytes = settings.get(JobSettings.OBJECT_CACHE);
    var databases = new Databases(attempt, slot);
    return (keys, first, last, maxParallelism, loader, captured) ->
        RowStateStore.open(
            keys, first, last, maxParallelism, loader, databases, cacheBytes, captured);
  }

  /**
   * An empty folder where the databases lie too, so that their files can have a place in it. Who
   * reads or writes there tells its lane that it comes further.
   */
  DiskFolder newFolder(String name) throws IOException {
    return DiskFolder.make(folder.resolve(STATE).resolve(name), LanePool::progress);
  }

  /** Those of one attempt. */
  private final class Databases implements RowStateStore.RowsFactory {
    private final AttemptId attempt;
    private final int slot;

    Databases(AttemptId attempt, int slot) {
      this.attempt = attempt;
      this.slot = slot;
    }

    @Override
    public Rows empty() {
      return open(() -> RocksDbRows.open(own(), memory(slot)));
    }

    @Override
    public Rows of(StateFolder captured) {
      return open(() -> RocksDbRows.of((DiskFolder) captured, memory(slot)));
    }

    /** A name with the generation is not enough: a new JobManager counts generations anew. */
    private Path own() {
      return folder
          .resolve(STATE)
          .resolve(
              attempt.job()
                  + "-"
                  + attempt.generation()
                  + "-"
                  + attempt.chain()
                  + "-"
                  + attempt.subtask()
                  + "-"
                  + nextNumber());
    }

    private Rows open(Callable<Rows> opening) {
      try {
        return opening.call();
      } catch (NoClassDefFoundError e) {
        throw new LocalStateException(
            "state.backend.type is rocksdb, but rocksdbjni is not on the class path; add it, or set"
                + " state.backend.type: hashmap",
            e);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new LocalStateException(e.getMessage(), e);
      }
    }
  }

  private synchronized long nextNumber() {
    return ++opened;
  }

  /** Lives as long as the process: tasks come and go, and what they froze may outlive them. */
  private synchronized RocksDbMemory memory(int slot) throws IOException {
    RocksDbMemory memory = memories.get(slot);
    if (memory == null) {
      RocksDbMemory.load(folder.resolve("native"));
      memory = new RocksDbMemory(slotBytes);
      memories.put(slot, memory);
      LOG.info("RocksDB has {} MB in slot {}, below {}", slotBytes >> 20, slot, folder);
    }
    return memory;
  }

  /** Native memory that all databases use now, in bytes; touches no class of RocksDB before. */
  synchronized long usedBytes() {
    if (memories.isEmpty()) {
      return 0;
    }
    return memories.values().stream().mapToLong(RocksDbMemory::usedBytes).sum();
  }

  /** How much they may use, in bytes; 0 before the first. */
  synchronized long limitBytes() {
    if (memories.isEmpty()) {
      return 0;
    }
    return memories.values().stream().mapToLong(RocksDbMemory::limitBytes).sum();
  }
}
