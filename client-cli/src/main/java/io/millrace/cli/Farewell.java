package io.millrace.cli;

import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.time.Duration;

/**
 * What becomes of a job whose command is interrupted: by Ctrl-C, a signal, or the end of the
 * terminal. It stays, and the user is told how to cancel it, or it is taken along. In force from
 * right before YARN is asked to start the application until nothing is left to say.
 */
final class Farewell {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Console console;
  private final JobId job;
  private final boolean inSession;
  private final boolean takeAlong;
  private Stage stage = Stage.BEFORE;
  private RunningCluster application;
  private Interruption interruption;

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

  synchronized void submitting(RunningCluster submitted) {
    application = submitted;
    stage = Stage.SUBMITTING;
    interruption = new Interruption("job", this::interrupted);
  }

  synchronized void submitted() {
    stage = Stage.SUBMITTED;
    notifyAll();
  }

  synchronized void over() {
    stage = Stage.OVER;
    notifyAll();
    if (interruption != null) {
      interruption.over();
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
      // Others' jobs are in a session's application.
      Interruption.insist(
          console,
          application,
          inSession ? Interruption.Kill.NEVER : Interruption.Kill.SILENT,
          client -> client.cancel(job));
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
}
