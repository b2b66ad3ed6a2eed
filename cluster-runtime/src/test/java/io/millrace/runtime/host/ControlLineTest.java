package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.jobmanager.Connection;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client says things again to a JobManager that is slow to read. */
class ControlLineTest {
  private static final String APPLICATION = "application_1_0001";
  private static final ClusterIdentity IDENTITY = ClusterIdentity.create(APPLICATION);

  /**
   * A JobManager that hears it reads no more until it may. Copies of it that were sent before it
   * was heard arrive later, and count for nothing.
   */
  private static final ClientRequest HALT = new ClientRequest.ListJobs(1);

  /** More than sockets hold, so it cannot leave while nobody reads. */
  private static final ClientRequest LARGE =
      new ClientRequest.EndProgram(2, JobStatus.FAILED, "x".repeat(2 * largestSendBuffer()));

  private final List<AutoCloseable> open = new ArrayList<>();
  private final ConcurrentLinkedQueue<Long> heard = new ConcurrentLinkedQueue<>();
  private final AtomicReference<InetSocketAddress> jobManager = new AtomicReference<>();
  private final CountDownLatch halted = new CountDownLatch(1);
  private final CountDownLatch readOn = new CountDownLatch(1);
  private volatile boolean hangsUp;

  @AfterEach
  void closeAll() throws Exception {
    readOn.countDown();
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  @Test
  void whatHasNotLeftIsNotSentAgainInTheWayOfTheNextQuestion() throws IOException {
    server(new Epoch(1, 0));
    ControlLine line = haltedLine();

    line.send(LARGE);
    line.send(LARGE);
    line.send(LARGE);
    line.send(new ClientRequest.ListJobs(3));
    readOn.countDown();

    Eventually.holds("the next question is heard", () -> heard.contains(3L));
    assertThat(heard).containsExactly(2L, 3L);
  }

  @Test
  void whatHasLeftIsSentAgain() throws IOException {
    server(new Epoch(1, 0));
    ControlLine line = haltedLine();
    line.send(LARGE);
    readOn.countDown();
    Eventually.holds("the first copy is heard", () -> heard.contains(2L));

    Eventually.holds(
        "a second copy is heard",
        () -> {
          line.send(LARGE);
          return heard.stream().filter(number -> number == 2).count() > 1;
        });
  }

  @Test
  void whatWasLostWithTheConnectionIsSentAgainOnTheNext() throws IOException {
    server(new Epoch(1, 0));
    ControlLine line = haltedLine();
    line.send(LARGE);
    hangsUp = true;
    readOn.countDown();

    Eventually.holds(
        "heard at last",
        () -> {
          line.send(LARGE);
          return heard.contains(2L);
        });
  }

  /**
   * What the kernel lets a sender's socket hold. The receiver's grows only as somebody reads from
   * it, so it holds what it began with, which is far less.
   */
  static int largestSendBuffer() {
    // Such a file can only be read at once.
    try (var sizes = Files.newBufferedReader(Path.of("/proc/sys/net/ipv4/tcp_wmem"))) {
      return Integer.parseInt(sizes.readLine().strip().split("\\s+")[2]);
    } catch (IOException e) {
      return 15 << 20; // not Linux
    }
  }

  /** A line to a JobManager that has just stopped to read. */
  private ControlLine haltedLine() {
    var line = new ControlLine(IDENTITY, APPLICATION, jobManager::get);
    open.add(line);
    line.open(answer -> {});
    Eventually.holds(
        "connected",
        () -> {
          line.send(HALT);
          return halted.getCount() == 0;
        });
    return line;
  }

  private ControlServer server(Epoch epoch) throws IOException {
    var server =
        new ControlServer(
            IDENTITY,
            APPLICATION,
            "localhost",
            0,
            epoch,
            TransportLimits.DEFAULT,
            (from, message) -> {
              if (message instanceof Connection) {
                return;
              }
              if (!message.equals(HALT)) {
                heard.add(((ClientRequest) message).number());
                return;
              }
              halted.countDown();
              awaitReadOn();
              if (hangsUp) {
                throw new IllegalStateException("closes the connection with all that is in it");
              }
            });
    open.add(server);
    jobManager.set(new InetSocketAddress("localhost", server.port()));
    return server;
  }

  private void awaitReadOn() {
    try {
      readOn.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
