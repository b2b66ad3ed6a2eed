package io.millrace.runtime.checkpoint;

import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.kernel.Check;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.zip.CRC32C;

/**
 * A range of bytes of any length, of which one chunk is in memory at a time. It is compared with
 * its checksum as a whole before anything is made of it; what is read afterwards must be what was
 * found intact then, since other replicas may answer, or the disk may have become worse. Reading
 * twice is less than what holding it would cost. One thread at a time.
 */
public final class CheckedRange {
  private static final int CHUNK = 4 << 20;

  private final StateBytes.InFile range;
  private final Source source;
  private final String name;
  private final int chunkBytes;

  /** Of each chunk, as it was found intact; {@code null} before. */
  private int[] crcs;

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
        CHUNK,
        (from, length) -> store.readPart(directory, range, from, length));
  }

  /**
   * @param name of the file, for people
   */
  public CheckedRange(StateBytes.InFile range, String name, int chunkBytes, Source source) {
    this.range = range;
    this.name = name;
    this.chunkBytes = chunkBytes;
    this.source = source;
  }

  public long length() {
    return range.length();
  }

  /** Holds no bytes until it is read again. */
  public void release() {
    current = -1;
    chunk = null;
  }

  /**
   * Reads all of it.
   *
   * @throws CorruptStateException if it is not what was written
   */
  public void verify() throws IOException {
    var crc = new CRC32C();
    int[] each = new int[Math.toIntExact((range.length() + chunkBytes - 1) / chunkBytes)];
    for (int index = 0; index < each.length; index++) {
      byte[] bytes = chunk(index);
      crc.update(bytes);
      each[index] = StateBytes.crcOf(bytes);
    }
    if ((int) crc.getValue() != range.crc32c()) {
      throw differs();
    }
    crcs = each;
  }

  /**
   * A part of it, once {@link #verify} has found it intact.
   *
   * @throws CorruptStateException if it ends before, or is not what was found
   */
  public byte[] read(long from, int length) throws IOException {
    Check.that(crcs != null, "a range that was verified, found " + name + " as it came");
    if (from < 0 || length > range.length() - from) {
      throw new CorruptStateException(name + " ends within a part of the state");
    }
    byte[] bytes = new byte[length];
    int filled = 0;
    while (filled < length) {
      load((int) ((from + filled) / chunkBytes));
      int start = (int) ((from + filled) % chunkBytes);
      int count = Math.min(length - filled, chunk.length - start);
      System.arraycopy(chunk, start, bytes, filled, count);
      filled += count;
    }
    return bytes;
  }

  private void load(int index) throws IOException {
    if (index != current) {
      byte[] bytes = chunk(index);
      if (StateBytes.crcOf(bytes) != crcs[index]) {
        throw differs();
      }
      chunk = bytes;
      current = index;
    }
  }

  /**
   * All of it, read once: for those who throw away what they have if an error comes in place of the
   * last chunk. Throws UncheckedIOException, for what differs with a {@link CorruptStateException}.
   */
  public Iterator<byte[]> once() {
    return new Iterator<>() {
      private final CRC32C crc = new CRC32C();
      private int next;

      @Override
      public boolean hasNext() {
        return (long) next * chunkBytes < range.length();
      }

      @Override
      public byte[] next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        try {
          byte[] bytes = chunk(next++);
          crc.update(bytes);
          if (!hasNext() && (int) crc.getValue() != range.crc32c()) {
            throw differs();
          }
          return bytes;
        } catch (IOException e) {
          throw new UncheckedIOException(e.getMessage(), e);
        }
      }
    };
  }

  private byte[] chunk(int index) throws IOException {
    long from = (long) index * chunkBytes;
    return source.read(from, (int) Math.min(chunkBytes, range.length() - from));
  }

  private CorruptStateException differs() {
    return new CorruptStateException(
        "the CRC32C of bytes "
            + range.offset()
            + " to "
            + (range.offset() + range.length())
            + " of "
            + name
            + " differs");
  }
}
