package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.cli.Flag.Meaning;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.client.ClusterClient.RequestRefusedException;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.yarn.DeployRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code millrace cancel}: returns once the job is cancelled. */
final class CancelCommand {
  private static final Logger LOG = LoggerFactory.getLogger(CancelCommand.class);
  private static final Duration DEADLINE = Duration.ofMinutes(3);
  private static final Duration GONE = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 100;

  private final Console console;
  private final Configuration configuration;
  private final Words words;

  CancelCommand(Console console, Configuration configuration, Words words) {
    this.console = console;
    this.configuration = configuration;
    this.words = words;
  }

  int run() throws DeployRefusedException {
    if (words.has(Meaning.SAVEPOINT)) {
      Optional<String> folder = words.last(Meaning.SAVEPOINT).map(Words.Given::argument);
      return new SavepointErrand(console, configuration, words).cancel(job(), folder);
    }
    JobId job = job();
    try (Clusters clusters = Clusters.of(console, configuration, words)) {
      console.say("Cancelling job " + job + ".");
      List<RunningCluster> silent = new ArrayList<>();
      List<String> refusals = new ArrayList<>();
      List<? extends RunningCluster> asked = clusters.all();
      for (RunningCluster application : asked) {
        OptionalInt code = cancel(application, job, silent, refusals);
        if (code.isPresent()) {
          return code.getAsInt();
        }
      }
      if (asked.size() == 1 && refusals.size() == 1) {
        throw new CommandException(refusals.get(0));
      }
      if (silent.isEmpty()) {
        throw new CommandException(
            "no running application of yours has the job "
                + job
                + "; millrace list shows those that run");
      }
      throw new CommandException(
          "whether job "
              + job
              + " is cancelled is not known; try again, or end its cluster by force: "
              + silent.get(0).killCommand());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("interrupted; whether job " + job + " is cancelled is not known");
    }
  }

  private JobId job() {
    return SavepointErrand.job("cancel", words.rest(), 1);
  }

  /**
   * The exit code; empty if the application does not have the job to cancel and says why, or, added
   * to the silent ones, does not say.
   */
  private OptionalInt cancel(
      RunningCluster application, JobId job, List<RunningCluster> silent, List<String> refusals)
      throws InterruptedException {
    try (application) {
      Situation situation = application.situation();
      if (!situation.reachable()) {
        console.warn(application.id() + " has no JobManager yet: " + situation.state());
        silent.add(application);
        return OptionalInt.empty();
      }
      // Known before it may be gone, and what it has staged with it.
      boolean outlivesJobs = application.outlivesJobs();
      Optional<String> heldUp = application.client().cancel(job);
      OptionalInt code = OptionalInt.of(awaitEnd(application, job, heldUp));
      if (!outlivesJobs) {
        application.awaitGone(GONE);
      }
      return code;
    } catch (RequestRefusedException e) {
      LOG.info("{}: {}", application.id(), e.getMessage()); // it has other jobs
      refusals.add(application.id() + " refuses: " + e.getMessage());
      return OptionalInt.empty();
    } catch (IOException e) {
      console.warn(application.id() + " does not answer: " + e.getMessage());
      silent.add(application);
      return OptionalInt.empty();
    }
  }

  private int awaitEnd(RunningCluster application, JobId job, Optional<String> first)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    Optional<String> heldUp = first;
    heldUp.ifPresent(this::tellDelay);
    var silence = new Silence(application, job, configuration.get(ClientSettings.TIMEOUT));
    while (System.nanoTime() < deadline) {
      Situation situation = application.situation();
      if (situation.ended()) {
        return told(job, endedWith(application, situation, job));
      }
      Optional<JobStatus> status = silence.ask(situation);
      if (status.isPresent() && status.get().terminal()) {
        return told(job, status.get());
      }
      silence.check("job " + job + " was told to cancel");
      if (situation.reachable() && heldUp.isPresent()) {
        heldUp = askAgain(application, job, heldUp);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    throw new CommandException(
        "job "
            + job
            + " was told to cancel but has not ended in "
            + DEADLINE.toMinutes()
            + " minutes"
            + heldUp.map(reason -> ", because " + reason).orElse("")
            + "; to end it by force: "
            + application.killCommand());
  }

  private static JobStatus endedWith(RunningCluster application, Situation situation, JobId job)
      throws IOException {
    if (application.outlivesJobs()) {
      return application
          .result(job)
          .map(JobResult::status)
          .orElseThrow(
              () ->
                  new CommandException(
                      "the application of job "
                          + job
                          + " has ended before the job; "
                          + application.settleAdvice()));
    }
    return switch (situation.outcome()) {
      case SUCCEEDED -> JobStatus.FINISHED;
      case KILLED -> JobStatus.CANCELED;
      default -> JobStatus.FAILED;
    };
  }

  private void tellDelay(String reason) {
    console.warn("The job ends as soon as its checkpoint storage allows: " + reason);
  }

  /** Until the wish is durable, or the JobManager moves: the next one must hear it too. */
  private Optional<String> askAgain(RunningCluster application, JobId job, Optional<String> heldUp)
      throws InterruptedException {
    try {
      return application.client().cancel(job);
    } catch (IOException e) {
      LOG.info("{}: {}", application.id(), e.getMessage()); // it has ended, or moved
      return heldUp;
    }
  }

  private int told(JobId job, JobStatus status) {
    if (status == JobStatus.CANCELED) {
      console.say("Cancelled job " + job + ".");
      return 0;
    }
    throw new CommandException(
        "job " + job + " was not cancelled: it had ended before and is " + status);
  }
}
