package io.millrace.connector.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Cuts a stream of bytes into lines and knows the byte at which the next one begins. */
final class LineCutter implements AutoCloseable {
  private static final int BUFFER = 128 << 10;

  private final InputStream in;
  private final long limit;
  private final int maxLineBytes;

  private byte[] buffer = new byte[BUFFER];

  /** What is in the buffer and not yet consumed: from here … */
  private int start;

  /** … to here. */
  private int filled;

  /** Of the byte at {@link #start}. */
  private long offset;

  /**
   * @param offset of the stream's first byte
   * @param limit offset at which to stop and before which the stream must not end; {@link
   *     Long#MAX_VALUE} to read as far as it goes
   */
  LineCutter(InputStream in, long offset, long limit, int maxLineBytes) {
    this.in = in;
    this.offset = offset;
    this.limit = limit;
    this.maxLineBytes = maxLineBytes;
  }

  /** Of the first byte not yet consumed. */
  long offset() {
    return offset;
  }

  /** The next line without its end; {@code null} if there is none. */
  String next() throws IOException {
    int scanned = start;
    while (true) {
      for (int i = scanned; i < filled; i++) {
        if (buffer[i] == '\n') {
          int end = i > start && buffer[i - 1] == '\r' ? i - 1 : i;
          String line = new String(buffer, start, end - start, UTF_8);
          consume(i + 1 - start);
          return line;
        }
      }
      int pending = filled - start;
      if (pending > maxLineBytes) {
        throw new IOException(
            "the line that begins there is longer than "
                + maxLineBytes
                + " bytes; is this a text file?");
      }
      if (!fill()) {
        if (pending == 0) {
          return null;
        }
        String line = new String(buffer, start, pending, UTF_8);
        consume(pending);
        return line;
      }
      scanned = start + pending;
    }
  }

  /**
   * Consumes bytes up to an offset, but not many more than the budget at once.
   *
   * @throws IOException if the stream ends before
   */
  void skipTo(long target, int budget) throws IOException {
    long enough = offset + budget;
    while (offset < target && offset < enough) {
      if (start == filled && !fill()) {
        throw new IOException(
            "it has become shorter since the checkpoint, which had read it up to byte " + target);
      }
      consume((int) Math.min(filled - start, target - offset));
    }
  }

  /**
   * Consumes the rest of a line, but not much beyond an offset, nor many more bytes than the budget
   * at once.
   *
   * @return whether a line begins now
   */
  boolean skipLine(long before, int budget) throws IOException {
    long enough = offset + budget;
    while (offset < before && offset < enough) {
      if (start == filled && !fill()) {
        return true;
      }
      int end = start;
      while (end < filled && buffer[end] != '\n') {
        end++;
      }
      boolean found = end < filled;
      consume((found ? end + 1 : end) - start);
      if (found) {
        return true;
      }
    }
    return false;
  }

  private void consume(int bytes) {
    start += bytes;
    offset += bytes;
  }

  /** Adds bytes to the buffer; false at the end. */
  private boolean fill() throws IOException {
    long end = offset + (filled - start);
    if (end >= limit) {
      return false;
    }
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, filled - start);
      filled -= start;
      start = 0;
    }
    if (filled == buffer.length) {
      buffer = Arrays.copyOf(buffer, (int) Math.min(2L * filled, maxLineBytes + 2L));
    }
    int read = in.read(buffer, filled, (int) Math.min(buffer.length - filled, limit - end));
    if (read < 0 && limit != Long.MAX_VALUE) {
      throw new IOException(
          "it has become shorter, "
              + end
              + " bytes instead of "
              + limit
              + "; input files must not change while a job reads them");
    }
    filled += Math.max(0, read);
    return read >= 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
