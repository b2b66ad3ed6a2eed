package io.millrace.runtime.protocol;

/** A job's state as users see it. */
public enum JobStatus {
  INITIALIZING,
  CREATED,
  RUNNING,
  RESTARTING,
  FAILING,
  CANCELLING,
  FINISHED,
  CANCELED,
  FAILED;

  /** Whether nothing follows. */
  public boolean terminal() {
    return this == FINISHED || this == CANCELED || this == FAILED;
  }
}
