package io.millrace.api.function;

/**
 * A function with state that belongs to no key, or that wants to know of checkpoints. Any function
 * of a transformation may implement it.
 */
public interface CheckpointedFunction {
  /**
   * A barrier has arrived: the last moment to bring the state up to date. What is in it when this
   * returns is in the checkpoint. Must not wait.
   */
  void snapshotState(FunctionSnapshotContext context) throws Exception;

  /**
   * Called once before {@code open}, on a first start and on every restart: the place to declare
   * state and to take up what it holds.
   */
  void initializeState(FunctionInitializationContext context) throws Exception;
}
