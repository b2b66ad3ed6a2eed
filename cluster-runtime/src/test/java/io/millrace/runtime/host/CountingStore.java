package io.millrace.runtime.host;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Checkpoints in memory, and what was written to and read from state files. */
final class CountingStore implements CheckpointStore {
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final List<Long> written = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger reads = new AtomicInteger();

  /** Lengths of the state files, in the order in which they were written. */
  List<Long> written() {
    synchronized (written) {
      return List.copyOf(written);
    }
  }

  /** How often a state file was read. */
  int reads() {
    return reads.get();
  }

  @Override
  public String directoryOf(JobId job) {
    return store.directoryOf(job);
  }

  @Override
  public String folder(String named) {
    return store.folder(named);
  }

  @Override
  public DurableNames names(String directory) {
    return store.names(directory);
  }

  @Override
  public void writeState(String directory, String file, Iterable<byte[]> parts) throws IOException {
    var length = new AtomicLong();
    var all = new ArrayList<byte[]>();
    for (byte[] part : parts) {
      length.addAndGet(part.length);
      all.add(part);
    }
    store.writeState(directory, file, all);
    written.add(length.get());
  }

  @Override
  public byte[] readState(String directory, StateBytes.InFile range) throws IOException {
    reads.incrementAndGet();
    return store.readState(directory, range);
  }

  @Override
  public byte[] readPart(String directory, StateBytes.InFile range, long from, int length)
      throws IOException {
    reads.incrementAndGet();
    return store.readPart(directory, range, from, length);
  }
}
