package io.millrace.cli;

import io.millrace.yarn.YarnApplication;
import java.io.IOException;
import java.time.Duration;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a session whose command is interrupted: by Ctrl-C, a signal, or the end of the
 * terminal. Attached, it is stopped with the command that started it; else it stays, and the user
 * is told how to stop it. In force from right before YARN is asked until nothing is left to say.
 */
final class SessionLeave {
  private static final Logger LOG = LoggerFactory.getLogger(SessionLeave.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 100;

  private final Console console;
  private final SessionFile file;
  private final boolean takeAlong;
  private YarnApplication application;
  private Thread hook;

  SessionLeave(Console console, SessionFile file, boolean takeAlong) {
    this.console = console;
    this.file = file;
    this.takeAlong = takeAlong;
  }

  void submitting(YarnApplication submitted) {
    application = submitted;
    hook = new Thread(this::interrupted, "session-leave");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      throw new CommandException("interrupted before the session was submitted");
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
          "The session "
              + application.id()
              + " may run on. To stop it: "
              + SessionCommand.stopCommand(application.id()));
      return;
    }
    console.warn("Stopping " + application.id() + " because its command is interrupted.");
    try {
      stop();
      file.remove(application.id());
    } catch (IOException e) {
      console.warn(
          "The session "
              + application.id()
              + " could not be stopped: "
              + Console.oneLine(String.valueOf(e.getMessage()))
              + "; try "
              + SessionCommand.stopCommand(application.id()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Whoever pressed Ctrl-C does not look again. What YARN has not started may stay so for hours.
   */
  private void stop() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      YarnApplication.Situation situation = application.situation();
      if (situation.ended()) {
        return;
      }
      String silence = "it has no JobManager";
      if (situation.reachable()) {
        try {
          application.client().stopCluster();
          return;
        } catch (IOException e) {
          silence = e.getMessage();
        }
      } else if (situation.state() != YarnApplicationState.RUNNING) {
        application.kill();
        console.warn(
            "Killed "
                + application.id()
                + ", which had not started; millrace clean, or the next run, clears away what it"
                + " left");
        return;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(silence);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }
}
