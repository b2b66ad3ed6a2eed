package io.millrace.runtime.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A network between two processes that does harm to one direction of the first connection through
 * it, once, at a chosen place of its bytes. All that comes after is a good network.
 */
final class TamperingProxy implements AutoCloseable {
  /** What is done. */
  enum Harm {
    NONE,
    /** One bit is another. */
    FLIP,
    /** Some bytes come twice. */
    REPEAT,
    /** Some bytes come after those that follow them. */
    SWAP,
    /** Some bytes never come. */
    LOSE,
    /** Every byte comes by itself, from the place on. */
    SPLIT,
    /** The connection ends as if the sender had ended it. */
    END,
    /** The connection is reset. */
    RESET
  }

  /**
   * @param answers whether the direction from the accepting to the dialling side is harmed
   * @param at how many bytes pass unharmed
   * @param size bytes that are repeated, swapped or lost; the bit that is flipped
   */
  record Plan(Harm harm, boolean answers, long at, int size) {}

  private static final int CHUNK = 16 << 10;

  private final int target;
  private final Plan plan;
  private final ServerSocket door;
  private final AtomicLong asked = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private volatile boolean harmed;

  TamperingProxy(int target, Plan plan) throws IOException {
    this.target = target;
    this.plan = plan;
    this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::serve);
  }

  int port() {
    return door.getLocalPort();
  }

  /** Bytes that passed so far in one direction of all connections. */
  long passed(boolean answers) {
    return (answers ? answered : asked).get();
  }

  /** Whether enough bytes came for the harm to be done. */
  boolean harmed() {
    return harmed;
  }

  @Override
  public void close() throws IOException {
    door.close();
  }

  private void serve() {
    boolean first = true;
    try {
      while (true) {
        Socket dialling = door.accept();
        var accepting = new Socket(InetAddress.getLoopbackAddress(), target);
        dialling.setTcpNoDelay(true);
        accepting.setTcpNoDelay(true);
        boolean harmful = first;
        first = false;
        daemon(() -> copy(dialling, accepting, asked, harmful && !plan.answers()));
        daemon(() -> copy(accepting, dialling, answered, harmful && plan.answers()));
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  private void copy(Socket from, Socket to, AtomicLong count, boolean harmful) {
    byte[] chunk = new byte[CHUNK];
    long passed = 0;
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
        count.addAndGet(length);
        boolean here = harmful && !harmed && passed + length > plan.at();
        if (!here) {
          write(out, chunk, 0, length, harmful && harmed && plan.harm() == Harm.SPLIT);
        } else if (!harm(from, to, Arrays.copyOf(chunk, length), (int) (plan.at() - passed))) {
          return;
        }
        passed += length;
      }
    } catch (IOException e) {
      // One of them is closed; so is the other, now.
    }
    closeBoth(from, to);
  }

  /** Whether the connection goes on. */
  private boolean harm(Socket from, Socket to, byte[] bytes, int at) throws IOException {
    harmed = true;
    OutputStream out = to.getOutputStream();
    int size = Math.min(plan.size(), bytes.length - at);
    switch (plan.harm()) {
      case NONE -> out.write(bytes);
      case FLIP -> {
        bytes[at] ^= (byte) (1 << plan.size() % 8);
        out.write(bytes);
      }
      case REPEAT -> {
        out.write(bytes, 0, at + size);
        out.write(bytes, at, bytes.length - at);
      }
      case SWAP -> {
        int then = Math.min(plan.size(), bytes.length - at - size);
        out.write(bytes, 0, at);
        out.write(bytes, at + size, then);
        out.write(bytes, at, size);
        out.write(bytes, at + size + then, bytes.length - at - size - then);
      }
      case LOSE -> {
        out.write(bytes, 0, at);
        out.write(bytes, at + size, bytes.length - at - size);
      }
      case SPLIT -> {
        out.write(bytes, 0, at);
        write(out, bytes, at, bytes.length - at, true);
      }
      case END -> {
        out.write(bytes, 0, at);
        closeBoth(from, to);
        return false;
      }
      case RESET -> {
        out.write(bytes, 0, at);
        from.setSoLinger(true, 0);
        to.setSoLinger(true, 0);
        closeBoth(from, to);
        return false;
      }
    }
    return true;
  }

  private static void write(OutputStream out, byte[] bytes, int offset, int length, boolean split)
      throws IOException {
    if (!split) {
      out.write(bytes, offset, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      out.write(bytes, offset + i, 1);
    }
  }

  private static void closeBoth(Socket one, Socket other) {
    try (one;
        other) {
      // Both are closed, whatever one of them says to it.
    } catch (IOException e) {
      // Closed enough.
    }
  }

  private static void daemon(Runnable work) {
    var thread = new Thread(work, "proxy");
    thread.setDaemon(true);
    thread.start();
  }
}
