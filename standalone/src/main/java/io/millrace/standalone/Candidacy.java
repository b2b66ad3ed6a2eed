package io.millrace.standalone;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.Setting.InvalidSettingException;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.curator.utils.ZKPaths;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JobManager's process among those of a cluster that stand by for each other. ZooKeeper says
 * whose turn it is to start a JobManager, and nothing else: who commands is what the claims in the
 * cluster's folder say, so a JobManager whose turn is over, or that hears nothing of ZooKeeper,
 * goes on until somebody else has claimed.
 */
final class Candidacy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Candidacy.class);
  private static final int CONNECT_MILLIS = 5_000;
  private static final int RETRY_MILLIS = 200;
  private static final int RETRIES = 10;
  private static final long LOOK_MILLIS = 200;

  private final CuratorFramework zookeeper;
  private final String path;
  private LeaderLatch latch;

  private Candidacy(CuratorFramework zookeeper, String path) {
    this.zookeeper = zookeeper;
    this.path = path;
  }

  /**
   * @throws InvalidSettingException if it is not configured
   */
  static String quorum(Configuration configuration) {
    return configuration
        .find(StandaloneSettings.ZOOKEEPER_QUORUM)
        .orElseThrow(
            () ->
                new InvalidSettingException(
                    StandaloneSettings.HIGH_AVAILABILITY.key()
                        + " is zookeeper, so "
                        + StandaloneSettings.ZOOKEEPER_QUORUM.key()
                        + " has to say where that is, as host:port,host:port"));
  }

  /** Does not wait for ZooKeeper. */
  static Candidacy of(Configuration configuration) {
    CuratorFramework zookeeper =
        CuratorFrameworkFactory.newClient(
            quorum(configuration),
            Math.toIntExact(configuration.get(StandaloneSettings.ZOOKEEPER_SESSION).toMillis()),
            CONNECT_MILLIS,
            new ExponentialBackoffRetry(RETRY_MILLIS, RETRIES));
    zookeeper.start();
    return new Candidacy(
        zookeeper,
        ZKPaths.makePath(
            configuration.get(StandaloneSettings.ZOOKEEPER_ROOT),
            configuration.get(StandaloneSettings.CLUSTER_ID),
            "jobmanager"));
  }

  /**
   * Waits until it is this process's turn. Whoever calls it again has had his, and stands behind
   * all others.
   *
   * @param waiting asked again and again until it returns true, while it is another's turn
   */
  void awaitTurn(BooleanSupplier waiting) throws IOException, InterruptedException {
    leave();
    latch = new LeaderLatch(zookeeper, path, UUID.randomUUID().toString());
    try {
      latch.start();
    } catch (Exception e) {
      throw new IOException("ZooKeeper cannot be used: " + e.getMessage(), e);
    }
    LOG.info("Stands by at {}", path);
    boolean told = false;
    while (!latch.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      told = told || waiting.getAsBoolean();
    }
    LOG.info("It is this JobManager's turn");
  }

  private void leave() {
    if (latch != null) {
      try {
        latch.close();
      } catch (IOException | RuntimeException e) {
        LOG.info("{} is left to ZooKeeper, which takes it away in time", path, e);
      }
      latch = null;
    }
  }

  @Override
  public void close() {
    leave();
    zookeeper.close();
  }
}
