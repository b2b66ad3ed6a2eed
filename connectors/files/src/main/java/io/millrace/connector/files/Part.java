package io.millrace.connector.files;

import io.millrace.api.connector.RetryLaterException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataOutputStream;

/**
 * A file being written. First one thread writes, then, after a hand-over, another finishes.
 *
 * <p>The file comes to be when more than {@link #HELD} is to be written, or at the end. Until then
 * all of it is in memory, so that a storage that is away for a while costs nothing: the file is
 * made once it is back. What has left memory and breaks off is lost.
 */
final class Part {
  private static final int FIRST_BUFFER = 8 << 10;

  /** As much waits in memory for its file. */
  private static final int HELD = 1 << 20;

  /** As much may wait if the file cannot be made. */
  private static final int HELD_IN_NEED = 8 << 20;

  private final OutputDirectory directory;
  private final int number;
  private final String name;
  private final String target;

  private byte[] buffer = new byte[FIRST_BUFFER];
  private int filled;

  private final CRC32C crc = new CRC32C();
  private long length;
  private String pending;
  private FSDataOutputStream out;

  /** How often the file was begun anew. */
  private int again;

  /** The first checkpoint that it is to be part of; 0 while it is being written. */
  private long checkpoint;

  private volatile PendingFile finished;

  /**
   * @param name under which it waits to be shown
   */
  Part(OutputDirectory directory, int number, String name, String target) {
    this.directory = directory;
    this.number = number;
    this.name = name;
    this.target = target;
  }

  /** Counts a writer's parts from 0. */
  int number() {
    return number;
  }

  /**
   * Nothing more comes: it is part of that checkpoint, and of all that follow until it is shown.
   *
   * @return how much of it is in memory, bytes
   */
  int cutFor(long firstCheckpoint) {
    checkpoint = firstCheckpoint;
    buffer = Arrays.copyOf(buffer, filled);
    return filled;
  }

  /** The checkpoint that it was cut for; 0 while it is being written. */
  long checkpoint() {
    return checkpoint;
  }

  /**
   * Takes the cut back: what follows may be written to it.
   *
   * @param follower what was written since, which is part of this one now; {@code null} for nothing
   * @return false, with nothing changed, if one of them has a file, or they are too large together
   */
  boolean reopen(Part follower) {
    boolean fileless =
        out == null && finished == null && (follower == null || follower.out == null);
    int all = filled + (follower == null ? 0 : follower.filled);
    if (!fileless || all > HELD) {
      return false;
    }
    int size = FIRST_BUFFER;
    while (size < all) {
      size *= 2;
    }
    buffer = Arrays.copyOf(buffer, size);
    if (follower != null) {
      System.arraycopy(follower.buffer, 0, buffer, filled, follower.filled);
    }
    filled = all;
    checkpoint = 0;
    return true;
  }

  /**
   * @throws RetryLaterException if there is no room, and no file can be made now; the line may be
   *     given again
   */
  void writeLine(byte[] line) throws IOException {
    makeRoom(line.length + 1);
    if (line.length + 1 > buffer.length) {
      append(line, line.length);
    } else {
      System.arraycopy(line, 0, buffer, filled, line.length);
      filled += line.length;
    }
    buffer[filled++] = '\n';
  }

  /** Leaves an empty buffer behind if there cannot be room for as much. */
  private void makeRoom(int count) throws IOException {
    while (count > buffer.length - filled) {
      if (buffer.length < HELD) {
        buffer = Arrays.copyOf(buffer, 2 * buffer.length);
        continue;
      }
      try {
        begin();
      } catch (RetryLaterException e) {
        if (2L * buffer.length > HELD_IN_NEED) {
          throw e;
        }
        buffer = Arrays.copyOf(buffer, 2 * buffer.length);
        continue;
      }
      flush();
      return;
    }
  }

  /** Whether nothing of it is in memory any more; asked by any thread. */
  boolean isFinished() {
    return finished != null;
  }

  /**
   * Makes the file durable; may be called again.
   *
   * @throws RetryLaterException if that is worth it
   */
  PendingFile finish() throws IOException {
    if (finished != null) {
      return finished;
    }
    boolean whole = out == null;
    int all = filled;
    begin();
    try {
      flush();
      out.hsync();
      out.close();
    } catch (IOException e) {
      if (!whole || e instanceof FileNotFoundException) {
        throw e;
      }
      filled = all;
      length = 0;
      crc.reset();
      abandon();
      throw later(e);
    }
    finished =
        new PendingFile(
            directory.toString(),
            pending,
            RolledBack.cutFor(target, checkpoint),
            length,
            (int) crc.getValue());
    buffer = null;
    return finished;
  }

  /** The next try has a file of its own: what became of this one may never be known. */
  private void abandon() {
    try {
      discard();
    } catch (IOException e) {
      // It lies where all that is not shown is deleted in the end.
    }
    out = null;
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

  /** Sees to it that there is a file. */
  private void begin() throws IOException {
    if (out != null) {
      return;
    }
    pending = again == 0 ? name : name + "-again-" + again;
    again++;
    try {
      out = directory.create(pending);
    } catch (FileNotFoundException e) {
      throw e; // its folder is gone: somebody has settled the output
    } catch (IOException e) {
      throw later(e);
    }
  }

  private RetryLaterException later(IOException e) {
    return new RetryLaterException("cannot write to " + directory + " now: " + e.getMessage(), e);
  }

  private void flush() throws IOException {
    append(buffer, filled);
    filled = 0;
  }

  private void append(byte[] bytes, int count) throws IOException {
    out.write(bytes, 0, count);
    crc.update(bytes, 0, count);
    length += count;
  }
}
