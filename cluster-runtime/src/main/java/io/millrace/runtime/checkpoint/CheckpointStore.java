package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.util.List;

/** Where jobs keep what must survive. All calls may wait. */
public interface CheckpointStore {
  /** The directory of a job, as shown to users and written in deployments. */
  String directoryOf(JobId job);

  /** The small files of the job in that directory. */
  DurableNames names(String directory);

  /**
   * Writes a state file that nobody has written before and makes it durable.
   *
   * @param file name relative to the directory, below {@code data/}
   */
  void writeState(String directory, String file, List<byte[]> parts) throws IOException;

  /**
   * Reads a range of a state file.
   *
   * @throws CorruptStateException if it is not there in full or its CRC differs
   */
  byte[] readState(String directory, StateBytes.InFile range) throws IOException;

  /** What was written is not what is read. */
  final class CorruptStateException extends IOException {
    public CorruptStateException(String message) {
      super(message);
    }
  }
}
