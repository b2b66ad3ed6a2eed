package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.client.ClusterClient.RequestRefusedException;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.client.Situation.Outcome;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest.Then;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.yarn.DeployRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the application that runs a job and asks it for a savepoint until it is whole or there is
 * none: always under the same id, so that a JobManager that is started in between takes up the
 * question.
 */
final class SavepointErrand {
  private static final Logger LOG = LoggerFactory.getLogger(SavepointErrand.class);
  private static final Duration GONE = Duration.ofMinutes(3);

  /** In which an application is usually gone that has ended its job. */
  private static final Duration LOOK = Duration.ofSeconds(10);

  private static final long PAUSE_MILLIS = 100;
  private static final String STOPPED = "stopped with savepoint ";

  private final Console console;
  private final Configuration configuration;
  private final Words words;

  /**
   * @param words of the command
   */
  SavepointErrand(Console console, Configuration configuration, Words words) {
    this.console = console;
    this.configuration = configuration;
    this.words = words;
  }

  /** For a job whose cluster is known. */
  SavepointErrand(Console console, Configuration configuration) {
    this(console, configuration, Words.parse("savepoint", List.of()));
  }

  /** The job that was named, first of at most so many words. */
  static JobId job(String action, List<String> rest, int most) {
    if (rest.isEmpty() || rest.size() > most) {
      throw new CommandException(
          action
              + " wants the id of one job"
              + (most > 1 ? " and at most a directory" : "")
              + ", found "
              + rest.size()
              + " arguments (millrace list shows the ids)");
    }
    try {
      return new JobId(rest.get(0));
    } catch (IllegalArgumentException e) {
      throw new CommandException(e.getMessage() + " (millrace list shows the ids)");
    }
  }

  /** {@code savepoint}. */
  int take(JobId job, Optional<String> folder) throws DeployRefusedException {
    console.say("Triggering savepoint for job " + job + ".");
    console.say("Waiting for response...");
    String path = ask(job, folder, Then.GO_ON);
    console.say("Savepoint completed. Path: " + path);
    console.say("You can resume your program from this savepoint with the run command: -s " + path);
    return 0;
  }

  /** {@code stop}. */
  int stop(JobId job, Optional<String> folder, boolean drain) throws DeployRefusedException {
    console.say(
        (drain ? "Draining" : "Suspending") + " job \"" + job + "\" with a CANONICAL savepoint.");
    console.say("Triggering stop-with-savepoint for job " + job + ".");
    console.say("Waiting for response...");
    String path = ask(job, folder, drain ? Then.DRAIN : Then.STOP);
    console.say("Savepoint completed. Path: " + path);
    return 0;
  }

  /** {@code cancel -s}. */
  int cancel(JobId job, Optional<String> folder) throws DeployRefusedException {
    console.say(
        "Cancelling job " + job + " with savepoint to " + folder.orElse("the default") + ".");
    String path = ask(job, folder, Then.CANCEL);
    console.say("Cancelled job " + job + ". Savepoint stored in " + path + ".");
    return 0;
  }

  private String ask(JobId job, Optional<String> folder, Then then) throws DeployRefusedException {
    try (Clusters clusters = Clusters.of(console, configuration, words)) {
      List<String> silent = new ArrayList<>();
      for (RunningCluster application : clusters.all()) {
        try (application) {
          if (has(application, job, silent)) {
            return ask(application, job, folder, then);
          }
        }
      }
      throw new CommandException(
          silent.isEmpty()
              ? "no running application of yours has the job "
                  + job
                  + "; millrace list shows those that run"
              : "whether " + silent.get(0) + " has the job " + job + " is not known; try again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException(
          "interrupted; whether there will be a savepoint of job " + job + " is not known");
    }
  }

  private boolean has(RunningCluster application, JobId job, List<String> silent)
      throws InterruptedException {
    try {
      if (application.situation().reachable()) {
        application.client().job(Optional.of(job), Integer.MAX_VALUE);
        LOG.debug("{} outlives its jobs: {}", application.id(), application.outlivesJobs());
        return true;
      }
      console.warn(application.id() + " has no JobManager yet");
    } catch (RequestRefusedException e) {
      LOG.info("{}: {}", application.id(), e.getMessage()); // it has other jobs
      return false;
    } catch (IOException e) {
      console.warn(application.id() + " does not answer: " + e.getMessage());
    }
    silent.add(application.id());
    return false;
  }

  /** Of an application that is known to have the job. */
  String ask(RunningCluster application, JobId job, Optional<String> folder, Then then)
      throws InterruptedException {
    String id = UUID.randomUUID().toString().replace("-", "");
    Duration timeout = configuration.get(ClientSettings.TIMEOUT);
    long deadline = System.nanoTime() + timeout.toNanos();
    Optional<String> trouble = Optional.empty();
    while (System.nanoTime() < deadline) {
      try {
        Situation situation = application.situation();
        if (situation.ended()) {
          return application.outlivesJobs()
              ? ofEndedSession(application, job, id)
              : ofEnded(situation, job, id);
        }
        if (situation.reachable()) {
          ClientAnswer.Savepoint answer = application.client().savepoint(job, id, folder, then);
          trouble = Optional.empty();
          if (answer.failure().isPresent()) {
            throw new CommandException(
                "there is no savepoint of job " + job + ": " + answer.failure().get());
          }
          if (answer.path().isPresent()) {
            if (then != Then.GO_ON) {
              awaitEnd(application, job, answer.path().get(), then);
            }
            return answer.path().get();
          }
        }
      } catch (RequestRefusedException e) {
        throw new CommandException(e.getMessage());
      } catch (IOException e) {
        LOG.info("{}: {}", application.id(), e.getMessage()); // it has ended, or moved
        trouble = Optional.of(e.getMessage());
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    throw new CommandException(
        "the savepoint of job "
            + job
            + " is not complete after "
            + timeout.toSeconds()
            + " s ("
            + ClientSettings.TIMEOUT.key()
            + ")"
            + trouble.map(reason -> ": " + reason).orElse("")
            + "; it may be completed yet, as "
            + name(job, id)
            + " in its folder");
  }

  private void awaitEnd(RunningCluster application, JobId job, String path, Then then)
      throws IOException, InterruptedException {
    var silence = new Silence(application, job, configuration.get(ClientSettings.TIMEOUT));
    if (application.outlivesJobs()) {
      awaitEndInSession(application, job, path, then, silence);
      return;
    }
    long deadline = System.nanoTime() + GONE.toNanos();
    while (!application.awaitGone(LOOK) && System.nanoTime() < deadline) {
      Situation situation = application.situation();
      if (!situation.ended()) {
        silence.ask(situation);
        silence.check(complete(path));
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    Situation end = application.situation();
    Outcome wished = then == Then.CANCEL ? Outcome.KILLED : Outcome.SUCCEEDED;
    if (!end.ended() || end.outcome() != wished) {
      throw new CommandException(
          "the savepoint "
              + path
              + " is complete, but job "
              + job
              + (end.ended()
                  ? " ended " + end.outcome() + ": " + end.diagnostics()
                  : " has not ended in " + GONE.toMinutes() + " minutes")
              + "; see "
              + application.logs());
    }
  }

  /** The session goes on, and may move to another JobManager meanwhile. */
  private static void awaitEndInSession(
      RunningCluster application, JobId job, String path, Then then, Silence silence)
      throws IOException, InterruptedException {
    JobStatus wished = then == Then.CANCEL ? JobStatus.CANCELED : JobStatus.FINISHED;
    long deadline = System.nanoTime() + GONE.toNanos();
    String last = "has not ended in " + GONE.toMinutes() + " minutes";
    while (System.nanoTime() < deadline) {
      Optional<JobStatus> status = application.result(job).map(JobResult::status);
      if (status.filter(wished::equals).isPresent()) {
        return;
      }
      if (status.isPresent()) {
        last = "ended " + status.get();
        break;
      }
      silence.ask();
      silence.check(complete(path));
      Thread.sleep(PAUSE_MILLIS);
    }
    throw new CommandException(
        "the savepoint "
            + path
            + " is complete, but job "
            + job
            + " "
            + last
            + "; see "
            + application.logs());
  }

  private static String complete(String path) {
    return "the savepoint " + path + " is complete";
  }

  private static String ofEndedSession(RunningCluster application, JobId job, String id)
      throws IOException {
    return application
        .result(job)
        .flatMap(JobResult::savepoint)
        .filter(path -> path.endsWith(name(job, id)))
        .orElseThrow(
            () ->
                new CommandException(
                    "the session of job " + job + " has ended without this savepoint"));
  }

  /** The last word of a job that was stopped names its savepoint, if nobody else could. */
  private static String ofEnded(Situation situation, JobId job, String id) {
    String last = situation.diagnostics() == null ? "" : situation.diagnostics().strip();
    if (last.startsWith(STOPPED) && last.endsWith(name(job, id))) {
      return last.substring(STOPPED.length());
    }
    throw new CommandException(
        "job " + job + " has ended without this savepoint" + (last.isEmpty() ? "" : ": " + last));
  }

  private static String name(JobId job, String id) {
    return "savepoint-" + job.hex().substring(0, 6) + "-" + id.substring(0, 12);
  }
}
