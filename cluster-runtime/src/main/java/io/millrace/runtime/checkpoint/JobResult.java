package io.millrace.runtime.checkpoint;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobStatus;
import java.util.List;
import java.util.Optional;

/**
 * How the job ended; durable once everything it promised is visible, or has been given up on.
 *
 * @param status terminal
 * @param failure present for FAILED
 * @param savepoint that the job was stopped with
 * @param settled whether all that it promised is visible; else its checkpoints promise it still
 * @param accumulators of all subtasks, as its newest checkpoint had them, which may be gone:
 *     whoever waits for the job may ask only after another JobManager has taken over
 */
public record JobResult(
    JobStatus status,
    Optional<Failure> failure,
    long wallMillis,
    Optional<String> savepoint,
    boolean settled,
    List<AccumulatorState> accumulators)
    implements Fact {
  public JobResult(JobStatus status, Optional<Failure> failure, long wallMillis) {
    this(status, failure, wallMillis, Optional.empty(), true, List.of());
  }

  /**
   * Of a job that ends, or has ended, where nothing that can be read says how.
   *
   * @param file that cannot be, and why
   */
  static Failure unknown(String file) {
    return Failure.unhealable(
        Failure.Kind.EXTERNAL, file + ", so how the job was to end, or has ended, is not known");
  }

  public JobResult {
    accumulators = List.copyOf(accumulators);
    if (!status.terminal()) {
      throw new IllegalArgumentException("a result is terminal, found " + status);
    }
  }
}
