package io.millrace.runtime.state;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** Files in memory, where nothing fails: of simulations and tests. */
public final class MemoryFolder implements StateFolder {
  private final TreeMap<String, byte[]> files = new TreeMap<>();

  @Override
  public List<File> files() {
    return files.entrySet().stream()
        .map(
            file ->
                new File(file.getKey(), file.getValue().length, file.getKey().startsWith("rows-")))
        .toList();
  }

  @Override
  public byte[] read(String file, long from, int length) throws IOException {
    byte[] bytes = bytes(file);
    if (from < 0 || from + length > bytes.length) {
      throw new IOException("the file " + file + " has " + bytes.length + " bytes");
    }
    return Arrays.copyOfRange(bytes, (int) from, (int) from + length);
  }

  @Override
  public void verify(String file) throws IOException {
    bytes(file);
  }

  @Override
  public void write(String file, Iterable<byte[]> parts) {
    var all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    files.put(file, all.toByteArray());
  }

  @Override
  public void append(String file, byte[] part) {
    byte[] before = files.getOrDefault(file, new byte[0]);
    byte[] both = Arrays.copyOf(before, before.length + part.length);
    System.arraycopy(part, 0, both, before.length, part.length);
    files.put(file, both);
  }

  @Override
  public void link(String file, StateFolder from, String fileThere) throws IOException {
    if (!(from instanceof MemoryFolder other)) {
      throw new IOException("it is on a disk");
    }
    files.put(file, other.bytes(fileThere));
  }

  @Override
  public void delete() {
    files.clear();
  }

  private byte[] bytes(String file) throws IOException {
    byte[] bytes = files.get(file);
    if (bytes == null) {
      throw new FileNotFoundException("there is no file " + file);
    }
    return bytes;
  }
}
