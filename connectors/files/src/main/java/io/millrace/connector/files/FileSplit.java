package io.millrace.connector.files;

import io.millrace.api.connector.SourceSplit;
import java.util.Locale;

/**
 * Lines of a file: those whose first byte lies before {@code end} and that begin at {@code
 * position} or later. A line may run on beyond the end.
 *
 * @param length of the file when it was found; later bytes are not read
 * @param end in bytes; without limit for a compressed file, which is one split
 * @param position in bytes of text, after decompression, up to which all is done
 * @param aligned whether a line begins at the position; otherwise the reader first looks for the
 *     next line's begin, from this byte on
 */
public record FileSplit(String path, long length, long end, long position, boolean aligned)
    implements SourceSplit {
  public FileSplit {
    if (length < 0 || position < 0 || end < 0) {
      throw new IllegalArgumentException(
          "a split has no negative places: " + length + ", " + end + ", " + position);
    }
  }

  static FileSplit compressed(String path, long length) {
    return new FileSplit(path, length, Long.MAX_VALUE, 0, true);
  }

  /** The lines that begin in a range of bytes. */
  static FileSplit range(String path, long length, long from, long end) {
    // A line begins at `from` if the byte before it ends one.
    return new FileSplit(path, length, end, Math.max(0, from - 1), from == 0);
  }

  @Override
  public String splitId() {
    return path + " to " + end; // parts of a file end at different bytes
  }

  FileSplit at(long newPosition, boolean newAligned) {
    return new FileSplit(path, length, end, newPosition, newAligned);
  }

  boolean isCompressed() {
    return isCompressed(path);
  }

  static boolean isCompressed(String path) {
    return path.toLowerCase(Locale.ROOT).endsWith(".gz");
  }
}
