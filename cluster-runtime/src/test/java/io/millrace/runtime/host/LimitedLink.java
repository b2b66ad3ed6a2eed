package io.millrace.runtime.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * A network in front of a port that carries only so much, or nothing, or something else, or loses
 * all without a word to anybody. It listens at another loopback address under the same number, so
 * that who is told that address comes through it.
 */
final class LimitedLink implements AutoCloseable {
  private static final int CHUNK = 2 << 10;

  /** Of a network in which little waits, as nobody can overtake that. */
  static final int SMALL = 8 << 10;

  /**
   * What the largest segments fit in: else a window that was closed opens only a segment's width.
   */
  static final int LARGE = 256 << 10;

  private final int buffer;
  private final ServerSocket door;
  private final InetAddress target;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile long bytesPerSecond = Long.MAX_VALUE;
  private volatile int cuts;
  private volatile Spoil spoil = Spoil.NONE;
  private volatile int spoils;
  private volatile long lost;
  private volatile long heldBackNanos;

  // Guarded by this.
  private long freeNanos = System.nanoTime();

  /** What is done to some of the bytes. */
  enum Spoil {
    NONE,
    /** One bit is another. */
    FLIP,
    /** They come twice. */
    REPEAT,
    /** They come after those that follow them. */
    SWAP,
    /** They never come, and those that follow do. */
    LOSE
  }

  LimitedLink(String address, String target, int port, int buffer) throws IOException {
    this.buffer = buffer;
    this.target = InetAddress.getByName(target);
    this.door = new ServerSocket();
    door.setReceiveBufferSize(buffer);
    door.bind(new InetSocketAddress(InetAddress.getByName(address), port));
    daemon(this::serve);
  }

  /** Once for each direction of each connection that there is now. */
  void spoil(Spoil how) {
    spoil = how;
    spoils++;
  }

  /**
   * From now on, for all connections and both directions together.
   *
   * @param bytesEachSecond with 0 nothing is even read
   */
  void carryOnly(long bytesEachSecond) {
    bytesPerSecond = bytesEachSecond;
  }

  /** What is connected now never hears anything again; who comes later gets through. */
  void cut() {
    cuts++;
  }

  /** Bytes that never came to where they were sent. */
  long lost() {
    return lost;
  }

  /** For how long bytes have waited, in both directions together. */
  long heldBackMillis() {
    return heldBackNanos / 1_000_000;
  }

  @Override
  public void close() throws IOException {
    door.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private void serve() {
    try {
      while (true) {
        Socket dialling = door.accept();
        var accepting = new Socket();
        accepting.setReceiveBufferSize(buffer);
        accepting.connect(new InetSocketAddress(target, door.getLocalPort()));
        sockets.add(dialling);
        sockets.add(accepting);
        dialling.setTcpNoDelay(true);
        accepting.setTcpNoDelay(true);
        int mine = cuts;
        daemon(() -> copy(dialling, accepting, mine));
        daemon(() -> copy(accepting, dialling, mine));
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  private void copy(Socket from, Socket to, int mine) {
    byte[] chunk = new byte[CHUNK];
    int spoilt = spoils;
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
        holdBack(length);
        if (mine == cuts && spoilt != spoils) {
          spoilt = spoils;
          write(out, chunk, length);
        } else if (mine == cuts) {
          out.write(chunk, 0, length);
        } else {
          count(length);
        }
      }
    } catch (IOException e) {
      // One of them is closed; so is the other, now.
    }
  }

  private void write(OutputStream out, byte[] chunk, int length) throws IOException {
    int half = length / 2;
    switch (spoil) {
      case NONE -> out.write(chunk, 0, length);
      case FLIP -> {
        chunk[half] ^= 8;
        out.write(chunk, 0, length);
      }
      case REPEAT -> {
        out.write(chunk, 0, length);
        out.write(chunk, 0, length);
      }
      case SWAP -> {
        out.write(chunk, half, length - half);
        out.write(chunk, 0, half);
      }
      case LOSE -> out.write(chunk, 0, half);
    }
  }

  private synchronized void count(int length) {
    lost += length;
  }

  private void holdBack(int length) {
    while (bytesPerSecond == 0) {
      long began = System.nanoTime();
      LockSupport.parkNanos(1_000_000);
      synchronized (this) {
        heldBackNanos += System.nanoTime() - began;
      }
    }
    long rate = bytesPerSecond;
    if (rate == Long.MAX_VALUE) {
      return;
    }
    long until;
    synchronized (this) {
      freeNanos = Math.max(freeNanos, System.nanoTime()) + length * 1_000_000_000L / rate;
      until = freeNanos;
    }
    long began = System.nanoTime();
    while (System.nanoTime() < until) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
    synchronized (this) {
      heldBackNanos += System.nanoTime() - began;
    }
  }

  private static void daemon(Runnable work) {
    var thread = new Thread(work, "link");
    thread.setDaemon(true);
    thread.start();
  }
}
