package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.JobId;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * Checkpoints in memory: for a cluster within one JVM, whose jobs need to survive their tasks but
 * not the process.
 */
public final class MemoryCheckpointStore implements CheckpointStore {
  private final TreeMap<String, MemoryNames> directories = new TreeMap<>();

  @Override
  public String directoryOf(JobId job) {
    return "memory:/checkpoints/" + job;
  }

  @Override
  public String folder(String named) {
    return named;
  }

  @Override
  public synchronized MemoryNames names(String directory) {
    return directories.computeIfAbsent(directory, name -> new MemoryNames());
  }

  @Override
  public void writeState(String directory, String file, Iterable<byte[]> parts) throws IOException {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.write(part);
    }
    if (!names(directory).createExclusive(file, all.toByteArray())) {
      throw new IOException(directory + "/" + file + " exists already");
    }
  }

  @Override
  public byte[] readState(String directory, StateBytes.InFile range) throws IOException {
    return rangeOf(directory, range, contentOf(directory, range.file()));
  }

  @Override
  public byte[] readPart(String directory, StateBytes.InFile range, long from, int length)
      throws IOException {
    byte[] file = contentOf(directory, range.file());
    long start = range.offset() + from;
    if (start < 0 || length < 0 || start + length > file.length) {
      throw new CorruptStateException(directory + "/" + range.file() + " is cut off");
    }
    return Arrays.copyOfRange(file, (int) start, (int) start + length);
  }

  private byte[] contentOf(String directory, String file) throws IOException {
    try {
      return names(directory).read(file);
    } catch (FileNotFoundException e) {
      throw new CorruptStateException(directory + "/" + file + " is gone");
    }
  }

  private static byte[] rangeOf(String directory, StateBytes.InFile range, byte[] file)
      throws CorruptStateException {
    if (range.offset() < 0 || range.length() < 0 || range.offset() + range.length() > file.length) {
      throw new CorruptStateException(directory + "/" + range.file() + " is cut off");
    }
    byte[] bytes =
        Arrays.copyOfRange(file, (int) range.offset(), (int) (range.offset() + range.length()));
    if (StateBytes.crcOf(bytes) != range.crc32c()) {
      throw new CorruptStateException(
          "the CRC32C of bytes "
              + range.offset()
              + " to "
              + (range.offset() + range.length())
              + " of "
              + directory
              + "/"
              + range.file()
              + " differs");
    }
    return bytes;
  }
}
