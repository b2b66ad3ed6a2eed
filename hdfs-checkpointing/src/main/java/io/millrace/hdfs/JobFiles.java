package io.millrace.hdfs;

import io.millrace.runtime.checkpoint.DurableNames;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/** All files of one job: the small ones by name, and the large ones with state. */
interface JobFiles extends DurableNames {
  /** More than any small file ever has; a path that a user gave may lead to anything. */
  int MOST_BYTES = 256 << 20;

  /** What the file holds, if it is small. */
  static byte[] readSmall(InputStream in, Object path) throws IOException {
    byte[] bytes = in.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw tooLarge(path);
    }
    return bytes;
  }

  static IOException tooLarge(Object path) {
    return new IOException(path + " has more than " + MOST_BYTES + " bytes; no file of a job has");
  }

  /** Makes a file that was not there, in a folder that is, durable once this returns. */
  void write(String name, Iterable<byte[]> parts) throws IOException;

  /**
   * @throws java.io.FileNotFoundException if there is no such file
   * @throws DamagedException if the file does not hold the range in full
   */
  byte[] read(String name, long offset, long length) throws IOException;

  /**
   * Opens a file of which several parts are to be read, quickest one behind the other.
   *
   * @throws java.io.FileNotFoundException if there is no such file; {@link Reader#read} may find
   *     out as well
   */
  default Reader open(String name) throws IOException {
    return (offset, length) -> read(name, offset, length);
  }

  /** A file that is open. */
  interface Reader extends Closeable {
    /**
     * @throws DamagedException if the file does not hold that range in full
     */
    byte[] read(long offset, int length) throws IOException;

    @Override
    default void close() throws IOException {}
  }

  /** The file is there but not as it was written. */
  final class DamagedException extends IOException {
    DamagedException(String message) {
      super(message);
    }
  }

  /** How many bytes to read, if a file of that size can hold the range and an array too. */
  static int rangeLength(long size, long offset, long length) throws DamagedException {
    if (offset < 0 || length < 0 || length > size || offset > size - length) {
      throw new DamagedException("the file has " + size + " bytes");
    }
    if (length > Integer.MAX_VALUE - 8) {
      throw new DamagedException("a range of 2 GB or more is not read at once");
    }
    return (int) length;
  }

  /**
   * The name, if it cannot lead out of the job's directory. Names come out of manifests too, which
   * anybody may have written.
   */
  static String inside(String name) throws IOException {
    if (name.isEmpty() || name.startsWith("/") || name.indexOf(':') >= 0) {
      throw new IOException("not a name inside a job's directory: '" + name + "'");
    }
    for (String part : name.split("/", -1)) {
      if (part.isEmpty()
          || part.equals(".")
          || part.equals("..")
          || part.chars().anyMatch(c -> c < ' ')) {
        throw new IOException("not a name inside a job's directory: '" + name + "'");
      }
    }
    return name;
  }
}
