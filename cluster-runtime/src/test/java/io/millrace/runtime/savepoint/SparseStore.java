package io.millrace.runtime.savepoint;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * Keeps state files far larger than memory, as long as they consist of zeros for the most part, and
 * the size of the largest array that it has met.
 */
final class SparseStore implements CheckpointStore {
  private static final int BLOCK = 1 << 14;
  private static final byte[] ZEROS = new byte[BLOCK];

  private final MemoryCheckpointStore small = new MemoryCheckpointStore();
  private final TreeMap<String, File> files = new TreeMap<>();
  int largestArray;

  /** Blocks of one file; {@code null} for one of zeros. */
  private static final class File {
    private final List<byte[]> blocks = new ArrayList<>();
    private byte[] open = new byte[BLOCK];
    private int filled;
    private long length;

    void append(byte[] bytes) {
      for (int at = 0; at < bytes.length; ) {
        int count = Math.min(BLOCK - filled, bytes.length - at);
        System.arraycopy(bytes, at, open, filled, count);
        at += count;
        filled += count;
        length += count;
        if (filled == BLOCK) {
          boolean zero = Arrays.equals(open, ZEROS);
          blocks.add(zero ? null : open);
          open = zero ? open : new byte[BLOCK];
          filled = 0;
        }
      }
    }

    byte[] read(long from, int count) throws CorruptStateException {
      if (from < 0 || from + count > length) {
        throw new CorruptStateException("it ends at " + length);
      }
      byte[] bytes = new byte[count];
      for (int at = 0; at < count; ) {
        int index = (int) ((from + at) / BLOCK);
        int start = (int) ((from + at) % BLOCK);
        int some = Math.min(BLOCK - start, count - at);
        byte[] block = index == blocks.size() ? open : blocks.get(index);
        if (block != null) {
          System.arraycopy(block, start, bytes, at, some);
        }
        at += some;
      }
      return bytes;
    }
  }

  @Override
  public void writeState(String directory, String file, Iterable<byte[]> parts) {
    var written = new File();
    for (byte[] part : parts) {
      largestArray = Math.max(largestArray, part.length);
      written.append(part);
    }
    files.put(directory + "/" + file, written);
  }

  @Override
  public byte[] readState(String directory, StateBytes.InFile range) throws IOException {
    return readPart(directory, range, 0, Math.toIntExact(range.length()));
  }

  @Override
  public byte[] readPart(String directory, StateBytes.InFile range, long from, int length)
      throws IOException {
    largestArray = Math.max(largestArray, length);
    return files.get(directory + "/" + range.file()).read(range.offset() + from, length);
  }

  void flipBit(String directory, StateBytes.InFile range, long at) {
    File file = files.get(directory + "/" + range.file());
    int index = (int) ((range.offset() + at) / BLOCK);
    byte[] block = file.blocks.get(index) == null ? new byte[BLOCK] : file.blocks.get(index);
    block[(int) ((range.offset() + at) % BLOCK)] ^= 1;
    file.blocks.set(index, block);
  }

  @Override
  public String directoryOf(JobId job) {
    return small.directoryOf(job);
  }

  @Override
  public String folder(String named) {
    return small.folder(named);
  }

  @Override
  public DurableNames names(String directory) {
    return new Names(directory, small.names(directory));
  }

  /** Shows the state files among the small ones. */
  private final class Names implements DurableNames {
    private final String directory;
    private final DurableNames names;

    Names(String directory, DurableNames names) {
      this.directory = directory;
      this.names = names;
    }

    @Override
    public List<Entry> list(String folder) throws IOException {
      var entries = new ArrayList<>(names.list(folder));
      String begin = directory + "/" + folder + "/";
      files.forEach(
          (name, file) -> {
            if (name.startsWith(begin)) {
              entries.add(new Entry(name.substring(begin.length()), false, file.length));
            }
          });
      return entries;
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
  }
}
