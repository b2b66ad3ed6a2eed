package io.millrace.runtime.kernel;

import java.util.Objects;

/**
 * What a checkpoint is for; its trigger and its barriers say so to every task.
 *
 * @param directory of the savepoint that state is written to; empty for the job's own
 */
public record Purpose(Kind kind, String directory) {
  /** What a task does at the barrier. */
  public enum Kind {
    /** It cuts its state and goes on: for recovery. */
    CHECKPOINT,
    /** It cuts its state and goes on: for users, who keep it. */
    SAVEPOINT,
    /** It cuts its state and takes in no more record and no timer. */
    STOP,
    /**
     * Nothing is cut: sources end here as if their input did, and all timers fire. The savepoint
     * follows once the end has gone through all tasks.
     */
    DRAIN
  }

  public static final Purpose CHECKPOINT = new Purpose(Kind.CHECKPOINT, "");
  public static final Purpose DRAIN = new Purpose(Kind.DRAIN, "");

  public Purpose {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(directory);
  }

  /** Whether its barriers may overtake, in a job that allows it. */
  public boolean isCheckpoint() {
    return kind == Kind.CHECKPOINT;
  }

  /** Whether sources take in nothing more once they have met it. */
  public boolean stops() {
    return kind == Kind.STOP || kind == Kind.DRAIN;
  }

  public static Purpose savepoint(String directory) {
    return new Purpose(Kind.SAVEPOINT, directory);
  }

  public static Purpose stop(String directory) {
    return new Purpose(Kind.STOP, directory);
  }
}
