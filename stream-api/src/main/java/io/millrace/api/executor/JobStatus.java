package io.millrace.api.executor;

/** What a job does. */
public enum JobStatus {
  /** No JobManager has begun with it, or a new one looks what there is. */
  INITIALIZING,
  /** It waits for slots, or for its tasks to start. */
  CREATED,
  /** All its tasks run. */
  RUNNING,
  /** It has failed and starts anew from its newest checkpoint. */
  RESTARTING,
  /** It has failed for good, and its sinks settle. */
  FAILING,
  /** It was cancelled, and its sinks settle. */
  CANCELLING,
  /** Its input has ended or it was stopped, and all output is there. */
  FINISHED,
  /** It was cancelled. */
  CANCELED,
  /** It has failed for good. */
  FAILED;

  /** Whether nothing follows. */
  public boolean isTerminalState() {
    return this == FINISHED || this == CANCELED || this == FAILED;
  }

  /** The same: a job that has ended has ended for every JobManager. */
  public boolean isGloballyTerminalState() {
    return isTerminalState();
  }
}
