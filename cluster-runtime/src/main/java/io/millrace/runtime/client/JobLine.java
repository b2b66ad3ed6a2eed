package io.millrace.runtime.client;

import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.executor.JobClient.Result;
import io.millrace.runtime.protocol.ClientRequest.Then;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Somebody who can be asked about one job and who waits for the answers, on the thread that asks;
 * any number of threads may ask at once.
 */
public interface JobLine {
  /** 32 lower-case hex digits. */
  String jobId();

  JobStatus status() throws IOException, InterruptedException;

  /** Returns once the wish is durable; nothing happens to a job that has ended. */
  void cancel() throws IOException, InterruptedException;

  /**
   * Takes a savepoint; returns once it is whole and the job has done what it does then.
   *
   * @param folder below which it is made; empty for the configured one
   * @return its path
   */
  String savepoint(Optional<String> folder, Then then) throws IOException, InterruptedException;

  /** By name, as of the newest completed checkpoint. */
  Map<String, Object> accumulators() throws IOException, InterruptedException;

  /**
   * Waits for the end of the job.
   *
   * @throws JobFailedException if it ends any other way than finished
   */
  Result await() throws InterruptedException, JobFailedException;
}
