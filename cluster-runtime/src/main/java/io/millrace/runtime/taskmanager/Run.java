package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.Sums;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Bytes that come in parts and stand one behind the other, whether in a file or not. */
public final class Run {
  private static final int CHUNK = 1 << 20;

  private final Iterator<byte[]> parts;
  private final Consumer<byte[]> seen;
  private final Optional<Origin> origin;
  private final Sums sums = new Sums();
  private final List<byte[]> kept = new ArrayList<>();
  private long offset;
  private long length;

  public Run(Iterator<byte[]> parts) {
    this(parts, part -> {});
  }

  /**
   * @param seen gets each part when it is made
   */
  public Run(Iterator<byte[]> parts, Consumer<byte[]> seen) {
    this(parts, seen, Optional.empty());
  }

  private Run(Iterator<byte[]> parts, Consumer<byte[]> seen, Optional<Origin> origin) {
    this.parts = parts;
    this.seen = seen;
    this.origin = origin;
  }

  /** A file of local disk that holds these bytes and no others, and does not change. */
  record Origin(StateFolder folder, String file) {}

  /** All of a file, which is found to be what was once written before its last bytes come. */
  static Run of(StateFolder folder, StateFolder.File file) {
    return new Run(
        new Iterator<>() {
          private long at;

          @Override
          public boolean hasNext() {
            return at < file.length();
          }

          @Override
          public byte[] next() {
            try {
              int chunk = (int) Math.min(CHUNK, file.length() - at);
              byte[] bytes = folder.read(file.name(), at, chunk);
              at += chunk;
              if (!hasNext()) {
                folder.verify(file.name());
              }
              return bytes;
            } catch (IOException e) {
              throw new UncheckedIOException(e.getMessage(), e);
            }
          }
        },
        part -> {},
        Optional.of(new Origin(folder, file.name())));
  }

  /** Where its bytes come from, if they lie on local disk. */
  Optional<Origin> origin() {
    return origin;
  }

  /** How many bytes came before it, of this and other runs; known once a part was asked for. */
  long offset() {
    return offset;
  }

  boolean hasNext() {
    return parts.hasNext();
  }

  /**
   * @param at how many bytes came before, of this and other runs
   * @param keep whether it may yet turn out that there is no file
   */
  byte[] next(long at, boolean keep) {
    byte[] part = parts.next();
    seen.accept(part);
    offset = length == 0 ? at : offset;
    length += part.length;
    sums.add(part);
    if (keep) {
      kept.add(part);
    } else {
      kept.clear();
    }
    return part;
  }

  /** All of it, for a file that holds nothing else. */
  public Iterator<byte[]> toFile() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return parts.hasNext();
      }

      @Override
      public byte[] next() {
        return Run.this.next(0, false);
      }
    };
  }

  /**
   * Where it stands, once all of it was asked for.
   *
   * @param file that it went into; empty if it stays where it is named
   */
  public StateBytes place(Optional<String> file) {
    if (file.isPresent()) {
      return new StateBytes.InFile(file.get(), offset, length, sums.ofAll(), sums.ofChunks());
    }
    byte[] bytes = new byte[(int) length];
    int at = 0;
    for (byte[] part : kept) {
      System.arraycopy(part, 0, bytes, at, part.length);
      at += part.length;
    }
    return new StateBytes.Inline(bytes, sums.ofAll());
  }
}
