package io.millrace.cli;

import io.millrace.runtime.client.ClusterClient.RequestRefusedException;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * How long the JobManager of a job has said nothing. One that is paused keeps its line open, and
 * perhaps nobody succeeds it; so whoever waits for the job gives up after some time.
 */
final class Silence {
  private final RunningCluster application;
  private final JobId job;
  private final Duration most;
  private long lastWord = System.nanoTime();
  private String reason = "it has no JobManager";

  /**
   * @param most how long it may last
   */
  Silence(RunningCluster application, JobId job, Duration most) {
    this.application = application;
    this.job = job;
    this.most = most;
  }

  /** Asks how the job stands; empty if nobody says, which may do so for a while. */
  Optional<JobStatus> ask(Situation situation) throws InterruptedException {
    if (!situation.reachable()) {
      reason = "it has no JobManager";
      return Optional.empty();
    }
    try {
      JobStatus status =
          application.client().job(Optional.of(job), Integer.MAX_VALUE).summary().status();
      lastWord = System.nanoTime();
      return Optional.of(status);
    } catch (RequestRefusedException e) {
      lastWord = System.nanoTime();
      return Optional.empty();
    } catch (IOException e) {
      reason = e.getMessage();
      return Optional.empty();
    }
  }

  /** The same, wherever it is now. */
  Optional<JobStatus> ask() throws InterruptedException {
    try {
      return ask(application.situation());
    } catch (IOException e) {
      reason = e.getMessage();
      return Optional.empty();
    }
  }

  /**
   * @param known what is known of the job all the same
   * @throws CommandException if it has lasted too long
   */
  void check(String known) {
    if (System.nanoTime() - lastWord > most.toNanos()) {
      throw new CommandException(
          known
              + ", but the JobManager of "
              + application.id()
              + " has not answered for "
              + most.toSeconds()
              + " s ("
              + ClientSettings.TIMEOUT.key()
              + "): "
              + reason
              + "; whether the job has ended is not known");
    }
  }
}
