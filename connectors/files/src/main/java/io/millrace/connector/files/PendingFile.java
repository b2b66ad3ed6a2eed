package io.millrace.connector.files;

import io.millrace.api.connector.CommitConflictException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A file that is complete and waits to be shown: the sink's committable.
 *
 * @param directory of the output, whole
 * @param pending name below the directory
 * @param target name below the directory once it is shown
 * @param crc32c of its bytes
 */
record PendingFile(String directory, String pending, String target, long length, int crc32c) {
  private static final int VERSION = 1;

  byte[] toBytes() {
    var bytes = new ByteArrayOutputStream();
    try {
      var out = new DataOutputStream(bytes);
      out.writeByte(VERSION);
      out.writeUTF(directory);
      out.writeUTF(pending);
      out.writeUTF(target);
      out.writeLong(length);
      out.writeInt(crc32c);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * @throws CommitConflictException if it is no description, or one of another version: reading it
   *     again does not help
   */
  static PendingFile fromBytes(byte[] bytes) throws CommitConflictException {
    var in = new DataInputStream(new ByteArrayInputStream(bytes));
    try {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new CommitConflictException(
            "pending output is described in version "
                + version
                + ", not "
                + VERSION
                + "; resume with the release that wrote the checkpoint");
      }
      return new PendingFile(in.readUTF(), in.readUTF(), in.readUTF(), in.readLong(), in.readInt());
    } catch (IOException e) {
      throw new CommitConflictException(
          "a checkpoint describes pending output of files in "
              + bytes.length
              + " bytes that are no such description; resume only from checkpoints that you trust");
    }
  }
}
