package io.millrace.yarn;

import static java.util.Comparator.comparing;

import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.client.ForgottenClusterException;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.client.Situation.Outcome;
import io.millrace.runtime.client.Situation.State;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.host.Contact;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.hadoop.yarn.api.records.ApplicationAttemptReport;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.YarnApplicationAttemptState;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.exceptions.ApplicationNotFoundException;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One application as its owner sees it: through YARN, and through the control port of its
 * JobManager wherever that is at the moment.
 */
public final class YarnApplication implements RunningCluster {
  private static final Logger LOG = LoggerFactory.getLogger(YarnApplication.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final long LOOK_MILLIS = 50;

  private final String id;
  private final YarnClient yarn;
  private final Staging staging;
  private final Contact contact;

  /** Guarded by this. */
  private StagedCluster cluster;

  YarnApplication(String id, ClusterIdentity identity, YarnClient yarn, Staging staging) {
    this.id = id;
    this.yarn = yarn;
    this.staging = staging;
    this.contact = new Contact(identity, id, PATIENCE, this::situation);
  }

  @Override
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

  @Override
  public boolean outlivesJobs() throws IOException {
    return cluster().job().isEmpty();
  }

  /** Whether it takes jobs of others than its own main(). */
  boolean isSession() throws IOException {
    return cluster().mode() instanceof StagedCluster.Session;
  }

  @Override
  public Optional<JobResult> result(JobId job) throws IOException {
    return staging.result(cluster(), job);
  }

  /**
   * How the jobs that its main() has submitted have ended, in their order, up to the first that has
   * not.
   */
  public Map<JobId, JobResult> results() throws IOException {
    var results = new LinkedHashMap<JobId, JobResult>();
    while (true) {
      JobId next = ProgramExecutor.idOf(id, results.size() + 1);
      Optional<JobResult> result = result(next);
      if (result.isEmpty()) {
        return results;
      }
      results.put(next, result.get());
    }
  }

  /** Whether its JobManager listens there at the moment. */
  boolean listensAt(String host, int port) throws IOException {
    return situation().reachable()
        && contact
            .place()
            .filter(here -> here.getPort() == port && sameHost(here.getHostString(), host))
            .isPresent();
  }

  private static boolean sameHost(String one, String other) {
    try {
      return one.equalsIgnoreCase(other)
          || InetAddress.getByName(one).equals(InetAddress.getByName(other));
    } catch (UnknownHostException e) {
      return false;
    }
  }

  @Override
  public String cancelCommand(JobId job) {
    return cancelCommand(id, job);
  }

  /** What a user types to cancel a job of an application. */
  public static String cancelCommand(String applicationId, JobId job) {
    return "millrace cancel -yid " + applicationId + " " + job;
  }

  @Override
  public String killCommand() {
    return "yarn application -kill " + id;
  }

  @Override
  public String settleAdvice() {
    return "millrace clean -yid " + id + " settles its output";
  }

  @Override
  public String logs() {
    return "yarn logs -applicationId " + id;
  }

  @Override
  public String outputs() {
    return logs() + " -log_files taskmanager.out";
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

  @Override
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
        contact.isAt(host, report.getRpcPort());
      }
      String diagnostics = report.getDiagnostics() == null ? "" : report.getDiagnostics();
      return new Situation(
          State.valueOf(report.getYarnApplicationState().name()),
          reachable ? host + ":" + report.getRpcPort() : "",
          outcome(report.getFinalApplicationStatus()),
          diagnostics,
          launched(report));
    } catch (ApplicationNotFoundException e) {
      throw new ForgottenClusterException(
          "YARN does not know "
              + id
              + " any more: it ended long ago, or the ResourceManager was started anew without"
              + " recovery (yarn.resourcemanager.recovery.enabled), which ends it; millrace clean -yid "
              + id
              + " --force settles its output",
          e);
    } catch (YarnException e) {
      throw new IOException(DeployRefusedException.reason(e), e);
    }
  }

  @Override
  public Optional<Death> lastDeath() throws IOException {
    try {
      return yarn.getApplicationAttempts(ApplicationId.fromString(id)).stream()
          .filter(
              attempt ->
                  attempt.getYarnApplicationAttemptState() == YarnApplicationAttemptState.FAILED)
          .max(comparing(ApplicationAttemptReport::getApplicationAttemptId))
          .map(
              attempt ->
                  AttemptEnd.of(
                      attempt.getApplicationAttemptId().getAttemptId(),
                      Objects.requireNonNullElse(attempt.getDiagnostics(), "")));
    } catch (YarnException e) {
      throw new IOException(DeployRefusedException.reason(e), e);
    }
  }

  private static OptionalLong launched(ApplicationReport report) {
    try {
      long millis = report.getLaunchTime();
      return millis > 0 ? OptionalLong.of(millis) : OptionalLong.empty();
    } catch (NoSuchMethodError e) {
      return OptionalLong.empty(); // the cluster's Hadoop is older than that
    }
  }

  private static Outcome outcome(FinalApplicationStatus status) {
    return switch (status) {
      case SUCCEEDED -> Outcome.SUCCEEDED;
      case FAILED -> Outcome.FAILED;
      case KILLED -> Outcome.KILLED;
      case UNDEFINED, ENDED -> Outcome.UNDEFINED;
    };
  }

  static boolean lives(ApplicationReport report) {
    return switch (report.getYarnApplicationState()) {
      case FINISHED, FAILED, KILLED -> false;
      default -> true;
    };
  }

  @Override
  public void kill() throws IOException {
    try {
      yarn.killApplication(ApplicationId.fromString(id));
    } catch (YarnException e) {
      throw new IOException(DeployRefusedException.reason(e), e);
    }
  }

  @Override
  public ClusterClient client() {
    return contact.client();
  }

  /** Until YARN too calls it ended and its staging directory is gone. */
  @Override
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
  public void close() {
    contact.close();
  }
}
