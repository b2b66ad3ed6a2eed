package io.millrace.api.state;

/**
 * State of a subtask that belongs to no key. It is part of every checkpoint; what differs is how it
 * is divided when a job starts from a checkpoint. Asked twice for a name, the store gives the same
 * state.
 *
 * @see io.millrace.api.function.CheckpointedFunction
 */
public interface OperatorStateStore {
  /**
   * A list of which each element is in one subtask. With the same parallelism every subtask gets
   * its own elements back, in order; with another one all elements, in the order of the subtasks
   * and then of their lists, are dealt out in turn.
   *
   * @throws IllegalArgumentException if the name is in use for another kind of state, or the
   *     checkpoint holds something else under it
   */
  <T> ListState<T> getListState(ListStateDescriptor<T> descriptor);

  /**
   * A list of which every subtask gets all elements of all subtasks at a restore. The function
   * keeps what concerns it: what it leaves in the list goes into the next checkpoint.
   *
   * @throws IllegalArgumentException as {@link #getListState}
   */
  <T> ListState<T> getUnionListState(ListStateDescriptor<T> descriptor);

  /**
   * A map that is the same in all subtasks; at a restore each gets one copy.
   *
   * @throws IllegalArgumentException as {@link #getListState}
   */
  <K, V> BroadcastState<K, V> getBroadcastState(MapStateDescriptor<K, V> descriptor);
}
