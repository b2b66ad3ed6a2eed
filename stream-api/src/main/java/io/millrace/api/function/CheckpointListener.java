package io.millrace.api.function;

/**
 * A function that wants to hear what became of the checkpoints for which its state was cut. Any
 * function of a transformation may implement it, alone or beside {@link CheckpointedFunction}.
 *
 * <p>Both methods are called between records, on the thread of the records, and must not wait. No
 * key is current in them. An exception fails the task.
 *
 * <p>Word of a checkpoint may be missed: the process can end in between, and only the newest is
 * told of several that were completed meanwhile. Whoever acts on it must act for all earlier ones
 * as well, and find out after a restart what is left to do. What must become visible exactly once
 * belongs into a {@link io.millrace.api.connector.Sink}, whose commits are repeated until they
 * succeed.
 */
public interface CheckpointListener {
  /**
   * The checkpoint is durable, and counts: no later failure leads back behind it, unless it is
   * found damaged. Called at most once for each, in rising order, and only for those that this very
   * attempt of the function was cut for. All earlier ones count as settled.
   *
   * <p>Not called for a savepoint after which the job goes on.
   */
  void notifyCheckpointComplete(long checkpointId) throws Exception;

  /**
   * The checkpoint was given up. The state goes on as if it had never been cut: nothing that
   * belongs to it may be thrown away, because the next complete checkpoint includes it. If the
   * checkpoint store has not answered, it may even turn out to be durable, and then counts after
   * all.
   */
  default void notifyCheckpointAborted(long checkpointId) throws Exception {}
}
