package io.millrace.connector.files;

import java.io.IOException;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataOutputStream;

/**
 * A file being written. First one thread writes, then, after a hand-over, another finishes. The
 * file comes to be when the first buffer is full, or at the end.
 */
final class Part {
  private static final int BUFFER = 64 << 10;

  private final OutputDirectory directory;
  private final int number;
  private final String pending;
  private final String target;

  private final byte[] buffer = new byte[BUFFER];
  private int filled;

  private final CRC32C crc = new CRC32C();
  private long length;
  private FSDataOutputStream out;

  /** The first checkpoint that covers it; 0 while none does. */
  private long checkpoint;

  Part(OutputDirectory directory, int number, String pending, String target) {
    this.directory = directory;
    this.number = number;
    this.pending = pending;
    this.target = target;
  }

  /** Counts a writer's parts from 0. */
  int number() {
    return number;
  }

  /**
   * Nothing more comes: it is part of that checkpoint, and of all that follow until it is shown.
   */
  void cutFor(long firstCheckpoint) {
    checkpoint = firstCheckpoint;
  }

  void writeLine(byte[] line) throws IOException {
    if (line.length >= buffer.length) {
      flush();
      append(line, line.length);
    } else {
      if (line.length > buffer.length - filled) {
        flush();
      }
      System.arraycopy(line, 0, buffer, filled, line.length);
      filled += line.length;
    }
    if (filled == buffer.length) {
      flush();
    }
    buffer[filled++] = '\n';
  }

  /** Makes the file durable. */
  PendingFile finish() throws IOException {
    flush();
    out.hsync();
    out.close();
    return new PendingFile(
        directory.toString(),
        pending,
        RolledBack.cutFor(target, checkpoint),
        length,
        (int) crc.getValue());
  }

  void discard() throws IOException {
    if (out != null) {
      try {
        out.close();
      } finally {
        directory.discard(pending);
      }
    }
  }

  private void flush() throws IOException {
    append(buffer, filled);
    filled = 0;
  }

  private void append(byte[] bytes, int count) throws IOException {
    if (out == null) {
      out = directory.create(pending);
    }
    out.write(bytes, 0, count);
    crc.update(bytes, 0, count);
    length += count;
  }
}
