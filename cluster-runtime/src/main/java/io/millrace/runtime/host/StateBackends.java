package io.millrace.runtime.host;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.rocksdb.RocksDbMemory;
import io.millrace.runtime.rocksdb.RocksDbRows;
import io.millrace.runtime.state.HeapStateStore;
import io.millrace.runtime.state.LocalStateException;
import io.millrace.runtime.state.RowStateStore;
import io.millrace.runtime.state.Rows;
import io.millrace.runtime.task.StateStores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the state of a TaskManager's tasks, as each job wants it. RocksDB's library and memory come
 * with the first job that does. Each attempt has a folder that nobody had before: what a process
 * that was killed has left, a lock too, is in nobody's way.
 */
final class StateBackends {
  private static final Logger LOG = LoggerFactory.getLogger(StateBackends.class);

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
    return (keys, first, last, maxParallelism, loader) ->
        RowStateStore.create(
            keys, first, last, maxParallelism, loader, open(attempt, slot), cacheBytes);
  }

  private synchronized Rows open(AttemptId attempt, int slot) {
    try {
      // A name with the generation is not enough: a new JobManager counts generations anew.
      Path own =
          folder.resolve(
              "state-"
                  + attempt.job()
                  + "-"
                  + attempt.generation()
                  + "-"
                  + attempt.chain()
                  + "-"
                  + attempt.subtask()
                  + "-"
                  + ++opened);
      return RocksDbRows.open(own, memory(slot));
    } catch (IOException e) {
      throw new LocalStateException(e.getMessage(), e);
    } catch (NoClassDefFoundError e) {
      throw new LocalStateException(
          "state.backend.type is rocksdb, but rocksdbjni is not on the class path; add it, or set"
              + " state.backend.type: hashmap",
          e);
    }
  }

  /** Lives as long as the process: tasks come and go, and what they froze may outlive them. */
  private RocksDbMemory memory(int slot) throws IOException {
    RocksDbMemory memory = memories.get(slot);
    if (memory == null) {
      RocksDbMemory.load(folder.resolve("native"));
      memory = new RocksDbMemory(slotBytes);
      memories.put(slot, memory);
      LOG.info("RocksDB has {} MB in slot {}, below {}", slotBytes >> 20, slot, folder);
    }
    return memory;
  }

  /** Native memory that all databases use now, in bytes; for gauges. */
  synchronized long usedBytes() {
    return memories.values().stream().mapToLong(RocksDbMemory::usedBytes).sum();
  }
}
