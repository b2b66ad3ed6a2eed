package io.millrace.simulator;

import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.state.MemoryFolder;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * A folder of state on a {@link SimulatedDisk}: its files are made in part or not at all, cannot be
 * read, or land spoilt, which {@link #verify} notices, as the checksums of a real store of rows do.
 */
final class SimulatedFolder implements StateFolder {
  private final SimulatedDisk disk;
  private final MemoryFolder files = new MemoryFolder();

  /** Of each file as it was meant to be. */
  private final TreeMap<String, Integer> checksums = new TreeMap<>();

  SimulatedFolder(SimulatedDisk disk) {
    this.disk = disk;
  }

  @Override
  public List<File> files() {
    return files.files();
  }

  @Override
  public byte[] read(String file, long from, int length) throws IOException {
    disk.mayFail("a state file was read");
    return files.read(file, from, length);
  }

  @Override
  public void verify(String file) throws IOException {
    disk.mayFail("a state file was verified");
    byte[] all = all(file);
    if (StateBytes.crcOf(all) != checksums.get(file)) {
      throw new IOException("/disk/" + file + " is damaged");
    }
  }

  private byte[] all(String file) throws IOException {
    for (File each : files.files()) {
      if (each.name().equals(file)) {
        return files.read(file, 0, (int) each.length());
      }
    }
    return files.read(file, 0, 0); // which says that it is not there
  }

  @Override
  public void write(String file, Iterable<byte[]> parts) throws IOException {
    disk.mayFail("a state file was made");
    var landed = new ArrayList<byte[]>();
    var meant = new MemoryFolder();
    for (byte[] part : parts) {
      disk.mayFail("a state file was written");
      meant.append(file, part);
      landed.add(disk.maySpoil("a state file", part));
    }
    files.write(file, landed);
    meant.append(file, new byte[0]);
    keep(file, meant);
  }

  /** What fails here may have landed in part. */
  @Override
  public void append(String file, byte[] part) throws IOException {
    byte[] before = has(file) ? all(file) : new byte[0];
    try {
      disk.mayFail("a state file was appended to");
    } catch (IOException e) {
      files.append(file, java.util.Arrays.copyOf(part, part.length / 2));
      throw e;
    }
    files.append(file, disk.maySpoil("a state file", part));
    var meant = new MemoryFolder();
    meant.append(file, before);
    meant.append(file, part);
    keep(file, meant);
  }

  private boolean has(String file) {
    return files.files().stream().anyMatch(each -> each.name().equals(file));
  }

  private void keep(String file, MemoryFolder meant) throws IOException {
    int length = (int) meant.files().get(0).length();
    checksums.put(file, StateBytes.crcOf(meant.read(file, 0, length)));
  }

  @Override
  public void link(String file, StateFolder from, String fileThere) throws IOException {
    disk.mayFail("a state file was linked");
    var other = (SimulatedFolder) from;
    files.link(file, other.files, fileThere);
    checksums.put(file, other.checksums.get(fileThere));
  }

  @Override
  public void delete() {
    files.delete();
    checksums.clear();
  }
}
