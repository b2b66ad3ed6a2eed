package io.millrace.runtime.harness;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.runtime.rocksdb.RocksDbMemory;
import io.millrace.runtime.rocksdb.RocksDbRows;
import io.millrace.runtime.state.HeapStateStore;
import io.millrace.runtime.state.MemoryRows;
import io.millrace.runtime.state.RowStateStore;
import io.millrace.runtime.state.Rows;
import io.millrace.runtime.task.StateStores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** State of either kind; what is on disk is in a folder of its own that goes with the harness. */
final class HarnessStores {
  private Path folder;
  private RocksDbMemory memory;
  private int opened;
  private boolean rowsInMemory;

  /** Rows of state that would be on disk stay in memory, where they cost a fraction of the time. */
  void keepRowsInMemory(boolean inMemory) {
    rowsInMemory = inMemory;
  }

  StateStores of(Configuration settings) {
    if (settings.get(JobSettings.STATE_BACKEND).equals("hashmap")) {
      return HeapStateStore::create;
    }
    long cacheBytes = settings.get(JobSettings.OBJECT_CACHE);
    return (keys, first, last, maxParallelism, loader, captured) ->
        RowStateStore.create(keys, first, last, maxParallelism, loader, rows(), cacheBytes);
  }

  private Rows rows() {
    if (rowsInMemory) {
      return new MemoryRows();
    }
    try {
      if (memory == null) {
        folder = Files.createTempDirectory("millrace-harness-");
        RocksDbMemory.load(folder.resolve("native"));
        memory = new RocksDbMemory(RocksDbMemory.LEAST_BYTES);
      }
      return RocksDbRows.open(folder.resolve("state-" + ++opened), memory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(
          "state.backend.type is rocksdb, but rocksdbjni is not on the class path of the test", e);
    }
  }

  void close() {
    if (memory == null) {
      return;
    }
    memory.close();
    memory = null;
    try (var left = Files.walk(folder)) {
      for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
