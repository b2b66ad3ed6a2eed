package io.millrace.simulator;

import io.millrace.runtime.state.StateFolder;
import io.millrace.runtime.task.LocalDisk;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * The local disk of a process, of its overflow and of its state: it may be full, may not answer,
 * and may spoil what it holds.
 */
final class SimulatedDisk implements LocalDisk {
  private static final int RARELY = 200;

  private final Trace trace;
  private final SplittableRandom chance;
  private final double failure;
  private final BooleanSupplier calm;
  private int open;

  /**
   * @param failure chance that an operation fails; twice as often a read is spoilt, as few runs
   *     come to read
   * @param calm whether there are no more faults
   */
  SimulatedDisk(World world, double failure, BooleanSupplier calm) {
    this.trace = world.trace();
    this.chance = world.fork();
    this.failure = failure;
    this.calm = calm;
  }

  /** Files that were made and not closed. */
  int open() {
    return open;
  }

  @Override
  public Scratch create(String name) throws IOException {
    mayFail("a file was made");
    trace.hit("output waited on local disk");
    open++;
    return new RamFile(name);
  }

  /** An empty folder for state. */
  StateFolder newFolder() throws IOException {
    mayFail("a folder was made");
    return new SimulatedFolder(this);
  }

  void mayFail(String when) throws IOException {
    mayFail(when, failure);
  }

  /** For what is done so often that it would never come to an end. */
  void mayRarelyFail(String when) throws IOException {
    mayFail(when, failure / RARELY);
  }

  private void mayFail(String when, double odds) throws IOException {
    if (fails(odds)) {
      trace.hit("local disk failed when " + when);
      throw new IOException("/disk: No space left on device (0 bytes are free there)");
    }
  }

  /** The bytes, or others. */
  byte[] maySpoil(String what, byte[] bytes) {
    return maySpoil(what, bytes, failure / 2);
  }

  private byte[] maySpoil(String what, byte[] bytes, double odds) {
    if (bytes.length == 0 || !fails(odds)) {
      return bytes;
    }
    trace.hit("local disk spoilt " + what);
    byte[] other = bytes.clone();
    other[chance.nextInt(other.length)] ^= (byte) (1 << chance.nextInt(8));
    return other;
  }

  private boolean fails(double odds) {
    return !calm.getAsBoolean() && odds > 0 && chance.nextDouble() < odds;
  }

  private final class RamFile implements Scratch {
    private final String name;
    private byte[] content = new byte[0];
    private int length;
    private boolean closed;

    RamFile(String name) {
      this.name = name;
    }

    @Override
    public String place() {
      return "/disk/" + name;
    }

    @Override
    public void write(long position, byte[] bytes, int count) throws IOException {
      mayFail("a file was written");
      int end = (int) position + count;
      if (end > content.length) {
        content = Arrays.copyOf(content, Math.max(end, 2 * content.length));
      }
      System.arraycopy(bytes, 0, content, (int) position, count);
      length = Math.max(length, end);
    }

    @Override
    public void read(long position, byte[] bytes) throws IOException {
      mayFail("a file was read");
      if (position + bytes.length > length) {
        throw new IOException(place() + ": it has " + length + " bytes");
      }
      System.arraycopy(content, (int) position, bytes, 0, bytes.length);
      byte[] read = maySpoil("what was read", bytes, 2 * failure);
      System.arraycopy(read, 0, bytes, 0, bytes.length);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        open--;
      }
    }
  }
}
