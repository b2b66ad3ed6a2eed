package io.millrace.runtime.kernel;

/**
 * Kinds of waiting work; each has bounded threads of its own, so that a hung call in one holds up
 * no other.
 */
public enum Lane {
  /** Claims, manifests, small durable facts: in order, one at a time per actor. */
  FACTS,
  /** State of checkpoints, read and written. */
  STATE,
  /** Class loading and other preparation of tasks. */
  LOAD,
  /** Flushes and commits of sinks. */
  SINK
}
