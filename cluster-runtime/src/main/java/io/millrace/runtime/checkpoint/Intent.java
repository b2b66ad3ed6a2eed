package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobStatus;
import java.util.Optional;

/**
 * A decision to end the job, durable before it has any effect; a successor finishes it.
 *
 * @param outcome CANCELED or FAILED
 * @param failure present for FAILED
 */
public record Intent(JobStatus outcome, Optional<Failure> failure, long wallMillis)
    implements Fact {
  public Intent {
    if (outcome != JobStatus.CANCELED && outcome != JobStatus.FAILED) {
      throw new IllegalArgumentException("nobody intends " + outcome);
    }
  }
}
