package io.millrace.runtime.client;

import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobStatus;
import io.millrace.api.executor.SavepointFormatType;
import io.millrace.runtime.protocol.ClientRequest.Then;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/**
 * Answers about a job as futures. Each is waited for by a thread of its own: programs ask seldom,
 * and no question holds up another.
 */
public final class PromisedJob implements JobClient {
  private final JobLine line;

  // Guarded by this.
  private CompletableFuture<Result> result;

  public PromisedJob(JobLine line) {
    this.line = line;
  }

  @Override
  public String getJobID() {
    return line.jobId();
  }

  @Override
  public CompletableFuture<JobStatus> getJobStatus() {
    return promise("status", () -> JobStatus.valueOf(line.status().name()));
  }

  @Override
  public CompletableFuture<Void> cancel() {
    return promise(
        "cancel",
        () -> {
          line.cancel();
          return null;
        });
  }

  @Override
  public CompletableFuture<String> stopWithSavepoint(
      boolean advanceToEndOfEventTime, String savepointDirectory, SavepointFormatType formatType) {
    return savepoint(
        savepointDirectory, formatType, advanceToEndOfEventTime ? Then.DRAIN : Then.STOP);
  }

  @Override
  public CompletableFuture<String> triggerSavepoint(
      String savepointDirectory, SavepointFormatType formatType) {
    return savepoint(savepointDirectory, formatType, Then.GO_ON);
  }

  private CompletableFuture<String> savepoint(
      String directory, SavepointFormatType formatType, Then then) {
    Objects.requireNonNull(formatType, "the format of a savepoint");
    return promise("savepoint", () -> line.savepoint(Optional.ofNullable(directory), then));
  }

  @Override
  public CompletableFuture<Map<String, Object>> getAccumulators() {
    return promise("accumulators", line::accumulators);
  }

  @Override
  public synchronized CompletableFuture<Result> getJobExecutionResult() {
    if (result == null) {
      result = promise("result", line::await);
    }
    return result;
  }

  @Override
  public Result await() throws InterruptedException, JobFailedException {
    return line.await();
  }

  private <T> CompletableFuture<T> promise(String what, Callable<T> answer) {
    var promise = new CompletableFuture<T>();
    var asker =
        new Thread(
            () -> {
              try {
                promise.complete(answer.call());
              } catch (Exception | Error e) {
                promise.completeExceptionally(e);
              }
            },
            "job-" + what + "-" + line.jobId());
    asker.setDaemon(true);
    asker.start();
    return promise;
  }
}
