package io.millrace.runtime.client;

import io.millrace.api.accumulator.Accumulators;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.executor.JobClient.Result;
import io.millrace.runtime.client.ClusterClient.NoAnswerException;
import io.millrace.runtime.client.ClusterClient.RequestRefusedException;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import io.millrace.runtime.protocol.ClientRequest.Then;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A job that is asked about until it has ended. */
final class FollowedJob implements JobLine {
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
    try {
      return resultOf(awaitEnd());
    } catch (NoAnswerException e) {
      throw new JobFailedException(
          "contact with job " + job + " is lost: " + e.getMessage(), false);
    } catch (IOException e) {
      throw new JobFailedException("job " + job + " cannot be followed: " + e.getMessage(), false);
    }
  }

  private JobDetails awaitEnd() throws IOException, InterruptedException {
    long pause = FIRST_PAUSE_MILLIS;
    while (true) {
      JobDetails details = details();
      if (details.summary().status().terminal()) {
        return details;
      }
      Thread.sleep(pause);
      pause = Math.min(LONGEST_PAUSE_MILLIS, pause * 2);
    }
  }

  private JobDetails details() throws IOException, InterruptedException {
    return patiently(() -> client.job(Optional.of(job), Integer.MAX_VALUE));
  }

  private interface Question<T> {
    T ask() throws IOException, InterruptedException;
  }

  /** A JobManager that is succeeded meanwhile is silent for a while. */
  private <T> T patiently(Question<T> question) throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (true) {
      try {
        return question.ask();
      } catch (NoAnswerException e) {
        if (System.nanoTime() - start > patience.toNanos()) {
          throw e;
        }
      }
      Thread.sleep(LONGEST_PAUSE_MILLIS);
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
  public JobStatus status() throws IOException, InterruptedException {
    return details().summary().status();
  }

  @Override
  public Map<String, Object> accumulators() throws IOException, InterruptedException {
    return Accumulators.results(patiently(() -> client.accumulators(job)), loader());
  }

  @Override
  public void cancel() throws IOException, InterruptedException {
    try {
      while (!status().terminal() && patiently(() -> client.cancel(job)).isPresent()) {
        Thread.sleep(LONGEST_PAUSE_MILLIS);
      }
    } catch (RequestRefusedException e) {
      if (!status().terminal()) { // else it has ended in between
        throw e;
      }
    }
  }

  @Override
  public String savepoint(Optional<String> folder, Then then)
      throws IOException, InterruptedException {
    String id = UUID.randomUUID().toString().replace("-", "");
    long pause = FIRST_PAUSE_MILLIS;
    while (true) {
      ClientAnswer.Savepoint answer = patiently(() -> client.savepoint(job, id, folder, then));
      if (answer.failure().isPresent()) {
        throw new IOException(
            "there is no savepoint of job " + job + ": " + answer.failure().get());
      }
      if (answer.path().isPresent()) {
        if (then != Then.GO_ON) {
          checkEnd(answer.path().get(), then);
        }
        return answer.path().get();
      }
      Thread.sleep(pause);
      pause = Math.min(LONGEST_PAUSE_MILLIS, pause * 2);
    }
  }

  private void checkEnd(String savepoint, Then then) throws IOException, InterruptedException {
    JobStatus end = awaitEnd().summary().status();
    if (end != (then == Then.CANCEL ? JobStatus.CANCELED : JobStatus.FINISHED)) {
      throw new IOException(
          "the savepoint " + savepoint + " is complete, but job " + job + " is " + end);
    }
  }
}
