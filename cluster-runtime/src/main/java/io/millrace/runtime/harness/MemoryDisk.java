package io.millrace.runtime.harness;

import io.millrace.runtime.task.LocalDisk;
import java.util.Arrays;

/** A disk that never fails, for output that waits. */
final class MemoryDisk implements LocalDisk {
  @Override
  public Scratch create(String name) {
    return new Scratch() {
      private byte[] all = new byte[0];

      @Override
      public String place() {
        return "memory of " + name;
      }

      @Override
      public void write(long position, byte[] bytes, int length) {
        int end = Math.toIntExact(position + length);
        all = all.length < end ? Arrays.copyOf(all, Math.max(end, 2 * all.length)) : all;
        System.arraycopy(bytes, 0, all, (int) position, length);
      }

      @Override
      public void read(long position, byte[] bytes) {
        System.arraycopy(all, (int) position, bytes, 0, bytes.length);
      }

      @Override
      public void close() {
        all = new byte[0];
      }
    };
  }
}
