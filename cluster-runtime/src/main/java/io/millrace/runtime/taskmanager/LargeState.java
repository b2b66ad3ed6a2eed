package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.CheckedRange;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.state.StateParts;
import io.millrace.runtime.task.FrozenChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.ToIntFunction;

/**
 * State that is read part by part, as it was written; what is damaged is found before anything is
 * made of it.
 */
public final class LargeState implements Iterable<byte[]> {
  /** Up to there, state is held in memory as bytes while it is restored. */
  private static final long READ_AT_ONCE = 16 << 20;

  private final CheckedRange range;
  private final Parts parts;

  LargeState(CheckedRange range, Parts parts) {
    this.range = range;
    this.parts = parts;
  }

  /** How parts are told apart. */
  public enum Parts {
    KEYED(StateParts.HEADER, StateParts::length),
    OWN(OwnState.PART_HEADER, OwnState::partLength),
    IN_FLIGHT(FrozenChannel.PART_HEADER, FrozenChannel::partLength);

    private final int header;
    private final ToIntFunction<byte[]> length;

    Parts(int header, ToIntFunction<byte[]> length) {
      this.header = header;
      this.length = length;
    }
  }

  /**
   * All of it at once if it is small, else the parts as they were written. May wait.
   *
   * @param directory that names of files are relative to
   * @return may wait and throw UncheckedIOException while it is iterated, over a {@link
   *     CorruptStateException} if it is not what was written
   * @throws CorruptStateException the same of what is small
   */
  public static Iterable<byte[]> parts(
      StateBytes state, Parts parts, String directory, CheckpointStore store) throws IOException {
    if (state instanceof StateBytes.InFile range && range.length() > READ_AT_ONCE) {
      return new LargeState(CheckedRange.of(store, directory, range), parts);
    }
    return List.of(RestoredFiles.bytes(state, directory, store));
  }

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
          int length = parts.length.applyAsInt(range.read(at, parts.header));
          byte[] part = range.read(at, length);
          at += length;
          return part;
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }
}
