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

  /**
   * Called after {@link #acquire} if the job starts from a checkpoint, its own or that of a job
   * that it continues. Refuses one whose output was {@linkplain #rollback taken back} since, as
   * another job may have done, and would be missing: says from which checkpoint to start instead.
   *
   * <p>Jobs that continue the same one, such as two that start from one savepoint, know nothing of
   * each other's checkpoints. Where the sink remembers output by the numbers of checkpoints, it
   * says which it knows: those that the job takes get higher ones.
   *
   * @param checkpoint that the job goes on from
   * @return the highest number of a checkpoint for which output of this scope's uid and lineage was
   *     {@linkplain SinkWriter#prepare cut}, visible or taken back, as far as the sink knows; 0, as
   *     here, for none
   */
  default long resume(Scope scope, long checkpoint) throws Exception {
    return 0;
  }

  SinkWriter<T> writer(WriterContext context) throws Exception;

  /**
   * Makes output visible. Idempotent; may run in another process than the writer's.
   *
   * <p>Whatever it throws is taken for trouble that passes, such as a store that is away, and the
   * call is repeated, <em>without end</em>, while the job runs on: none of the sink's later output
   * becomes visible until it succeeds. Only {@link CommitConflictException}, thrown or as a cause,
   * says that this cannot heal: the job then ends at once and shows its message. Throw it, and
   * nothing of your own, if what stands in the place of the output is something else, if what was
   * promised is gone, or if a committable cannot be read.
   *
   * @throws CommitConflictException if trying again cannot help; names the place and the remedy
   */
  default void commit(Scope scope, List<byte[]> committables) throws Exception {}

  /**
   * Takes back what was {@linkplain SinkWriter#prepare cut} for certain checkpoints, visible or
   * not: they are damaged, the job goes on from the one before them and will write that output
   * again. Called in the cluster before writers exist, and only if the user has set {@code
   * execution.recovery.fallback: rollback}. Idempotent. Whoever commits such output later must find
   * that there is nothing to do: it stays taken back.
   *
   * @param after the checkpoint that the job goes on from
   * @param upTo the last checkpoint that counts; what will be written again is cut for later ones
   * @param kept what {@link #commit} will be given for the former; may be visible already
   * @throws UnsupportedOperationException if the sink cannot, as this one; the job then ends
   */
  default void rollback(Scope scope, long after, long upTo, List<byte[]> kept) throws Exception {
    throw new UnsupportedOperationException(
        "the sink '"
            + scope.uid()
            + "' cannot take back what it has made visible; set execution.recovery.fallback to"
            + " fail or allow-duplicates");
  }

  /**
   * The job has ended, no writer runs and all that was promised is committed: deletes what was
   * never promised.
   *
   * @param finished whether all input was read and committed, as opposed to cancelled or failed
   */
  default void settle(Scope scope, boolean finished) throws Exception {}

  /**
   * Whether a writer whose TaskManager does not answer must be known to have ended before another
   * one is made in its place; not so here. Who needs that writes into a system that cannot tell an
   * old writer from a new one by its {@linkplain WriterContext#attempt attempt} or by what is
   * committed. It costs time: a job of which a TaskManager is cut off waits until its process is
   * known to have exited, or, where nobody sees that, for {@code jobmanager.silence.timeout} (5
   * min) and a little more, in which a TaskManager that hears nothing ends itself; twice that if
   * the JobManager has died too. A process that is paused meanwhile may still write once when it
   * wakes.
   */
  default boolean needsExclusiveWriter() {
    return false;
  }

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
