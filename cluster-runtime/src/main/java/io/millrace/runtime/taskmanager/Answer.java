package io.millrace.runtime.taskmanager;

import io.millrace.api.operator.Completion;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.kernel.Perishable;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.state.StateFolder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a TaskManager's own environment brings it back. */
sealed interface Answer extends Message {
  /** Time for a heartbeat. */
  record Tick() implements Answer {}

  /**
   * Classes, code and state of an attempt are loaded.
   *
   * @param inherited copies of others that have become this TaskManager's
   */
  record Prepared(AttemptId attempt, Preparation preparation, InheritedCopies inherited)
      implements Answer, Perishable {
    @Override
    public void perish() {
      preparation.discard();
      inherited.discard();
    }
  }

  /**
   * @param corrupt whether the state was not what had been written
   */
  record NotPrepared(AttemptId attempt, Failure failure, boolean corrupt) implements Answer {}

  /**
   * This TaskManager's part of a checkpoint is durable.
   *
   * @param directory of the job, or of the savepoint
   * @param copy of its state file, on local disk
   */
  record StateWritten(
      CheckpointOf checkpoint,
      Map<AttemptId, List<SubtaskState>> states,
      String directory,
      String file,
      Optional<StateFolder> copy)
      implements Answer {}

  record StateNotWritten(CheckpointOf checkpoint, List<AttemptId> attempts, String reason)
      implements Answer {}

  record CommitSucceeded(AttemptId attempt, long checkpoint, Completion work) implements Answer {}

  /**
   * @param tries how often it was tried so far
   */
  record CommitFailed(
      AttemptId attempt, long checkpoint, Completion work, int tries, Exception cause)
      implements Answer {}

  record RetryCommit(AttemptId attempt, long checkpoint, Completion work, int tries)
      implements Answer {}

  /** A task that lost a connection has not been told to end since. */
  record StillDisconnected(AttemptId attempt) implements Answer {}

  record Released() implements Answer {}

  /** Where a JobManager with a higher epoch is, if there is one. */
  record LookedOut(Optional<ControlAddress> found) implements Answer {}

  /** Time to look for another JobManager. */
  record LookDue() implements Answer {}
}
