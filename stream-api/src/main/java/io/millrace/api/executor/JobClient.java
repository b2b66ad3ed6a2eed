package io.millrace.api.executor;

import java.time.Duration;

/** A submitted job, seen from the program that submitted it. */
public interface JobClient {
  /** 32 lower-case hex digits. */
  String jobId();

  /**
   * Waits for the end of the job.
   *
   * @throws JobFailedException if it ends any other way than finished
   */
  Result await() throws InterruptedException, JobFailedException;

  /** Asks the job to cancel; {@link #await} tells when it has. */
  void cancel();

  /** A job that has finished. */
  record Result(String jobId, Duration runtime) {}

  /** A job that has failed or was cancelled. */
  final class JobFailedException extends Exception {
    private final boolean cancelled;

    public JobFailedException(String message, boolean cancelled) {
      super(message);
      this.cancelled = cancelled;
    }

    public boolean cancelled() {
      return cancelled;
    }
  }
}
