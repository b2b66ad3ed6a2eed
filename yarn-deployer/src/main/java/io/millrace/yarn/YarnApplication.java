package io.millrace.yarn;

import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.host.ControlLine;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One application as its owner sees it: through YARN, and through the control port of its
 * JobManager wherever that is at the moment.
 */
public final class YarnApplication implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(YarnApplication.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final long LOOK_MILLIS = 50;

  private final String id;
  private final ClusterIdentity identity;
  private final YarnClient yarn;
  private final Staging staging;
  private volatile InetSocketAddress jobManager;

  // Guarded by this.
  private ClusterClient client;
  private StagedCluster cluster;

  YarnApplication(String id, ClusterIdentity identity, YarnClient yarn, Staging staging) {
    this.id = id;
    this.identity = identity;
    this.yarn = yarn;
    this.staging = staging;
  }

  /**
   * What YARN says.
   *
   * @param outcome UNDEFINED as long as it has not ended
   * @param jobManager host and port of the JobManager's control port, as host:port; empty if none
   *     has told YARN where it is
   * @param diagnostics may be empty
   */
  public record Situation(
      YarnApplicationState state,
      String jobManager,
      FinalApplicationStatus outcome,
      String diagnostics) {
    /** Whether there is a JobManager. */
    public boolean reachable() {
      return !jobManager.isEmpty();
    }

    /** Whether nothing follows. */
    public boolean ended() {
      return state == YarnApplicationState.FINISHED
          || state == YarnApplicationState.FAILED
          || state == YarnApplicationState.KILLED;
    }
  }

  public String id() {
    return id;
  }

  /** The same, of which is known what it has staged. */
  YarnApplication running(StagedCluster staged) {
    synchronized (this) {
      cluster = staged;
    }
    return this;
  }

  /** What it has staged, which never changes. */
  synchronized StagedCluster cluster() throws IOException {
    if (cluster == null) {
      cluster = staging.cluster(id);
    }
    return cluster;
  }

  /** Whether it outlives its jobs: what becomes of them, YARN does not know. */
  public boolean outlivesJobs() throws IOException {
    return cluster().job().isEmpty();
  }

  /** Whether it takes jobs of others than its own main(). */
  boolean isSession() throws IOException {
    return cluster().mode() instanceof StagedCluster.Session;
  }

  /**
   * How a job of one that outlives it ended, from what is durable; empty if it has not, or that
   * cannot be seen at the moment.
   */
  public Optional<JobResult> result(JobId job) throws IOException {
    return staging.result(cluster(), job);
  }

  /** Whether its JobManager listens there at the moment. */
  boolean listensAt(String host, int port) throws IOException {
    InetSocketAddress here = situation().reachable() ? jobManager : null;
    return here != null && here.getPort() == port && sameHost(here.getHostString(), host);
  }

  private static boolean sameHost(String one, String other) {
    try {
      return one.equalsIgnoreCase(other)
          || InetAddress.getByName(one).equals(InetAddress.getByName(other));
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** What a user types to cancel a job of this application. */
  public String cancelCommand(JobId job) {
    return cancelCommand(id, job);
  }

  /** What a user types to cancel a job of an application. */
  public static String cancelCommand(String applicationId, JobId job) {
    return "millrace cancel -yid " + applicationId + " " + job;
  }

  static ApplicationId parse(String id) throws DeployRefusedException {
    try {
      return ApplicationId.fromString(id);
    } catch (IllegalArgumentException e) {
      LOG.debug("{}", id, e);
      throw new DeployRefusedException(
          "'" + id + "' is not an application id such as application_1700000000000_0001");
    }
  }

  public Situation situation() throws IOException {
    try {
      ApplicationReport report = yarn.getApplicationReport(ApplicationId.fromString(id));
      String host = report.getHost();
      boolean reachable =
          report.getYarnApplicationState() == YarnApplicationState.RUNNING
              && report.getRpcPort() > 0
              && host != null
              && !host.isEmpty()
              && !host.equals("N/A");
      if (reachable) {
        jobManager = InetSocketAddress.createUnresolved(host, report.getRpcPort());
      }
      String diagnostics = report.getDiagnostics() == null ? "" : report.getDiagnostics();
      return new Situation(
          report.getYarnApplicationState(),
          reachable ? host + ":" + report.getRpcPort() : "",
          report.getFinalApplicationStatus(),
          diagnostics);
    } catch (YarnException e) {
      throw new IOException(DeployRefusedException.reason(e), e);
    }
  }

  static boolean lives(ApplicationReport report) {
    return switch (report.getYarnApplicationState()) {
      case FINISHED, FAILED, KILLED -> false;
      default -> true;
    };
  }

  /** Has YARN end it by force, and waits for that. What its job promised is not settled. */
  public void kill() throws IOException {
    try {
      yarn.killApplication(ApplicationId.fromString(id));
    } catch (YarnException e) {
      throw new IOException(DeployRefusedException.reason(e), e);
    }
  }

  /** Asks the JobManager, at the address that the last {@link #situation} gave. */
  public synchronized ClusterClient client() {
    if (client == null) {
      client = ControlLine.client(identity, id, () -> jobManager, PATIENCE);
    }
    return client;
  }

  /**
   * Waits until YARN too calls it ended and its staging directory is gone; false if that takes
   * longer, which harms nothing.
   */
  public boolean awaitGone(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      try {
        if (situation().ended() && !staging.files().exists(staging.directory(id))) {
          return true;
        }
      } catch (IOException e) {
        return false;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    return false;
  }

  @Override
  public synchronized void close() {
    if (client != null) {
      client.close();
      client = null;
    }
  }
}
