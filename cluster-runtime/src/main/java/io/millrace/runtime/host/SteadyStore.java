package io.millrace.runtime.host;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.StateBytes.InFile;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.util.Iterator;

/**
 * A store whose calls tell their lane whenever they have come further: large state takes as long as
 * it takes, and only what stands still is given up.
 */
record SteadyStore(CheckpointStore store) implements CheckpointStore {
  @Override
  public String directoryOf(JobId job) {
    return store.directoryOf(job);
  }

  @Override
  public String folder(String named) throws IOException {
    return store.folder(named);
  }

  @Override
  public DurableNames names(String directory) {
    return store.names(directory);
  }

  @Override
  public void writeState(String directory, String file, Iterable<byte[]> parts) throws IOException {
    store.writeState(directory, file, () -> steadily(parts.iterator()));
  }

  private static Iterator<byte[]> steadily(Iterator<byte[]> parts) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        LanePool.progress();
        return parts.hasNext();
      }

      @Override
      public byte[] next() {
        byte[] part = parts.next();
        LanePool.progress();
        return part;
      }
    };
  }

  @Override
  public byte[] readState(String directory, InFile range) throws IOException {
    return further(store.readState(directory, range));
  }

  @Override
  public byte[] readPart(String directory, InFile range, long from, int length) throws IOException {
    return further(store.readPart(directory, range, from, length));
  }

  private static byte[] further(byte[] bytes) {
    LanePool.progress();
    return bytes;
  }

  @Override
  public RangeReader open(String directory, InFile range) throws IOException {
    return new SteadyReader(store.open(directory, range));
  }

  private record SteadyReader(RangeReader reader) implements RangeReader {
    @Override
    public byte[] read(long from, int length) throws IOException {
      return further(reader.read(from, length));
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
