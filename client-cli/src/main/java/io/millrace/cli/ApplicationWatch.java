package io.millrace.cli;

import io.millrace.runtime.client.Situation.Outcome;
import io.millrace.runtime.client.Situation.State;
import io.millrace.runtime.protocol.JobId;
import io.millrace.yarn.YarnApplication;
import java.io.IOException;
import java.time.Duration;

/** Follows an application in which a main method runs: what YARN says of it, and of its jobs. */
final class ApplicationWatch {
  private static final long PAUSE_MILLIS = 100;
  private static final Duration GONE = Duration.ofSeconds(10);

  private final Console console;
  private final YarnApplication application;
  private final SessionWatch watch;

  ApplicationWatch(Console console, YarnApplication application) {
    this.console = console;
    this.application = application;
    this.watch = new SessionWatch(console, application, this::submitted, true);
  }

  private void submitted(JobId job) {
    console.say("Job has been submitted with JobID " + job);
  }

  /**
   * Returns once main() may run; the exit code. It says nothing of what main() has come to, not
   * even if that is known already: a script must not get another answer because YARN was fast.
   */
  int untilItRuns() throws InterruptedException {
    if (!watch.awaitJobManager()) {
      int code = ended();
      return watch.situation().state() == State.FINISHED ? 0 : code;
    }
    console.say("The application runs on without this command. Its jobs:");
    console.say("  millrace list -yid " + application.id());
    tellHowToEnd();
    return 0;
  }

  private void tellHowToEnd() {
    console.say(
        "To end it, cancel its jobs: millrace cancel -yid " + application.id() + " <job id>");
    console.say("If it does not answer, end it by force, then settle what its jobs promised:");
    console.say("  yarn application -kill " + application.id());
    console.say("  millrace clean -yid " + application.id());
  }

  /** Tells what changes until main() and all its jobs have ended; the exit code. */
  int toTheEnd() throws InterruptedException {
    while (true) {
      watch.look();
      if (watch.ended()) {
        application.awaitGone(GONE);
        tellResults();
        return ended();
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** The JobManager goes with the last job, which may be sooner than anybody looks. */
  private void tellResults() {
    try {
      application.results().forEach((job, result) -> watch.tell(job, result.status()));
    } catch (IOException e) {
      console.warn(
          "How the last jobs have ended cannot be read: "
              + Console.oneLine(String.valueOf(e.getMessage())));
    }
  }

  private int ended() {
    String last = Console.lines(watch.situation().diagnostics().strip());
    String why = last.isEmpty() ? "" : ": " + last;
    Outcome outcome = watch.situation().outcome();
    if (outcome == Outcome.SUCCEEDED) {
      console.say("Program execution finished");
      return 0;
    }
    if (outcome == Outcome.KILLED) {
      console.warn("The application " + application.id() + " was cancelled" + why);
    } else {
      console.warn("The application " + application.id() + " has failed" + why);
      console.warn("Logs: yarn logs -applicationId " + application.id());
    }
    return 1;
  }
}
