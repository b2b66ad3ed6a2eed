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

/** Checkpoints in memory, what was written to state files, and how often any file was read. */
final class CountingStore implements CheckpointStore {
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final List<Long> written = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicInteger smallReads = new AtomicInteger();
  private final AtomicInteger asked = new AtomicInteger();

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

  /** How often one of the small files was read that say what was decided. */
  int smallReads() {
    return smallReads.get();
  }

  /** How often anything was asked of it that is not about a state file. */
  int asked() {
    return asked.get();
  }

  /** How many files there are of a job. */
  int files(JobId job) throws IOException {
    return files(store.names(directoryOf(job)), "");
  }

  private static int files(DurableNames names, String folder) throws IOException {
    int files = 0;
    for (DurableNames.Entry entry : names.list(folder)) {
      String name = folder.isEmpty() ? entry.name() : folder + "/" + entry.name();
      files += entry.folder() ? files(names, name) : 1;
    }
    return files;
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
    return new Counting(store.names(directory));
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

  private final class Counting implements DurableNames {
    private final DurableNames names;

    Counting(DurableNames names) {
      this.names = names;
    }

    @Override
    public byte[] read(String name) throws IOException {
      smallReads.incrementAndGet();
      asked.incrementAndGet();
      return names.read(name);
    }

    @Override
    public List<Entry> list(String folder) throws IOException {
      asked.incrementAndGet();
      return names.list(folder);
    }

    @Override
    public boolean createExclusive(String name, byte[] bytes) throws IOException {
      asked.incrementAndGet();
      return names.createExclusive(name, bytes);
    }

    @Override
    public void mkdir(String name) throws IOException {
      asked.incrementAndGet();
      names.mkdir(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
      asked.incrementAndGet();
      names.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
      asked.incrementAndGet();
      names.delete(name);
    }

    @Override
    public void removeDirectory() throws IOException {
      asked.incrementAndGet();
      names.removeDirectory();
    }
  }
}
