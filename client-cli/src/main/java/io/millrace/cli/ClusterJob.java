package io.millrace.cli;

import io.millrace.api.executor.JobClient;
import io.millrace.cli.JobWatch.End;
import io.millrace.cli.JobWatch.Until;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.yarn.YarnApplication;
import io.millrace.yarn.YarnApplication.Situation;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job that this command has submitted. */
final class ClusterJob implements JobClient, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterJob.class);

  private static final Duration GONE = Duration.ofSeconds(10);
  private static final Duration FAREWELL = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 100;

  private final Console console;
  private final YarnApplication application;
  private final JobId job;
  private final boolean prints;
  private final boolean cancelOnExit;
  private final JobWatch watch;
  private final Epilogue epilogue;
  private boolean detached;
  private End end;
  private Map<String, Object> accumulators = Map.of();
  private Thread farewell;

  /**
   * @param prints whether the job writes to the output of its TaskManagers
   */
  ClusterJob(
      Console console,
      YarnApplication application,
      JobId job,
      boolean prints,
      boolean cancelOnExit) {
    this.console = console;
    this.application = application;
    this.job = job;
    this.prints = prints;
    this.cancelOnExit = cancelOnExit;
    this.watch = new JobWatch(console, application, job);
    this.epilogue = new Epilogue(console, application.id(), job);
  }

  @Override
  public String jobId() {
    return job.hex();
  }

  /**
   * YARN has the job. What happens at an interrupt is arranged; detached, until the job runs, which
   * is awaited.
   */
  void started(boolean detachedFromNow) throws InterruptedException {
    detached = detachedFromNow;
    farewell = new Thread(this::interrupted, "farewell");
    Runtime.getRuntime().addShutdownHook(farewell);
    if (prints) {
      console.say(
          "The job prints to the output of its TaskManagers: yarn logs -applicationId "
              + application.id()
              + " -log_files taskmanager.out");
    }
    if (detached) {
      Optional<End> early = watch.await(Until.RUNNING);
      forgetInterrupts();
      if (early.isPresent()) {
        end = early.get();
        if (end.status() != JobStatus.FINISHED) {
          epilogue.unfinished(end);
          throw new CommandException(
              "the job has ended before it ran: " + end.status() + "; see above");
        }
      }
      console.say("The job runs. To cancel it: " + cancelCommand());
    }
  }

  @Override
  public Result await() throws InterruptedException, JobFailedException {
    if (end == null && !detached) {
      end = watch.await(Until.ENDED).orElseThrow();
      forgetInterrupts();
      if (!application.awaitGone(GONE)) {
        LOG.info("{} takes long to end", application.id());
      }
      if (end.status() == JobStatus.FINISHED) {
        accumulators = epilogue.finished(end, loader());
      } else {
        epilogue.unfinished(end);
      }
    }
    if (end != null && end.status() != JobStatus.FINISHED) {
      throw new JobFailedException(
          "job " + job + " is " + end.status() + ": " + end.reason(),
          end.status() == JobStatus.CANCELED);
    }
    return new Result(
        job.hex(), Duration.ofMillis(end == null ? 0 : end.runtimeMillis()), accumulators);
  }

  /** Of the program that waits. */
  private static ClassLoader loader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null ? ClusterJob.class.getClassLoader() : context;
  }

  @Override
  public void cancel() {
    try {
      Situation situation = application.situation();
      if (situation.reachable()) {
        application.client().cancel(job);
      }
    } catch (IOException e) {
      LOG.warn("Job {} could not be told to cancel: {}", job, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ctrl-C, or the end of the terminal: runs while the JVM ends. */
  private void interrupted() {
    if (!cancelOnExit || detached) {
      console.warn("The job runs on. To cancel it: " + cancelCommand());
      return;
    }
    console.warn("Cancelling job " + job + " because of -sae.");
    try {
      cancelWhateverItTakes();
    } catch (IOException e) {
      console.warn(
          "Job "
              + job
              + " could not be cancelled: "
              + Console.oneLine(String.valueOf(e.getMessage()))
              + "; try "
              + cancelCommand());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * There may be no JobManager yet, or one that has not got the job; whoever pressed Ctrl-C does
   * not look again. Where YARN has not started the application it may stay so for hours.
   */
  private void cancelWhateverItTakes() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + FAREWELL.toNanos();
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

  private String cancelCommand() {
    return application.cancelCommand(job);
  }

  private void forgetInterrupts() {
    if (farewell != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(farewell);
      } catch (IllegalStateException e) {
        LOG.debug("The JVM ends already");
      }
    }
  }

  @Override
  public void close() {
    forgetInterrupts();
    application.close();
  }
}
