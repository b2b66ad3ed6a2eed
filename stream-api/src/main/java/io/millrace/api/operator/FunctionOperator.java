package io.millrace.api.operator;

import io.millrace.api.function.CheckpointListener;
import java.util.Optional;

/**
 * An operator around functions of the user: they are part of each of its checkpoints, are told what
 * became of them, and end with it. Whoever has a {@link FunctionLife} is one, so that none of this
 * can be left out.
 */
public interface FunctionOperator<I, O> extends Operator<I, O> {
  /** Of all functions of this operator; the same one all the time. */
  FunctionLife life();

  @Override
  default Frozen snapshot(long checkpoint) throws Exception {
    return life().snapshot(checkpoint);
  }

  @Override
  default Optional<CheckpointListener> checkpointListener() {
    return life().checkpointListener();
  }

  @Override
  default void close() throws Exception {
    life().close();
  }
}
