package io.millrace.runtime.task;

import java.io.IOException;
import java.util.Arrays;

/** A local disk of a test, which can see, spoil and fill it. */
final class RamDisk implements LocalDisk {
  /** Files that are not closed. */
  int open;

  int created;
  long written;
  long room = Long.MAX_VALUE;
  private byte[] last = new byte[0];

  /** Turns one bit of what was written. */
  void spoil(int position) {
    last[position] ^= 4;
  }

  @Override
  public Scratch create(String name) {
    open++;
    created++;
    last = new byte[0];
    return new Scratch() {
      @Override
      public String place() {
        return "/ram/" + name;
      }

      @Override
      public void write(long position, byte[] bytes, int length) throws IOException {
        if (position + length > room) {
          throw new IOException(place() + ": No space left on device (0 bytes are free there)");
        }
        last = Arrays.copyOf(last, (int) position + length);
        System.arraycopy(bytes, 0, last, (int) position, length);
        written += length;
      }

      @Override
      public void read(long position, byte[] bytes) {
        System.arraycopy(last, (int) position, bytes, 0, bytes.length);
      }

      @Override
      public void close() {
        open--;
      }
    };
  }
}
