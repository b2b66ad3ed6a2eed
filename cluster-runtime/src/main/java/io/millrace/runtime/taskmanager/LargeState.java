package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.state.StateParts;
import io.millrace.runtime.task.FrozenChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.ToIntFunction;
import java.util.zip.CRC32C;

/**
 * State under keys that is read part by part, twice: once to see that it is intact, before anything
 * is made of it, and once to restore it. Twice is less than what holding it in memory would cost.
 * What is read the second time must be what was found intact: other replicas may answer, or the
 * disk may have become worse.
 */
final class LargeState implements Iterable<byte[]> {
  private static final int CHUNK = 4 << 20;

  private final CheckpointStore store;
  private final String directory;
  private final StateBytes.InFile range;
  private final Parts parts;

  /** Of each chunk, as it was found intact; {@code null} before. */
  private int[] crcs;

  LargeState(CheckpointStore store, String directory, StateBytes.InFile range, Parts parts) {
    this.store = store;
    this.directory = directory;
    this.range = range;
    this.parts = parts;
  }

  /** How parts are told apart. */
  enum Parts {
    KEYED(StateParts.HEADER, StateParts::length),
    IN_FLIGHT(FrozenChannel.PART_HEADER, FrozenChannel::partLength);

    private final int header;
    private final ToIntFunction<byte[]> length;

    Parts(int header, ToIntFunction<byte[]> length) {
      this.header = header;
      this.length = length;
    }
  }

  /**
   * @throws CorruptStateException if it is not what was written
   */
  void verify() throws IOException {
    var crc = new CRC32C();
    int[] each = new int[(int) ((range.length() + CHUNK - 1) / CHUNK)];
    for (int index = 0; index < each.length; index++) {
      byte[] chunk = chunk(index);
      crc.update(chunk);
      each[index] = StateBytes.crcOf(chunk);
    }
    if ((int) crc.getValue() != range.crc32c()) {
      throw differs(directory, range);
    }
    crcs = each;
  }

  private byte[] chunk(int index) throws IOException {
    long from = (long) index * CHUNK;
    int length = (int) Math.min(CHUNK, range.length() - from);
    return store.readPart(directory, range, from, length);
  }

  static CorruptStateException differs(String directory, StateBytes.InFile range) {
    return new CorruptStateException(
        "the CRC32C of bytes "
            + range.offset()
            + " to "
            + (range.offset() + range.length())
            + " of "
            + directory
            + "/"
            + range.file()
            + " differs");
  }

  /**
   * The parts as the store of the state wrote them, once {@link #verify} has found them intact.
   *
   * <p>May wait for the checkpoint's file system, and throws UncheckedIOException if that fails or
   * brings something else than before.
   */
  @Override
  public Iterator<byte[]> iterator() {
    Check.that(crcs != null, "state that was verified, found " + range.file() + " as it came");
    return new Iterator<>() {
      private long at;
      private int current = -1;
      private byte[] chunk;

      @Override
      public boolean hasNext() {
        return at < range.length();
      }

      @Override
      public byte[] next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        try {
          int length = parts.length.applyAsInt(read(at, parts.header));
          byte[] part = read(at, length);
          at += length;
          return part;
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }

      private byte[] read(long from, int length) throws IOException {
        if (length > range.length() - from) {
          throw new CorruptStateException(
              directory + "/" + range.file() + " ends within a part of the state");
        }
        byte[] bytes = new byte[length];
        int filled = 0;
        while (filled < length) {
          load((int) ((from + filled) / CHUNK));
          int start = (int) ((from + filled) % CHUNK);
          int count = Math.min(length - filled, chunk.length - start);
          System.arraycopy(chunk, start, bytes, filled, count);
          filled += count;
        }
        return bytes;
      }

      private void load(int index) throws IOException {
        if (index != current) {
          chunk = LargeState.this.chunk(index);
          if (StateBytes.crcOf(chunk) != crcs[index]) {
            throw differs(directory, range);
          }
          current = index;
        }
      }
    };
  }
}
