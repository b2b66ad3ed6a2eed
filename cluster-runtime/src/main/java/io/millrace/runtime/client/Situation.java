package io.millrace.runtime.client;

import java.util.OptionalLong;

/**
 * How a cluster stands.
 *
 * @param outcome UNDEFINED as long as it has not ended
 * @param jobManager host and port of the JobManager's control port, as host:port; empty if none has
 *     said where it is
 * @param diagnostics may be empty
 * @param launchedMillis wall-clock time at which the first JobManager's process was started, if
 *     whatever has started it says so
 */
public record Situation(
    State state,
    String jobManager,
    Outcome outcome,
    String diagnostics,
    OptionalLong launchedMillis) {
  public Situation(State state, String jobManager, Outcome outcome, String diagnostics) {
    this(state, jobManager, outcome, diagnostics, OptionalLong.empty());
  }

  /** Named as YARN names them: scripts look for these words. */
  public enum State {
    NEW,
    NEW_SAVING,
    SUBMITTED,
    ACCEPTED,
    RUNNING,
    FINISHED,
    FAILED,
    KILLED
  }

  /** How it ended. */
  public enum Outcome {
    UNDEFINED,
    SUCCEEDED,
    FAILED,
    KILLED
  }

  /** Whether there is a JobManager. */
  public boolean reachable() {
    return !jobManager.isEmpty();
  }

  /** Whether nothing follows. */
  public boolean ended() {
    return switch (state) {
      case FINISHED, FAILED, KILLED -> true;
      case NEW, NEW_SAVING, SUBMITTED, ACCEPTED, RUNNING -> false;
    };
  }
}
