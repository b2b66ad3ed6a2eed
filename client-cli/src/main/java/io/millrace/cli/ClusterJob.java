package io.millrace.cli;

import io.millrace.api.accumulator.Accumulators;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.executor.JobClient.Result;
import io.millrace.cli.JobWatch.End;
import io.millrace.cli.JobWatch.Until;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.client.ClusterClient.RequestRefusedException;
import io.millrace.runtime.client.JobLine;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.protocol.ClientRequest.Then;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job that this command has submitted. */
final class ClusterJob implements JobLine, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterJob.class);

  private static final Duration GONE = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final long PAUSE_MILLIS = 200;

  private final Console console;
  private final RunningCluster application;
  private final JobId job;
  private final boolean inSession;
  private final boolean prints;
  private final Farewell farewell;
  private final SavepointErrand savepoints;
  private final JobWatch watch;
  private final Epilogue epilogue;
  private volatile boolean detached;

  /** The end of a job that is watched; of several at once each is, or nobody would see it end. */
  private final CompletableFuture<End> seen = new CompletableFuture<>();

  /** Set last: whoever sees it sees the accumulators, too. */
  private volatile End end;

  private volatile Map<String, Object> accumulators = Map.of();

  /**
   * @param inSession whether the application outlives it
   * @param prints whether the job writes to the output of its TaskManagers
   * @param farewell in force
   * @param savepoints takes those that the program asks for
   */
  ClusterJob(
      Console console,
      RunningCluster application,
      JobId job,
      boolean inSession,
      boolean prints,
      Farewell farewell,
      SavepointErrand savepoints) {
    this.console = console;
    this.application = application;
    this.job = job;
    this.inSession = inSession;
    this.prints = prints;
    this.farewell = farewell;
    this.savepoints = savepoints;
    this.watch = new JobWatch(console, application, job, inSession);
    this.epilogue = new Epilogue(console, application.logs(), job);
  }

  @Override
  public String jobId() {
    return job.hex();
  }

  /** YARN has the job. If it is detached, waits until it runs. */
  void started(boolean detachedFromNow) throws InterruptedException {
    detached = detachedFromNow;
    if (prints) {
      console.say("The job prints to the output of its TaskManagers: " + application.outputs());
    }
    if (detached) {
      Optional<End> early = watch.await(Until.RUNNING);
      farewell.over();
      if (early.isPresent()) {
        end = early.get();
        if (end.status() != JobStatus.FINISHED) {
          accumulators = epilogue.unfinished(end, loader());
          throw new CommandException(
              "the job has ended before it ran: " + end.status() + "; see above");
        }
      }
      console.say("The job runs. To cancel it: " + cancelCommand());
    } else {
      var watcher = new Thread(this::watchToTheEnd, "watch-" + job);
      watcher.setDaemon(true);
      watcher.start();
    }
  }

  private void watchToTheEnd() {
    try {
      seen.complete(watch.await(Until.ENDED).orElseThrow());
    } catch (InterruptedException | RuntimeException | Error e) {
      seen.completeExceptionally(e);
    }
  }

  private End awaitSeen() throws InterruptedException {
    try {
      return seen.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      } else if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException("the watch of job " + job + " has ended", e.getCause());
    }
  }

  @Override
  public Result await() throws InterruptedException, JobFailedException {
    if (end == null && !detached) {
      tellOnce(awaitSeen());
    }
    if (end != null && end.status() != JobStatus.FINISHED) {
      throw new JobFailedException(
          "job " + job + " is " + end.status() + ": " + end.reason(),
          end.status() == JobStatus.CANCELED,
          accumulators);
    }
    return new Result(
        job.hex(), Duration.ofMillis(end == null ? 0 : end.runtimeMillis()), accumulators);
  }

  /** Several threads of the program may wait. */
  private synchronized void tellOnce(End found) throws InterruptedException {
    if (end != null) {
      return;
    }
    farewell.over();
    if (!inSession && !application.awaitGone(GONE)) {
      LOG.info("{} takes long to end", application.id());
    }
    try {
      accumulators =
          found.status() == JobStatus.FINISHED
              ? epilogue.finished(found, loader())
              : epilogue.unfinished(found, loader());
    } finally {
      end = found;
    }
  }

  /** Of the program that waits. */
  private static ClassLoader loader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null ? ClusterJob.class.getClassLoader() : context;
  }

  @Override
  public Map<String, Object> accumulators() throws IOException, InterruptedException {
    if (end != null) {
      return accumulators;
    }
    if (!application.situation().reachable()) {
      throw new IOException(
          "the accumulators of job " + job + " are not known: it has no JobManager now");
    }
    return Accumulators.results(application.client().accumulators(job), loader());
  }

  @Override
  public JobStatus status() throws IOException, InterruptedException {
    if (end != null) {
      return end.status();
    }
    Situation situation = application.situation();
    if (situation.reachable()) {
      try {
        return application.client().job(Optional.of(job), Integer.MAX_VALUE).summary().status();
      } catch (RequestRefusedException e) {
        return lastStatus().orElse(JobStatus.INITIALIZING);
      }
    }
    if (!situation.ended()) {
      return JobStatus.INITIALIZING;
    }
    return inSession ? lastStatus().orElse(JobStatus.FAILED) : JobWatch.outcome(situation);
  }

  /** What a session has kept of a job that it does not know any more, or not yet. */
  private Optional<JobStatus> lastStatus() throws IOException {
    return inSession ? application.result(job).map(JobResult::status) : Optional.empty();
  }

  @Override
  public void cancel() throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (true) {
      String reason = "it has no JobManager now";
      try {
        if (status().terminal()) {
          return;
        }
        if (application.situation().reachable()) {
          Optional<String> lacking = application.client().cancel(job);
          if (lacking.isEmpty()) {
            return;
          }
          reason = lacking.get();
        }
      } catch (IOException e) {
        reason = e.getMessage(); // it may have ended, or moved to another JobManager
      }
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new IOException("job " + job + " could not be told to cancel: " + reason);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  @Override
  public String savepoint(Optional<String> folder, Then then) throws InterruptedException {
    return savepoints.ask(application, job, folder, then);
  }

  private String cancelCommand() {
    return application.cancelCommand(job);
  }

  @Override
  public void close() {
    farewell.over();
    application.close();
  }
}
