package io.millrace.api.operator;

import java.util.List;

/**
 * An operator's own state as it was at a barrier. Made on the task's thread without waiting; turned
 * into bytes elsewhere.
 */
@FunctionalInterface
public interface Frozen {
  /** The state of an operator that has none. */
  Frozen NOTHING = () -> OperatorSnapshot.EMPTY;

  /**
   * May wait, for instance for a flush. Called once at most, on a thread that is not the task's.
   */
  OperatorSnapshot take() throws Exception;

  /** It was taken, or nobody will take it; on any thread. */
  default void discard() {}

  /** State that is in bytes already. */
  static Frozen of(List<byte[]> entries) {
    var snapshot = new OperatorSnapshot(entries, List.of());
    return () -> snapshot;
  }
}
