package io.millrace.connector.files;

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

  static PendingFile fromBytes(byte[] bytes) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(bytes));
    int version = in.readUnsignedByte();
    if (version != VERSION) {
      throw new IOException(
          "pending output is described in version " + version + ", not " + VERSION);
    }
    return new PendingFile(in.readUTF(), in.readUTF(), in.readUTF(), in.readLong(), in.readInt());
  }
}
