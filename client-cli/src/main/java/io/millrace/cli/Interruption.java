package io.millrace.cli;

import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.client.Situation.State;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done when a command is interrupted: by Ctrl-C, a signal, or the end of the terminal. In
 * force from when it is made until it is {@link #over}.
 */
final class Interruption {
  private static final Logger LOG = LoggerFactory.getLogger(Interruption.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 100;

  private final Thread hook;

  /**
   * @param what is about to be submitted
   * @param act runs while the JVM ends, beside all other threads
   * @throws CommandException if the JVM ends already
   */
  Interruption(String what, Runnable act) {
    hook = new Thread(act, "interrupted " + what);
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      throw new CommandException("interrupted before the " + what + " was submitted");
    }
  }

  void over() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("The JVM ends already");
    }
  }

  /** What is asked of a JobManager. */
  interface Request {
    void make(ClusterClient client) throws IOException, InterruptedException;
  }

  /** When an application is killed because its JobManager cannot be asked. */
  enum Kill {
    NEVER,
    /** What YARN has not started may stay so for hours. */
    NOT_STARTED,
    /** Then, and if it keeps silent. */
    SILENT
  }

  /**
   * Asks until somebody answers, the application has ended, or patience does: there may be no
   * JobManager yet, or one that does not know yet what it is asked about. Whoever pressed Ctrl-C
   * does not look again.
   *
   * @throws IOException if nobody has answered and the application is left alone
   */
  static void insist(Console console, RunningCluster application, Kill kill, Request request)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    String silence = "it has no JobManager";
    while (true) {
      Situation situation = application.situation();
      if (situation.ended()) {
        return;
      }
      if (situation.reachable()) {
        try {
          request.make(application.client());
          return;
        } catch (IOException e) {
          silence = e.getMessage();
        }
      }
      boolean started = situation.state() == State.RUNNING;
      boolean late = System.nanoTime() - deadline > 0;
      if (!started && kill != Kill.NEVER || late && kill == Kill.SILENT) {
        application.kill();
        console.warn(
            "Killed "
                + application.id()
                + (started ? ": " + silence : ", which had not started")
                + "; millrace clean, or the next run, clears away what it left");
        return;
      }
      if (late) {
        throw new IOException(silence);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }
}
