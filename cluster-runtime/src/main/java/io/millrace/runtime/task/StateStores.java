package io.millrace.runtime.task;

import io.millrace.api.type.Serializer;
import io.millrace.runtime.state.StateStore;

/** Opens the state of a keyed operator's subtask. */
@FunctionalInterface
public interface StateStores {
  /**
   * @param firstGroup first key group of the subtask
   * @param lastGroup its last one
   * @param loader resolves classes named in checkpoints
   */
  StateStore open(
      Serializer<Object> keys,
      int firstGroup,
      int lastGroup,
      int maxParallelism,
      ClassLoader loader);
}
