package io.millrace.simulator;

import io.millrace.runtime.protocol.JobStatus;

/**
 * What a run came to.
 *
 * @param deployments how often the tasks were started
 */
record Outcome(
    long seed,
    Faults faults,
    JobStatus status,
    String diagnostics,
    int attempts,
    int taskManagers,
    int checkpoints,
    int deployments,
    long virtualMillis,
    long events,
    Tally tally,
    String traceHash) {
  @Override
  public String toString() {
    return "seed "
        + seed
        + ": "
        + status
        + " "
        + diagnostics
        + "\n  "
        + faults
        + "\n  JobManagers "
        + attempts
        + ", TaskManagers "
        + taskManagers
        + ", deployments "
        + deployments
        + ", checkpoints "
        + checkpoints
        + "\n  "
        + events
        + " events in "
        + virtualMillis
        + " virtual ms, trace "
        + traceHash
        + "\n"
        + tally;
  }
}
