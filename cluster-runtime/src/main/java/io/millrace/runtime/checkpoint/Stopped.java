package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.JobStatus;

/**
 * What a job's last manifest says if a user has stopped the job: its state lies in a savepoint,
 * which a successor completes before it settles.
 *
 * @param savepoint directory that the manifest's file names are relative to
 * @param outcome FINISHED, or CANCELED if that was asked for
 * @param drained whether all timers have fired, so that nothing is left to be done
 */
public record Stopped(String savepoint, JobStatus outcome, boolean drained) {
  public Stopped {
    if (savepoint.isEmpty() || outcome != JobStatus.FINISHED && outcome != JobStatus.CANCELED) {
      throw new IllegalArgumentException("no stop: " + savepoint + " " + outcome);
    }
  }
}
