package io.millrace.hdfs;

import io.millrace.runtime.checkpoint.DurableNames;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Real names, of which one operation goes wrong. */
final class FaultyNames implements DurableNames {
  enum Fault {
    NONE,
    /** The rename happens, its answer gets lost. */
    ACK_LOST,
    /** The process dies while it writes a file. */
    SHORT_WRITE
  }

  private final DurableNames names;
  Fault next = Fault.NONE;

  FaultyNames(DurableNames names) {
    this.names = names;
  }

  private boolean strikes(Fault fault) {
    boolean strikes = next == fault;
    next = strikes ? Fault.NONE : next;
    return strikes;
  }

  @Override
  public List<Entry> list(String folder) throws IOException {
    return names.list(folder);
  }

  @Override
  public boolean createExclusive(String name, byte[] bytes) throws IOException {
    if (strikes(Fault.SHORT_WRITE)) {
      names.createExclusive(name, Arrays.copyOf(bytes, bytes.length / 2));
      throw new IOException("died while writing");
    }
    return names.createExclusive(name, bytes);
  }

  @Override
  public void mkdir(String name) throws IOException {
    names.mkdir(name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    names.rename(from, to);
    if (strikes(Fault.ACK_LOST)) {
      throw new IOException("the answer was lost");
    }
  }

  @Override
  public byte[] read(String name) throws IOException {
    return names.read(name);
  }

  @Override
  public void delete(String name) throws IOException {
    names.delete(name);
  }

  @Override
  public void removeDirectory() throws IOException {
    names.removeDirectory();
  }
}
