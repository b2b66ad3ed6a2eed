package io.millrace.runtime.kernel;

import java.time.Duration;

/**
 * Kinds of waiting work; each has bounded threads of its own, so that a hung call in one holds up
 * no other.
 */
public enum Lane {
  /** Claims, manifests, small durable facts: in order, one at a time per actor. */
  FACTS(Duration.ofSeconds(60)),
  /** State of checkpoints, read and written. */
  STATE(Duration.ofMinutes(10)),
  /** Class loading and other preparation of tasks. */
  LOAD(Duration.ofMinutes(5)),
  /** Flushes and commits of sinks. */
  SINK(Duration.ofMinutes(2));

  private final Duration patience;

  Lane(Duration patience) {
    this.patience = patience;
  }

  /** For how long a call may come no further; then it is answered as failed, and left alone. */
  public Duration patience() {
    return patience;
  }
}
