package io.millrace.runtime.host;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether processes have ended that listened on a port: their machine refuses whoever
 * connects to it. From who answers, or does not, nothing follows.
 *
 * <p>In threads of its own, for looking a name up may take long.
 */
final class Knocker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Knocker.class);
  private static final int PATIENCE_MILLIS = 500;
  private static final int THREADS = 8;

  /** A process closes what it has open one by one as it ends, so that its port may still answer. */
  private static final int KNOCKS = 3;

  private final ThreadPoolExecutor threads;

  Knocker(String name) {
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            knocking -> {
              var thread = new Thread(knocking, name);
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy()); // once it is closed
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * @param refused called, from another thread, if nobody listens there
   */
  void knock(String host, int port, Runnable refused) {
    threads.execute(
        () -> {
          try {
            for (int knock = 0; knock < KNOCKS && !stays(host, port); knock++) {
              LOG.debug("{}:{} closed a connection at once", host, port);
            }
          } catch (ConnectException e) {
            refused.run();
          } catch (IOException e) {
            LOG.debug("Nothing is known of {}:{}", host, port, e);
          }
        });
  }

  /** Whether who accepts a connection does not close it again. */
  private static boolean stays(String host, int port) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      return isOpen(socket);
    }
  }

  private static boolean isOpen(Socket socket) {
    try {
      return socket.getInputStream().read() >= 0;
    } catch (SocketTimeoutException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
