package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.Setting.InvalidSettingException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JobManagers that stand by for each other, with a real ZooKeeper. */
class CandidacyTest {
  private static final int TICK_MILLIS = 300;

  @TempDir Path folder;
  private ServerCnxnFactory zookeeper;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @BeforeEach
  void startZooKeeper() throws Exception {
    zookeeper = new NIOServerCnxnFactory();
    zookeeper.configure(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 20);
    zookeeper.startup(new ZooKeeperServer(folder.toFile(), folder.toFile(), TICK_MILLIS));
  }

  @AfterEach
  void stopZooKeeper() {
    threads.shutdownNow();
    zookeeper.shutdown();
  }

  private Candidacy candidate(String cluster) {
    return Candidacy.of(
        new Configuration(
            Map.of(
                "high-availability.zookeeper.quorum",
                "localhost:" + zookeeper.getLocalPort(),
                "high-availability.zookeeper.client.session-timeout",
                "1 s",
                "high-availability.cluster-id",
                cluster)));
  }

  /** Completed when it is the candidate's turn; counts down once it knows that it is not yet. */
  private Future<?> stands(Candidacy candidate, CountDownLatch waits) {
    return threads.submit(
        () -> {
          candidate.awaitTurn(
              () -> {
                waits.countDown();
                return true;
              });
          return null;
        });
  }

  @Test
  void anotherTakesItsTurnWhenOneHasGone() throws Exception {
    var waits = new CountDownLatch(1);
    try (Candidacy second = candidate("a")) {
      Future<?> turn;
      try (Candidacy first = candidate("a")) {
        first.awaitTurn(() -> true);
        turn = stands(second, waits);
        assertThat(waits.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(turn.isDone()).isFalse();
      }
      turn.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void whoHasHadItsTurnStandsBehindTheOthers() throws Exception {
    var waits = new CountDownLatch(1);
    var waitsAgain = new CountDownLatch(1);
    try (Candidacy first = candidate("a");
        Candidacy second = candidate("a")) {
      first.awaitTurn(() -> true);
      Future<?> turn = stands(second, waits);
      assertThat(waits.await(30, TimeUnit.SECONDS)).isTrue();

      Future<?> again = stands(first, waitsAgain);
      turn.get(30, TimeUnit.SECONDS);
      assertThat(waitsAgain.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(again.isDone()).isFalse();
    }
  }

  @Test
  void clustersOfOneZooKeeperDoNotMeet() throws Exception {
    try (Candidacy one = candidate("a");
        Candidacy other = candidate("b")) {
      one.awaitTurn(() -> true);
      stands(other, new CountDownLatch(1)).get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void saysWhichKeyIsMissing() {
    assertThatThrownBy(() -> Candidacy.of(Configuration.EMPTY))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("high-availability.zookeeper.quorum");
  }
}
