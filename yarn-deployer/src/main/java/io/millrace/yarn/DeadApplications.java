package io.millrace.yarn;

import io.millrace.runtime.protocol.JobSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what applications of this user left that have ended without their JobManager, and settles
 * it. Several clusters may share the user's folder, so an application is dead only if the
 * ResourceManager says so, or has given out its id and knows nothing of it; what another one has
 * started is left alone. One thread uses it.
 */
public final class DeadApplications {
  private static final Logger LOG = LoggerFactory.getLogger(DeadApplications.class);

  /** YARN does not know an application between its staging and its submission. */
  private static final Duration STAGING_TIME = Duration.ofMinutes(10);

  private final Staging staging;
  private final Configuration conf;
  private final YarnReports reports;

  DeadApplications(Staging staging, Configuration conf, YarnReports reports) {
    this.staging = staging;
    this.conf = conf;
    this.reports = reports;
  }

  /**
   * What came of cleaning, one line for each application.
   *
   * @param failed those that could not be settled; they stay for a later try
   * @param left those of another ResourceManager, of which nothing is known here
   */
  public record Cleaned(List<String> settled, List<String> failed, List<String> left) {
    public Cleaned {
      settled = List.copyOf(settled);
      failed = List.copyOf(failed);
      left = List.copyOf(left);
    }

    public boolean isEmpty() {
      return settled.isEmpty() && failed.isEmpty() && left.isEmpty();
    }
  }

  /** What is known of an application that has something staged. */
  private enum Life {
    LIVES,
    /** Its client may be about to submit it. */
    STARTING,
    DEAD,
    /** Another ResourceManager has started it, or this one before it was started anew. */
    UNKNOWN
  }

  /** Settles and removes what dead applications left. */
  public Cleaned clean() throws DeployRefusedException {
    return clean(leftover -> true);
  }

  /** The same for those that wrote to a directory, or have it as their own. */
  public Cleaned cleanPath(String path) throws DeployRefusedException {
    Cleaned cleaned = clean(leftover -> leftover.concerns(path));
    // A job that never came to write may have promised a directory that is not there.
    if (cleaned.isEmpty()) {
      refuseMissing(path);
    }
    return cleaned;
  }

  private void refuseMissing(String path) throws DeployRefusedException {
    try {
      var place = new Path(path);
      if (!place.getFileSystem(conf).exists(place)) {
        throw new DeployRefusedException(
            "there is nothing at " + path + "; give an output directory, or no path to clean all");
      }
    } catch (IOException | RuntimeException e) {
      throw new DeployRefusedException("cannot look at " + path, e);
    }
  }

  /**
   * The same for one application.
   *
   * @param force also if its ResourceManager is not there to ask, because the user knows that it
   *     has ended; refused all the same if it is known to live
   */
  public Cleaned cleanApplication(String id, boolean force) throws DeployRefusedException {
    ApplicationId application = YarnApplication.parse(id);
    refuseLiving(application);
    var cleaned = new Tally();
    for (FileStatus staged : staged()) {
      if (staged.getPath().getName().equals(application.toString())) {
        Life life = life(application, staged);
        if (!force && life != Life.DEAD) {
          throw new DeployRefusedException(
              life == Life.STARTING
                  ? "the submission of "
                      + application
                      + " may be under way; if its client is gone,"
                      + " try again in ten minutes, or with --force"
                  : unknown(application));
        }
        cleaned.settle(leftover(application));
      }
    }
    return cleaned.whole();
  }

  private void refuseLiving(ApplicationId application) throws DeployRefusedException {
    Optional<ApplicationReport> report = reports.of(application);
    if (report.isPresent() && YarnApplication.lives(report.get())) {
      throw new DeployRefusedException(
          application
              + " is "
              + report.get().getYarnApplicationState()
              + "; cancel its job, or end it with yarn application -kill "
              + application);
    }
  }

  private interface Choice {
    boolean takes(Leftover leftover) throws IOException;
  }

  private Cleaned clean(Choice choice) throws DeployRefusedException {
    var cleaned = new Tally();
    for (FileStatus staged : staged()) {
      ApplicationId application = YarnApplication.parse(staged.getPath().getName());
      Life life = life(application, staged);
      if (life == Life.DEAD || life == Life.UNKNOWN) {
        Leftover leftover = leftover(application);
        try {
          if (!choice.takes(leftover)) {
            continue;
          }
        } catch (IOException e) {
          cleaned.fail(leftover, e);
          continue;
        }
        if (life == Life.DEAD) {
          cleaned.settle(leftover);
        } else {
          cleaned.left.add(unknown(application));
        }
      }
    }
    return cleaned.whole();
  }

  private static final class Tally {
    private final List<String> settled = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();
    private final List<String> left = new ArrayList<>();

    private void settle(Leftover leftover) {
      try {
        settled.add(leftover.settle());
      } catch (IOException | RuntimeException e) {
        fail(leftover, e);
      }
    }

    private void fail(Leftover leftover, Exception e) {
      LOG.info("What {} left could not be cleaned", leftover.id(), e);
      failed.add(
          leftover.id()
              + " could not be cleaned: "
              + DeployRefusedException.reason(e)
              + "; millrace clean -yid "
              + leftover.id()
              + " tries again");
    }

    private Cleaned whole() {
      return new Cleaned(settled, failed, left);
    }
  }

  /** Fails if a job of the lineage may run: a second one would write where it writes. */
  public void checkNoneRuns(String lineage) throws DeployRefusedException {
    for (FileStatus staged : staged()) {
      ApplicationId application = YarnApplication.parse(staged.getPath().getName());
      Life life = life(application, staged);
      for (JobSpec job : life == Life.DEAD ? List.<JobSpec>of() : openJobs(application)) {
        if (job.lineage().equals(lineage)) {
          throw new DeployRefusedException(
              "job "
                  + job.job()
                  + ", which this checkpoint belongs to, "
                  + (life == Life.UNKNOWN
                      ? "may still run: " + unknown(application)
                      : "still runs as "
                          + application
                          + "; end it first: "
                          + YarnApplication.cancelCommand(application.toString(), job.job())));
        }
      }
    }
  }

  private List<JobSpec> openJobs(ApplicationId application) throws DeployRefusedException {
    try {
      return leftover(application).openJobs();
    } catch (IOException e) {
      throw new DeployRefusedException(
          "whether the checkpoint's job still runs is unknown, for what "
              + application
              + " has staged cannot be read",
          e);
    }
  }

  private Life life(ApplicationId application, FileStatus staged) throws DeployRefusedException {
    Optional<ApplicationReport> report = reports.of(application);
    if (report.isPresent()) {
      return YarnApplication.lives(report.get()) ? Life.LIVES : Life.DEAD;
    }
    if (!reports.issued(application)) {
      return Life.UNKNOWN;
    }
    // It was never submitted, or has ended so long ago that YARN has forgotten it.
    long ageMillis = System.currentTimeMillis() - staged.getModificationTime();
    return ageMillis > STAGING_TIME.toMillis() ? Life.DEAD : Life.STARTING;
  }

  private String unknown(ApplicationId application) {
    return application
        + " is not known to "
        + reports.source()
        + ", which has not started it; end and clean it on its own cluster, or, if it has ended for"
        + " certain: millrace clean -yid "
        + application
        + " --force";
  }

  private List<FileStatus> staged() throws DeployRefusedException {
    try {
      return staging.applications();
    } catch (IOException e) {
      throw new DeployRefusedException("what was staged in " + staging.base() + " is unknown", e);
    }
  }

  private Leftover leftover(ApplicationId application) {
    return new Leftover(application.toString(), staging, conf);
  }
}
