package io.millrace.cli;

import io.millrace.runtime.protocol.JobId;
import io.millrace.yarn.YarnApplication;
import io.millrace.yarn.YarnApplication.Situation;
import java.io.IOException;
import java.time.Duration;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a job whose command is interrupted: by Ctrl-C, a signal, or the end of the
 * terminal. It stays, and the user is told how to cancel it, or it is taken along. In force from
 * right before YARN is asked to start the application until nothing is left to say.
 */
final class Farewell {
  private static final Logger LOG = LoggerFactory.getLogger(Farewell.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 100;

  private final Console console;
  private final JobId job;
  private final boolean inSession;
  private final boolean takeAlong;
  private Stage stage = Stage.BEFORE;
  private YarnApplication application;
  private Thread hook;

  private enum Stage {
    /** YARN has not been asked; an interrupt leaves no job. */
    BEFORE,
    /** YARN has been asked and has not answered yet: the job may start. */
    SUBMITTING,
    SUBMITTED,
    /** There is no job, or the command need not follow it any more. */
    OVER
  }

  /**
   * @param inSession whether others may have jobs in the same application
   * @param takeAlong whether an interrupt cancels the job
   */
  Farewell(Console console, JobId job, boolean inSession, boolean takeAlong) {
    this.console = console;
    this.job = job;
    this.inSession = inSession;
    this.takeAlong = takeAlong;
  }

  synchronized void submitting(YarnApplication submitted) {
    application = submitted;
    stage = Stage.SUBMITTING;
    hook = new Thread(this::interrupted, "farewell");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      throw new CommandException("interrupted before the job was submitted");
    }
  }

  synchronized void submitted() {
    stage = Stage.SUBMITTED;
    notifyAll();
  }

  synchronized void over() {
    stage = Stage.OVER;
    notifyAll();
    if (hook != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        LOG.debug("The JVM ends already");
      }
    }
  }

  /** Runs while the JVM ends, beside the thread that submits and follows the job. */
  private void interrupted() {
    try {
      if (awaitSubmission() == Stage.OVER) {
        return;
      }
      if (!takeAlong) {
        console.warn("The job runs on. To cancel it: " + application.cancelCommand(job));
        return;
      }
      console.warn("Cancelling job " + job + " because of -sae.");
      cancelWhateverItTakes();
    } catch (IOException e) {
      console.warn(
          "Job "
              + job
              + " could not be cancelled: "
              + Console.oneLine(String.valueOf(e.getMessage()))
              + "; try "
              + application.cancelCommand(job));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** After some patience a submission without an answer is taken for one that went well. */
  private synchronized Stage awaitSubmission() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    long left = PATIENCE.toMillis();
    while (stage == Stage.SUBMITTING && left > 0) {
      wait(left);
      left = (deadline - System.nanoTime()) / 1_000_000;
    }
    return stage;
  }

  /**
   * There may be no JobManager yet, or one that has not got the job; whoever pressed Ctrl-C does
   * not look again. Where YARN has not started the application it may stay so for hours.
   */
  private void cancelWhateverItTakes() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    String silence = "it has no JobManager";
    while (true) {
      Situation situation = application.situation();
      if (situation.ended()) {
        return;
      }
      if (situation.reachable()) {
        try {
          application.client().cancel(job);
          return;
        } catch (IOException e) {
          silence = e.getMessage();
        }
      }
      boolean started = situation.state() == YarnApplicationState.RUNNING;
      boolean late = System.nanoTime() - deadline > 0;
      if (inSession && late) {
        throw new IOException(silence);
      }
      if (!inSession && (!started || late)) {
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
