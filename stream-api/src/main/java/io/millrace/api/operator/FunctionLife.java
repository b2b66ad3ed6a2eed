package io.millrace.api.operator;

import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichFunction;
import io.millrace.api.state.BroadcastState;
import io.millrace.api.state.KeyedStateStore;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.OperatorStateStore;
import io.millrace.api.state.StateDescriptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Opens functions that want to be opened, closes what was opened, and takes care of state that
 * belongs to no key.
 */
public final class FunctionLife {
  private final List<Object> functions;

  /** Those that want to know what becomes of checkpoints. */
  private final List<CheckpointListener> listeners;

  /** Those to be closed, in order. */
  private final List<RichFunction> begun = new ArrayList<>();

  private OperatorContext context;
  private OperatorStates states;

  /** Who has no state under keys; null for those that have it where there are keys. */
  private String keyless;

  /**
   * @param functions all that the user wrote for this operator, in the order in which they are
   *     opened and closed; null for one that there is not
   */
  public FunctionLife(Object... functions) {
    this.functions = Stream.of(functions).filter(Objects::nonNull).toList();
    listeners =
        this.functions.stream()
            .filter(CheckpointListener.class::isInstance)
            .map(CheckpointListener.class::cast)
            .toList();
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

  /** Whether any of the functions gets to see where it is, and what state there is. */
  public boolean seesContext() {
    return functions.stream()
        .anyMatch(
            function ->
                function instanceof RichFunction || function instanceof CheckpointedFunction);
  }

  public void open(OperatorContext context) throws Exception {
    this.context = context;
    states = new OperatorStates(context);
    var owners = new HashMap<String, Object>();
    for (Object function : functions) {
      open(function, owners);
    }
  }

  private void open(Object function, Map<String, Object> owners) throws Exception {
    if (function instanceof RichFunction rich) {
      begun.add(rich);
      rich.setRuntimeContext(seenBy());
    }
    if (function instanceof CheckpointedFunction checkpointed) {
      var own = new OwnStates(function, states, owners);
      checkpointed.initializeState(new Initialization(context, own, seenBy()));
    }
    if (function instanceof RichFunction rich) {
      rich.open(new OpenContext(context.subtask(), context.parallelism()));
    }
  }

  /** For operators that keep state of their own beside the functions'; names must differ. */
  public OperatorStateStore states() {
    return states;
  }

  public Frozen snapshot(long checkpoint) throws Exception {
    for (Object function : functions) {
      if (function instanceof CheckpointedFunction checkpointed) {
        checkpointed.snapshotState(new Snapshot(checkpoint, context.processingTimeMillis()));
      }
    }
    return states.freeze();
  }

  /** The functions, if there are any that want to know what becomes of checkpoints. */
  public Optional<CheckpointListener> checkpointListener() {
    return switch (listeners.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(listeners.get(0));
      default -> Optional.of(new All(listeners));
    };
  }

  /** Closes all that were begun, whatever one of them throws. */
  public void close() throws Exception {
    while (!begun.isEmpty()) {
      try {
        begun.remove(0).close();
      } catch (Throwable e) { // also an error: the others hold what must be given back
        closeOthers(e);
        throw e;
      }
    }
  }

  private void closeOthers(Throwable first) {
    try {
      close();
    } catch (Throwable e) {
      first.addSuppressed(e);
    }
  }

  private FunctionContext seenBy() {
    return new FunctionContext(context, keyless);
  }

  private record Initialization(
      OperatorContext context, OperatorStateStore states, FunctionContext seen)
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

  private record All(List<CheckpointListener> listeners) implements CheckpointListener {
    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
      for (CheckpointListener each : listeners) {
        each.notifyCheckpointComplete(checkpointId);
      }
    }

    @Override
    public void notifyCheckpointAborted(long checkpointId) throws Exception {
      for (CheckpointListener each : listeners) {
        each.notifyCheckpointAborted(checkpointId);
      }
    }
  }

  /**
   * What one of the functions sees of the states. Two that keep theirs under one name would
   * overwrite each other at every checkpoint.
   *
   * @param owners of the names that are taken
   */
  private record OwnStates(Object function, OperatorStateStore states, Map<String, Object> owners)
      implements OperatorStateStore {
    @Override
    public <T> ListState<T> getListState(ListStateDescriptor<T> descriptor) {
      return states.getListState(mine(descriptor));
    }

    @Override
    public <T> ListState<T> getUnionListState(ListStateDescriptor<T> descriptor) {
      return states.getUnionListState(mine(descriptor));
    }

    @Override
    public <K, V> BroadcastState<K, V> getBroadcastState(MapStateDescriptor<K, V> descriptor) {
      return states.getBroadcastState(mine(descriptor));
    }

    private <D extends StateDescriptor> D mine(D descriptor) {
      Object owner = owners.putIfAbsent(descriptor.name(), function);
      if (owner != null && owner != function) {
        throw new IllegalArgumentException(
            "state '"
                + descriptor.name()
                + "' is declared by two functions of one operator, "
                + owner.getClass().getName()
                + " and "
                + function.getClass().getName()
                + "; give that of one of them another name");
      }
      return descriptor;
    }
  }
}
