package io.millrace.runtime.client;

import io.millrace.api.accumulator.Accumulators;
import io.millrace.api.executor.JobClient;
import io.millrace.runtime.client.ClusterClient.NoAnswerException;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** A job that is asked about until it has ended. */
final class FollowedJob implements JobClient {
  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 250;

  private final ClusterClient client;
  private final JobId job;
  private final Duration patience;

  FollowedJob(ClusterClient client, JobId job, Duration patience) {
    this.client = client;
    this.job = job;
    this.patience = patience;
  }

  @Override
  public String jobId() {
    return job.hex();
  }

  @Override
  public Result await() throws InterruptedException, JobFailedException {
    long pause = FIRST_PAUSE_MILLIS;
    long heardNanos = System.nanoTime();
    while (true) {
      try {
        JobDetails details = client.job(Optional.of(job), Integer.MAX_VALUE);
        heardNanos = System.nanoTime();
        if (details.summary().status().terminal()) {
          return resultOf(details);
        }
      } catch (NoAnswerException e) {
        if (System.nanoTime() - heardNanos > patience.toNanos()) {
          throw new JobFailedException(
              "contact with job " + job + " is lost: " + e.getMessage(), false);
        }
      } catch (IOException e) {
        throw new JobFailedException(
            "job " + job + " cannot be followed: " + e.getMessage(), false);
      }
      Thread.sleep(pause);
      pause = Math.min(LONGEST_PAUSE_MILLIS, pause * 2);
    }
  }

  private Result resultOf(JobDetails details) throws JobFailedException {
    JobStatus status = details.summary().status();
    if (status == JobStatus.FINISHED) {
      long millis = details.summary().endWallMillis() - details.summary().startWallMillis();
      return new Result(
          job.hex(),
          Duration.ofMillis(Math.max(0, millis)),
          Accumulators.results(details.accumulators(), loader()));
    }
    boolean cancelled = status == JobStatus.CANCELED;
    String cause = details.failure().map(Failure::headline).orElse("the cause is not known");
    throw new JobFailedException(
        "job " + job + (cancelled ? " was cancelled" : " failed: " + cause),
        cancelled,
        Accumulators.resultsIfReadable(details.accumulators(), loader()));
  }

  private static ClassLoader loader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null ? FollowedJob.class.getClassLoader() : context;
  }

  @Override
  public Map<String, Object> getAccumulators() throws InterruptedException {
    try {
      return Accumulators.results(client.accumulators(job), loader());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the accumulators of job " + job + " are not known: " + e.getMessage(), e);
    }
  }

  @Override
  public void cancel() {
    try {
      client.cancel(job);
    } catch (IOException e) {
      throw new UncheckedIOException("job " + job + " was not cancelled: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
