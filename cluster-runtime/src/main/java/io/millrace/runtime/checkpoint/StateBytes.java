package io.millrace.runtime.checkpoint;

import java.util.Objects;
import java.util.zip.CRC32C;

/** Bytes of a checkpoint, covered by a CRC32C. */
public sealed interface StateBytes {
  int crc32c();

  long length();

  /** Small enough to stand where it is named. */
  record Inline(byte[] bytes, int crc32c) implements StateBytes {
    public Inline {
      Objects.requireNonNull(bytes);
    }

    @Override
    public long length() {
      return bytes.length;
    }
  }

  /**
   * A range of a state file.
   *
   * @param file name relative to the job's directory
   */
  record InFile(String file, long offset, long length, int crc32c) implements StateBytes {
    public InFile {
      Objects.requireNonNull(file);
    }
  }

  /** CRC32C of all the bytes. */
  static int crcOf(byte[] bytes) {
    return crcOf(bytes, 0, bytes.length);
  }

  static int crcOf(byte[] bytes, int from, int length) {
    var crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }
}
