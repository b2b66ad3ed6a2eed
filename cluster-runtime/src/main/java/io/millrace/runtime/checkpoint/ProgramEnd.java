package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.JobStatus;

/**
 * How the user's main() ended whose jobs a cluster runs. Once it is durable, no JobManager runs
 * main() again.
 *
 * @param status FINISHED if it returned, CANCELED if it threw because a job of its was cancelled,
 *     else FAILED
 * @param reason for one that did not return; may be empty
 */
public record ProgramEnd(JobStatus status, String reason, long wallMillis) implements Fact {
  public ProgramEnd {
    if (!status.terminal()) {
      throw new IllegalArgumentException("an end is terminal, found " + status);
    }
  }
}
