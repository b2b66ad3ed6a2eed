package io.millrace.api.connector;

import java.io.Serializable;
import java.util.List;

/**
 * Where records go, exactly once if the sink wants: what a writer has written stays invisible until
 * a checkpoint that covers it is durable, then {@link #commit} makes it visible, also after
 * failures and also when no writer is left.
 *
 * @param <T> records
 */
public interface Sink<T> extends Serializable {
  /**
   * Called at submission, in the client, before anything is uploaded; reads only. Refuses a place
   * that is not this job's to write to, with a message that names it and the remedy.
   */
  default void validate(Scope scope) throws Exception {}

  /**
   * Called in the cluster once per start of the job, before any writer exists: takes the place,
   * atomically, or fails. Idempotent.
   */
  default void acquire(Scope scope) throws Exception {}

  SinkWriter<T> writer(WriterContext context) throws Exception;

  /**
   * Makes output visible. Idempotent; retried on failure; may run in another process than the
   * writer's.
   *
   * @throws CommitConflictException if trying again cannot help
   */
  default void commit(Scope scope, List<byte[]> committables) throws Exception {}

  /**
   * The job has ended, no writer runs and all that was promised is committed: deletes what was
   * never promised.
   *
   * @param finished whether all input was read and committed, as opposed to cancelled or failed
   */
  default void settle(Scope scope, boolean finished) throws Exception {}

  /** Whether writer calls may wait; such tasks get a thread of their own. */
  default boolean blocking() {
    return false;
  }

  /**
   * What belongs to one job and its continuations.
   *
   * @param uid of the sink's operator
   * @param job id of the job; what was left by an earlier job of the lineage is not this one's to
   *     delete
   * @param lineage random id made at first submission, kept when a job is resumed from a checkpoint
   */
  record Scope(String uid, String job, String lineage, ClassLoader userClassLoader) {}

  /**
   * @param attempt unique name of the attempt that writes, safe in a file name
   */
  record WriterContext(Scope scope, int subtask, int parallelism, String attempt) {}
}
