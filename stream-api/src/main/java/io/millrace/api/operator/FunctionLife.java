package io.millrace.api.operator;

import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichFunction;
import io.millrace.api.state.KeyedStateStore;
import io.millrace.api.state.OperatorStateStore;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Opens a function that wants to be opened, closes what was opened, and takes care of state that
 * belongs to no key.
 */
public final class FunctionLife {
  private final Object function;
  private boolean begun;
  private OperatorContext context;
  private OperatorStates states;

  /** Who has no state under keys; null for those that have it where there are keys. */
  private String keyless;

  public FunctionLife(Object function) {
    this.function = function;
  }

  /**
   * Refuses the function state under keys even where there are some.
   *
   * @param kind what the function is, for people
   */
  public FunctionLife withoutKeys(String kind) {
    keyless = kind;
    return this;
  }

  public void open(OperatorContext context) throws Exception {
    this.context = context;
    states = new OperatorStates(context);
    if (function instanceof RichFunction rich) {
      begun = true;
      rich.setRuntimeContext(seenBy());
    }
    if (function instanceof CheckpointedFunction checkpointed) {
      checkpointed.initializeState(new Initialization(context, states, seenBy()));
    }
    if (function instanceof RichFunction rich) {
      rich.open(new OpenContext(context.subtask(), context.parallelism()));
    }
  }

  /** For operators that keep state of their own beside the function's; names must differ. */
  public OperatorStateStore states() {
    return states;
  }

  public Frozen snapshot(long checkpoint) throws Exception {
    if (function instanceof CheckpointedFunction checkpointed) {
      checkpointed.snapshotState(new Snapshot(checkpoint, context.processingTimeMillis()));
    }
    return states.freeze();
  }

  /** The function, if it wants to know what becomes of checkpoints. */
  public Optional<CheckpointListener> checkpointListener() {
    return function instanceof CheckpointListener listener
        ? Optional.of(listener)
        : Optional.empty();
  }

  public void close() throws Exception {
    if (begun && function instanceof RichFunction rich) {
      begun = false;
      rich.close();
    }
  }

  private FunctionContext seenBy() {
    return new FunctionContext(context, keyless);
  }

  private record Initialization(
      OperatorContext context, OperatorStates states, FunctionContext seen)
      implements FunctionInitializationContext {
    @Override
    public boolean isRestored() {
      return context.restoredCheckpoint().isPresent();
    }

    @Override
    public OptionalLong getRestoredCheckpointId() {
      return context.restoredCheckpoint();
    }

    @Override
    public OperatorStateStore getOperatorStateStore() {
      return states;
    }

    @Override
    public KeyedStateStore getKeyedStateStore() {
      seen.keyed(); // refuses where there are no keys
      return seen;
    }
  }

  private record Snapshot(long getCheckpointId, long getCheckpointTimestamp)
      implements FunctionSnapshotContext {}
}
