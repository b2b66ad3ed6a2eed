package io.millrace.simulator;

import io.millrace.runtime.task.LocalDisk;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/** The local disk of a process: it may be full, may not answer, and may spoil what it holds. */
final class SimulatedDisk implements LocalDisk {
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
    mayFail("made");
    trace.hit("output waited on local disk");
    open++;
    return new RamFile(name);
  }

  private void mayFail(String what) throws IOException {
    if (fails(failure)) {
      trace.hit("local disk failed when a file was " + what);
      throw new IOException("/disk: No space left on device (0 bytes are free there)");
    }
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
      mayFail("written");
      int end = (int) position + count;
      if (end > content.length) {
        content = Arrays.copyOf(content, Math.max(end, 2 * content.length));
      }
      System.arraycopy(bytes, 0, content, (int) position, count);
      length = Math.max(length, end);
    }

    @Override
    public void read(long position, byte[] bytes) throws IOException {
      mayFail("read");
      if (position + bytes.length > length) {
        throw new IOException(place() + ": it has " + length + " bytes");
      }
      System.arraycopy(content, (int) position, bytes, 0, bytes.length);
      if (fails(2 * failure)) {
        trace.hit("local disk spoilt what was read");
        bytes[chance.nextInt(bytes.length)] ^= (byte) (1 << chance.nextInt(8));
      }
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
