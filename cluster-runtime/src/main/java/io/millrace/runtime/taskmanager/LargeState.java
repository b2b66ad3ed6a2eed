package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.StateBytes;
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
 */
record LargeState(CheckpointStore store, String directory, StateBytes.InFile range, Parts parts)
    implements Iterable<byte[]> {
  private static final int CHUNK = 4 << 20;

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
    for (long at = 0; at < range.length(); at += CHUNK) {
      crc.update(read(at, (int) Math.min(CHUNK, range.length() - at)));
    }
    if ((int) crc.getValue() != range.crc32c()) {
      throw differs(directory, range);
    }
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
   * The parts as the store of the state wrote them.
   *
   * <p>May wait for the checkpoint's file system, and throws UncheckedIOException if that fails.
   */
  @Override
  public Iterator<byte[]> iterator() {
    return new Iterator<>() {
      private long at;

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
    };
  }

  private byte[] read(long from, int length) throws IOException {
    if (length > range.length() - from) {
      throw new CorruptStateException(
          directory + "/" + range.file() + " ends within a part of the state");
    }
    return store.readPart(directory, range, from, length);
  }
}
