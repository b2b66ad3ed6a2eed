package io.millrace.runtime.host;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * Thousands of strangers at one port, each of whom begins and never goes on: in silence, with the
 * first half of a TLS greeting, with one byte of it after the other, and one in twenty with a whole
 * one after which nothing follows. Nobody hangs up: only the port closes connections.
 */
final class Flood {
  /** Between two bytes of the slow ones. */
  private static final long DRIP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final UnixOperatingSystemMXBean SYSTEM =
      (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final int port;
  private final int all;
  private final Duration patience;
  private final List<Knock> knocks = new ArrayList<>();
  private final int atOnce;
  private int opened;
  private long filesBefore;
  private long mostFiles;

  /** One connection that came. */
  private static final class Knock {
    final SocketChannel channel;
    final ByteBuffer says;
    final boolean slow;
    boolean closed;

    Knock(SocketChannel channel, ByteBuffer says, boolean slow) {
      this.channel = channel;
      this.says = says;
      this.slow = slow;
    }
  }

  /**
   * @param patience how long the port may take to close the last connection
   */
  Flood(int port, int all, Duration patience) {
    this.port = port;
    this.patience = patience;
    this.all = all;
    // As many as this process may hold open, with room for everything else in it.
    this.atOnce = (int) Math.min(all, SYSTEM.getMaxFileDescriptorCount() / 2);
  }

  /** Comes, and goes on until the port has closed every single connection. */
  void run() throws IOException {
    byte[] hello = clientHello();
    filesBefore = SYSTEM.getOpenFileDescriptorCount();
    long drip = System.nanoTime();
    while (opened < all) {
      knocks.add(knock(hello));
      opened++;
      if (knocks.size() >= atOnce) {
        hangUpOnTheClosed();
      }
      if (opened % 100 == 0) {
        measure();
      }
      if (System.nanoTime() - drip > DRIP_NANOS) {
        drip();
        drip = System.nanoTime();
      }
    }
    long end = System.nanoTime() + patience.toNanos();
    while (knocks.stream().anyMatch(each -> !each.closed)) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("some connections are still open after " + patience);
      }
      drip();
      measure();
      LockSupport.parkNanos(DRIP_NANOS);
    }
    for (Knock each : knocks) {
      each.channel.close();
    }
  }

  /** Most files that were open in this process at once besides the strangers' own ends. */
  long mostFilesOfThePort() {
    return mostFiles;
  }

  private Knock knock(byte[] hello) throws IOException {
    var channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.configureBlocking(false);
    boolean slow = opened % 3 == 0;
    int first = slow ? 1 : opened % 20 == 1 ? hello.length : opened % 3 == 1 ? hello.length / 2 : 0;
    // The last byte is never said, but by those who say all at once.
    var knock = new Knock(channel, ByteBuffer.wrap(hello), slow);
    say(knock, first);
    return knock;
  }

  private void drip() {
    for (Knock each : knocks) {
      if (!each.closed) {
        if (each.slow && each.says.remaining() > 1) {
          say(each, 1);
        }
        notice(each);
      }
    }
  }

  private static void say(Knock knock, int bytes) {
    try {
      knock.channel.write(knock.says.slice(knock.says.position(), bytes));
      knock.says.position(knock.says.position() + bytes);
    } catch (IOException e) {
      knock.closed = true;
    }
  }

  /** Whether the port has closed it; what it answers is read and forgotten. */
  private static void notice(Knock knock) {
    try {
      knock.closed |= knock.channel.read(ByteBuffer.allocate(8 << 10)) < 0;
    } catch (IOException e) {
      knock.closed = true;
    }
  }

  private void hangUpOnTheClosed() throws IOException {
    drip();
    for (var each = knocks.iterator(); each.hasNext(); ) {
      Knock knock = each.next();
      if (knock.closed) {
        knock.channel.close();
        each.remove();
      }
    }
  }

  private void measure() {
    long others = SYSTEM.getOpenFileDescriptorCount() - filesBefore - knocks.size();
    mostFiles = Math.max(mostFiles, others);
  }

  static byte[] clientHello() throws SSLException {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(null, null, null);
      SSLEngine engine = context.createSSLEngine();
      engine.setUseClientMode(true);
      var out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      engine.wrap(ByteBuffer.allocate(0), out);
      var bytes = new byte[out.flip().remaining()];
      out.get(bytes);
      return bytes;
    } catch (java.security.GeneralSecurityException e) {
      throw new SSLException(e);
    }
  }
}
