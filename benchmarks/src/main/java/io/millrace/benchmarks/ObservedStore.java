package io.millrace.benchmarks;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Passes everything on to another store and notes when checkpoints become durable, and how many
 * bytes of state are written and read.
 */
final class ObservedStore implements CheckpointStore {
  private static final Pattern MANIFEST = Pattern.compile("epochs/[^/]+/manifest-0*(\\d+)[^/]*");

  private final CheckpointStore real;
  private final ConcurrentSkipListMap<Long, Long> durableNanos = new ConcurrentSkipListMap<>();
  private final LongAdder bytesWritten = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();

  ObservedStore(CheckpointStore real) {
    this.real = real;
  }

  /** {@link System#nanoTime} at which each checkpoint was found durable, by id. */
  ConcurrentSkipListMap<Long, Long> durableNanos() {
    return durableNanos;
  }

  long bytesWritten() {
    return bytesWritten.sum();
  }

  long bytesRead() {
    return bytesRead.sum();
  }

  @Override
  public String directoryOf(JobId job) {
    return real.directoryOf(job);
  }

  @Override
  public String folder(String named) throws IOException {
    return real.folder(named);
  }

  @Override
  public DurableNames names(String directory) {
    DurableNames names = real.names(directory);
    return new DurableNames() {
      @Override
      public List<Entry> list(String folder) throws IOException {
        return names.list(folder);
      }

      @Override
      public boolean createExclusive(String name, byte[] bytes) throws IOException {
        return names.createExclusive(name, bytes);
      }

      @Override
      public void mkdir(String name) throws IOException {
        names.mkdir(name);
      }

      @Override
      public void rename(String from, String to) throws IOException {
        names.rename(from, to);
        Matcher manifest = MANIFEST.matcher(to);
        if (manifest.matches() && from.startsWith("tmp/")) {
          durableNanos.put(Long.parseLong(manifest.group(1)), System.nanoTime());
        }
      }

      @Override
      public byte[] read(String name) throws IOException {
        return names.read(name);
      }

      @Override
      public void delete(String name) throws IOException {
        names.delete(name);
      }

      @Override
      public void removeDirectory() throws IOException {
        names.removeDirectory();
      }
    };
  }

  @Override
  public void writeState(String directory, String file, Iterable<byte[]> parts) throws IOException {
    real.writeState(
        directory,
        file,
        () -> {
          var all = parts.iterator();
          return new java.util.Iterator<>() {
            @Override
            public boolean hasNext() {
              return all.hasNext();
            }

            @Override
            public byte[] next() {
              byte[] part = all.next();
              bytesWritten.add(part.length);
              return part;
            }
          };
        });
  }

  @Override
  public byte[] readState(String directory, StateBytes.InFile range) throws IOException {
    bytesRead.add(range.length());
    return real.readState(directory, range);
  }

  @Override
  public byte[] readPart(String directory, StateBytes.InFile range, long from, int length)
      throws IOException {
    bytesRead.add(length);
    return real.readPart(directory, range, from, length);
  }
}
