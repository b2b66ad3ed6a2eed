package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.JobId;
import java.io.Closeable;
import java.io.IOException;

/** Where jobs keep what must survive. All calls may wait. */
public interface CheckpointStore {
  /** The directory of a job, as shown to users and written in deployments. */
  String directoryOf(JobId job);

  /**
   * A folder that a user named, as every process can name it. Asks nobody.
   *
   * @throws IOException if its file system cannot hold checkpoints; names it
   */
  String folder(String named) throws IOException;

  /** The small files of the job in that directory. */
  DurableNames names(String directory);

  /**
   * Writes a state file that nobody has written before and makes it durable. Fails if the folder
   * {@code data/} is not there: a claim makes it, and it goes with the job.
   *
   * @param file name relative to the directory, below {@code data/}
   * @param parts asked for once, one after the other, so that they need not all be there at once
   */
  void writeState(String directory, String file, Iterable<byte[]> parts) throws IOException;

  /**
   * Reads a range of a state file.
   *
   * @throws CorruptStateException if it is not there in full or its CRC differs
   */
  byte[] readState(String directory, StateBytes.InFile range) throws IOException;

  /**
   * Reads a part of a range, which is too large to be read at once; nobody has compared its CRC.
   *
   * @param from counts from the beginning of the range
   * @throws CorruptStateException if it is not there in full
   */
  byte[] readPart(String directory, StateBytes.InFile range, long from, int length)
      throws IOException;

  /**
   * Opens a range that is to be read from its beginning to its end; nobody has compared its CRC.
   *
   * @throws CorruptStateException if there is no such file
   */
  default RangeReader open(String directory, StateBytes.InFile range) throws IOException {
    return (from, length) -> readPart(directory, range, from, length);
  }

  /**
   * Reads a range, quickest in its order; a {@link CorruptStateException} if it is not there in
   * full.
   */
  interface RangeReader extends CheckedRange.Source, Closeable {
    @Override
    default void close() throws IOException {}
  }

  /** What was written is not what is read. */
  final class CorruptStateException extends IOException {
    private static final int MOST_CAUSES = 50;

    public CorruptStateException(String message) {
      super(message);
    }

    /** Whether that is what is behind it. */
    public static boolean isBehind(Throwable thrown) {
      Throwable cause = thrown;
      for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++) {
        if (cause instanceof CorruptStateException) {
          return true;
        }
        cause = cause.getCause();
      }
      return false;
    }
  }
}
