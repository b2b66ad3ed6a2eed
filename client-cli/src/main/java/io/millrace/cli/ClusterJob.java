package io.millrace.cli;

import io.millrace.api.accumulator.Accumulators;
import io.millrace.api.executor.JobClient;
import io.millrace.cli.JobWatch.End;
import io.millrace.cli.JobWatch.Until;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.yarn.YarnApplication;
import io.millrace.yarn.YarnApplication.Situation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job that this command has submitted. */
final class ClusterJob implements JobClient, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterJob.class);

  private static final Duration GONE = Duration.ofSeconds(10);

  private final Console console;
  private final YarnApplication application;
  private final JobId job;
  private final boolean inSession;
  private final boolean prints;
  private final Farewell farewell;
  private final JobWatch watch;
  private final Epilogue epilogue;
  private boolean detached;

  /** The end of a job that is watched; of several at once each is, or nobody would see it end. */
  private final CompletableFuture<End> seen = new CompletableFuture<>();

  private End end;
  private Map<String, Object> accumulators = Map.of();

  /**
   * @param inSession whether the application outlives it
   * @param prints whether the job writes to the output of its TaskManagers
   * @param farewell in force
   */
  ClusterJob(
      Console console,
      YarnApplication application,
      JobId job,
      boolean inSession,
      boolean prints,
      Farewell farewell) {
    this.console = console;
    this.application = application;
    this.job = job;
    this.inSession = inSession;
    this.prints = prints;
    this.farewell = farewell;
    this.watch = new JobWatch(console, application, job, inSession);
    this.epilogue = new Epilogue(console, application.id(), job);
  }

  @Override
  public String jobId() {
    return job.hex();
  }

  /** YARN has the job. If it is detached, waits until it runs. */
  void started(boolean detachedFromNow) throws InterruptedException {
    detached = detachedFromNow;
    if (prints) {
      console.say(
          "The job prints to the output of its TaskManagers: yarn logs -applicationId "
              + application.id()
              + " -log_files taskmanager.out");
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
      end = awaitSeen();
      farewell.over();
      if (!inSession && !application.awaitGone(GONE)) {
        LOG.info("{} takes long to end", application.id());
      }
      if (end.status() == JobStatus.FINISHED) {
        accumulators = epilogue.finished(end, loader());
      } else {
        accumulators = epilogue.unfinished(end, loader());
      }
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

  /** Of the program that waits. */
  private static ClassLoader loader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null ? ClusterJob.class.getClassLoader() : context;
  }

  @Override
  public Map<String, Object> getAccumulators() throws InterruptedException {
    if (end != null) {
      return accumulators;
    }
    try {
      if (!application.situation().reachable()) {
        throw new IOException("the job has no JobManager now");
      }
      return Accumulators.results(application.client().accumulators(job), loader());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the accumulators of job " + job + " are not known: " + e.getMessage(), e);
    }
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

  private String cancelCommand() {
    return application.cancelCommand(job);
  }

  @Override
  public void close() {
    farewell.over();
    application.close();
  }
}
