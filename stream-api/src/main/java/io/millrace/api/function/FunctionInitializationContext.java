package io.millrace.api.function;

import io.millrace.api.state.KeyedStateStore;
import io.millrace.api.state.OperatorStateStore;
import java.util.OptionalLong;

/** What a function may use while its state is set up. */
public interface FunctionInitializationContext {
  /** Whether the job starts from a checkpoint, which may still hold nothing for this function. */
  boolean isRestored();

  /** The id of that checkpoint. */
  OptionalLong getRestoredCheckpointId();

  OperatorStateStore getOperatorStateStore();

  /**
   * State under keys; to be declared here, used while a record or timer is processed.
   *
   * @throws IllegalStateException if there is no {@code keyBy} in front of the operator
   */
  KeyedStateStore getKeyedStateStore();
}
