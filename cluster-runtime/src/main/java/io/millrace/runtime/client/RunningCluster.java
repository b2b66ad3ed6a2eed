package io.millrace.runtime.client;

import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A cluster that somebody has started, as its owner sees it: through whatever runs its processes,
 * and through the control port of its JobManager wherever that is at the moment.
 */
public interface RunningCluster extends AutoCloseable {
  /** As people know it. */
  String id();

  /** How it stands; also finds out where its JobManager is. */
  Situation situation() throws IOException;

  /**
   * How the last of its JobManagers that have failed ended; empty if none has, or nobody can say.
   */
  default Optional<Death> lastDeath() throws IOException {
    return Optional.empty();
  }

  /**
   * Of a JobManager.
   *
   * @param attempt which of the cluster's it was, from 1
   * @param inWords a sentence, and the last lines of its log if there are any
   */
  record Death(int attempt, String inWords) {}

  /** Asks the JobManager, at the address that the last {@link #situation} gave. */
  ClusterClient client();

  /** Whether it outlives its jobs: what becomes of it says nothing of them. */
  boolean outlivesJobs() throws IOException;

  /**
   * How a job of one that outlives it ended, from what is durable; empty if it has not, or that
   * cannot be seen at the moment.
   */
  Optional<JobResult> result(JobId job) throws IOException;

  /** Ends it by force. What its jobs promised is not settled. */
  void kill() throws IOException;

  /**
   * Waits until a cluster that does not outlive its job is gone; false if that takes longer, which
   * harms nothing.
   */
  boolean awaitGone(Duration time) throws InterruptedException;

  /** What a user types to cancel a job. */
  String cancelCommand(JobId job);

  /** What a user types, or does, to end it by force. */
  String killCommand();

  /** What a user does about output of jobs whose cluster ended before them. */
  String settleAdvice();

  /** Where the logs of its processes are, or what a user types to read them. */
  String logs();

  /** The same for what its TaskManagers print. */
  String outputs();

  @Override
  void close();
}
