package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobStatus;
import java.util.Optional;

/**
 * How the job ended; durable once everything it promised is visible, or has been given up on.
 *
 * @param status terminal
 * @param failure present for FAILED
 * @param savepoint that the job was stopped with
 * @param settled whether all that it promised is visible; else its checkpoints promise it still
 */
public record JobResult(
    JobStatus status,
    Optional<Failure> failure,
    long wallMillis,
    Optional<String> savepoint,
    boolean settled)
    implements Fact {
  public JobResult(JobStatus status, Optional<Failure> failure, long wallMillis) {
    this(status, failure, wallMillis, Optional.empty(), true);
  }

  public JobResult {
    if (!status.terminal()) {
      throw new IllegalArgumentException("a result is terminal, found " + status);
    }
  }
}
