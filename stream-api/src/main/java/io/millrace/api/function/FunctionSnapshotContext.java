package io.millrace.api.function;

/** What a function is told when its state is about to be cut. */
public interface FunctionSnapshotContext {
  long getCheckpointId();

  /** Wall clock in milliseconds since the epoch when the barrier arrived here. */
  long getCheckpointTimestamp();
}
