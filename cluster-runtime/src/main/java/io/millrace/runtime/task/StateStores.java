package io.millrace.runtime.task;

import io.millrace.api.type.Serializer;
import io.millrace.runtime.state.CapturedRows;
import io.millrace.runtime.state.StateStore;
import java.util.List;

/** Opens the state of a keyed operator's subtask. */
@FunctionalInterface
public interface StateStores {
  /**
   * @param firstGroup first key group of the subtask
   * @param lastGroup its last one
   * @param loader resolves classes named in checkpoints
   * @param captured what stores of rows have left of these groups; used up
   */
  StateStore open(
      Serializer<Object> keys,
      int firstGroup,
      int lastGroup,
      int maxParallelism,
      ClassLoader loader,
      List<CapturedRows> captured);
}
