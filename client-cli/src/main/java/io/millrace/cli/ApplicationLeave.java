package io.millrace.cli;

import io.millrace.yarn.YarnApplication;
import io.millrace.yarn.YarnApplication.Situation;
import java.io.IOException;
import java.time.Duration;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an interrupt of this command means for the application that it has started. */
final class ApplicationLeave {
  private static final Logger LOG = LoggerFactory.getLogger(ApplicationLeave.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 100;

  private final Console console;
  private final boolean takeAlong;
  private YarnApplication application;
  private Thread hook;

  /**
   * @param takeAlong whether an interrupt cancels its jobs and ends it
   */
  ApplicationLeave(Console console, boolean takeAlong) {
    this.console = console;
    this.takeAlong = takeAlong;
  }

  void submitting(YarnApplication submitted) {
    application = submitted;
    hook = new Thread(this::interrupted, "application-leave");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      throw new CommandException("interrupted before the application was submitted");
    }
  }

  void over() {
    if (hook != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        LOG.debug("The JVM ends already");
      }
    }
  }

  private void interrupted() {
    if (!takeAlong) {
      console.warn(
          "The application "
              + application.id()
              + " runs on. Its jobs: millrace list -yid "
              + application.id());
      return;
    }
    console.warn("Ending " + application.id() + " and its jobs because of -sae.");
    try {
      end();
    } catch (IOException e) {
      console.warn(
          application.id()
              + " could not be ended: "
              + Console.oneLine(String.valueOf(e.getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whoever pressed Ctrl-C does not look again. */
  private void end() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    String silence = "it has no JobManager";
    while (true) {
      Situation situation = application.situation();
      if (situation.ended()) {
        return;
      }
      if (situation.reachable()) {
        try {
          application.client().stopCluster();
          return;
        } catch (IOException e) {
          silence = e.getMessage();
        }
      }
      boolean started = situation.state() == YarnApplicationState.RUNNING;
      if (!started || System.nanoTime() - deadline > 0) {
        application.kill();
        console.warn(
            "Killed "
                + application.id()
                + (started ? ": " + silence : ", which had not started")
                + "; millrace clean, or the next run, clears away what it left");
        return;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }
}
