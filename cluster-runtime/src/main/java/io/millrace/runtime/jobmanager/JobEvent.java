package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Claim;
import io.millrace.runtime.checkpoint.ClaimedJob;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.FindHigherClaim;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.Written;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.protocol.ClientRequest.Then;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import java.util.List;
import java.util.Optional;

/**
 * What can happen to a job. Events that answer an effect carry what tells whether they are still
 * wanted: the epoch, or the serial number of the timer.
 */
sealed interface JobEvent {

  record Start() implements JobEvent {}

  record CancelAsked(Address client, long number) implements JobEvent {}

  /** Whoever has asked to cancel waits long enough to be told what holds it up. */
  record CancelUnanswered() implements JobEvent {}

  /** Something that the job may have waited for, for people. */
  record Reached(String what) implements JobEvent {}

  /**
   * @param directory of the savepoint
   */
  record SavepointAsked(Address client, long number, String id, String directory, Then then)
      implements JobEvent {}

  /** The savepoint's directory is there; or the savepoint is, whole. */
  record SavepointOpened(String directory, Step<Boolean> step) implements JobEvent {}

  /** The savepoint's manifest is in its directory. */
  record SavepointKept(String directory, Step<Written> step) implements JobEvent {}

  record ClaimEnded(Epoch epoch, Step<Claim.Result<ClaimedJob>> step) implements JobEvent {}

  /** Checkpoints of the job that this one is to continue. */
  record CheckpointsFound(Epoch epoch, Step<FindCheckpoint.Found> step) implements JobEvent {}

  /** Nobody will start from the checkpoints that sinks are to take back. */
  record GivenUp(Epoch epoch, Step<Boolean> step) implements JobEvent {}

  /**
   * @param highestCheckpoint that sinks have output of, as far as they know; 0 for none
   */
  record SinksAcquired(long highestCheckpoint) implements JobEvent {}

  record SinksRefused(Failure failure) implements JobEvent {}

  /**
   * Nothing was asked of the sinks.
   *
   * @param by what another process has claimed the job with
   */
  record SinksSuperseded(Epoch by) implements JobEvent {}

  record SlotsGranted(List<FreeSlot> slots) implements JobEvent {
    public SlotsGranted {
      slots = List.copyOf(slots);
    }
  }

  /**
   * There are not enough slots and will not be.
   *
   * @param mayPass whether that may change with time
   */
  record SlotsImpossible(String reason, boolean mayPass) implements JobEvent {}

  /** It has waited for its slots for long, and waits on. */
  record SlotsOverdue(String reason) implements JobEvent {}

  record DeploymentWritten(Epoch epoch, Step<Written> step) implements JobEvent {}

  record Reported(Report report) implements JobEvent {}

  /** A source task says how far it has come in event time, and asks how far others have. */
  record WatermarkReached(ToJobManager.WatermarkReached message) implements JobEvent {}

  /** All attempts of this job that a TaskManager has. */
  record AttemptsSeen(TaskManagerId taskManager, List<AttemptStatus> attempts) implements JobEvent {
    public AttemptsSeen {
      attempts = List.copyOf(attempts);
    }
  }

  /**
   * @param foretold whether the platform had said before that it would take it, so that nothing has
   *     failed
   * @param exited whether its process is known to have ended
   */
  record TaskManagerLost(
      TaskManagerId taskManager, String explanation, boolean foretold, boolean exited)
      implements JobEvent {}

  /**
   * One that was lost has had the time in which whoever hears nothing ends itself.
   *
   * @param sinceMillis when it was lost
   */
  record WriterOverdue(TaskManagerId taskManager, long sinceMillis) implements JobEvent {}

  /**
   * The platform will take these.
   *
   * @param reason of one of them, for people
   * @param roomElsewhere whether the job could have all its slots with others
   */
  record Leaving(List<TaskManagerId> taskManagers, String reason, boolean roomElsewhere)
      implements JobEvent {
    public Leaving {
      taskManagers = List.copyOf(taskManagers);
    }
  }

  /** What the platform has kept of an earlier JobManager's TaskManagers. */
  record Kept(List<TaskManagerId> taskManagers) implements JobEvent {
    public Kept {
      taskManagers = List.copyOf(taskManagers);
    }
  }

  record AdoptionOverdue(long serial) implements JobEvent {}

  record CheckpointDue(long serial) implements JobEvent {}

  record CheckpointOverdue(long checkpoint) implements JobEvent {}

  /**
   * @param id under which sources were told to end
   */
  record DrainOverdue(long id) implements JobEvent {}

  record ManifestWritten(Epoch epoch, Manifest manifest, Step<Written> step) implements JobEvent {}

  /** A checkpoint that is not retained any more is gone, unless the epoch was sealed. */
  record Dropped(Epoch epoch, Step<Boolean> step) implements JobEvent {}

  record CleanedUp(Step<Integer> step) implements JobEvent {}

  record RestartsWritten(Step<Written> step) implements JobEvent {}

  /** What the job started from and was given is not needed any more, and gone. */
  record ClaimedDropped(Step<Integer> step) implements JobEvent {}

  record RestartDue(long serial) implements JobEvent {}

  record IntentWritten(Epoch epoch, Step<Written> step) implements JobEvent {}

  record StopOverdue(long serial) implements JobEvent {}

  record Settled(Optional<Failure> failure) implements JobEvent {}

  record ResultWritten(Epoch epoch, Step<Written> step) implements JobEvent {}

  record Discarded(Step<Boolean> step) implements JobEvent {}

  /** What the state waits to do again after the store refused it. */
  record RetryDue(long serial) implements JobEvent {}

  /** Time to ask the claims folder whether this is still the commander. */
  record WatchDue() implements JobEvent {}

  record WatchEnded(Epoch epoch, Step<FindHigherClaim.Standing> step) implements JobEvent {}

  /**
   * What the claims folder says after a write has found the own epoch closed.
   *
   * @param reason what the write has found
   */
  record FenceSeen(Epoch epoch, String reason, Step<FindHigherClaim.Standing> step)
      implements JobEvent {}
}
