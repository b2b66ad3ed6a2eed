package io.millrace.runtime.checkpoint;

import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * A range of bytes of any length, of which one chunk is in memory at a time. Each chunk is compared
 * with its checksum before anything is made of it. One thread at a time.
 */
public final class CheckedRange {
  private final StateBytes.InFile range;
  private final Source source;
  private final String name;
  private int current = -1;
  private byte[] chunk;

  /** Where the bytes are. */
  public interface Source {
    /**
     * @param from counts from the beginning of the range
     * @throws IOException also if it is not there in full
     */
    byte[] read(long from, int length) throws IOException;
  }

  /** Of a state file of a store. */
  public static CheckedRange of(CheckpointStore store, String directory, StateBytes.InFile range) {
    return new CheckedRange(
        range,
        directory + "/" + range.file(),
        (from, length) -> store.readPart(directory, range, from, length));
  }

  /**
   * @param name of the file, for people
   */
  public CheckedRange(StateBytes.InFile range, String name, Source source) {
    this.range = range;
    this.name = name;
    this.source = source;
  }

  public long length() {
    return range.length();
  }

  /**
   * A part of it.
   *
   * @throws CorruptStateException if it ends before, or is not what was written
   */
  public byte[] read(long from, int length) throws IOException {
    sumsAreComplete();
    if (from < 0 || length > range.length() - from) {
      throw new CorruptStateException(name + " ends within a part of the state");
    }
    if (from % Sums.CHUNK == 0 && length == lengthOf((int) (from / Sums.CHUNK))) {
      return checked((int) (from / Sums.CHUNK));
    }
    byte[] bytes = new byte[length];
    int filled = 0;
    while (filled < length) {
      load((int) ((from + filled) / Sums.CHUNK));
      int start = (int) ((from + filled) % Sums.CHUNK);
      int count = Math.min(length - filled, chunk.length - start);
      System.arraycopy(chunk, start, bytes, filled, count);
      filled += count;
    }
    return bytes;
  }

  private void load(int index) throws IOException {
    if (index != current) {
      chunk = checked(index);
      current = index;
    }
  }

  /** All of it, chunk by chunk. Throws UncheckedIOException, with what {@link #read} throws. */
  public Iterator<byte[]> chunks() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return (long) next * Sums.CHUNK < range.length();
      }

      @Override
      public byte[] next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        try {
          sumsAreComplete();
          return checked(next++);
        } catch (IOException e) {
          throw new UncheckedIOException(e.getMessage(), e);
        }
      }
    };
  }

  private void sumsAreComplete() throws CorruptStateException {
    if (range.sums().size() != Sums.count(range.length())) {
      throw new CorruptStateException("the manifest lacks checksums of " + name);
    }
  }

  private byte[] checked(int index) throws IOException {
    byte[] bytes = source.read((long) index * Sums.CHUNK, lengthOf(index));
    if (StateBytes.crcOf(bytes) != range.sums().get(index)) {
      long from = range.offset() + (long) index * Sums.CHUNK;
      throw new CorruptStateException(
          "the CRC32C of bytes "
              + from
              + " to "
              + (from + bytes.length)
              + " of "
              + name
              + " differs");
    }
    return bytes;
  }

  private int lengthOf(int index) {
    return (int) Math.min(Sums.CHUNK, range.length() - (long) index * Sums.CHUNK);
  }
}
