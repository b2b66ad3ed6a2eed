package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Intent;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobStatus;
import java.util.Optional;

/** What a job is waiting for; each state holds only what is true in it. */
sealed interface JobState {
  /** What users see. */
  JobStatus status();

  /** It has come to its end or was told to: no more input is taken in. */
  sealed interface Closing extends JobState {}

  /** Not started. */
  record Created() implements JobState {
    @Override
    public JobStatus status() {
      return JobStatus.INITIALIZING;
    }
  }

  /** Waits for the claim that precedes every start. */
  record Claiming(JobStatus status) implements JobState {}

  /** Waits for word of the tasks that an earlier JobManager deployed: maybe they run on. */
  record Adopting(RollCall tasks) implements JobState {
    @Override
    public JobStatus status() {
      return JobStatus.INITIALIZING;
    }
  }

  /** Waits for the checkpoints of another job that this one continues. */
  record FindingOrigin() implements JobState {
    @Override
    public JobStatus status() {
      return JobStatus.INITIALIZING;
    }
  }

  /** Waits until the checkpoints are given up that sinks are to take back. */
  record GivingUp(Origin origin, Effect.TakeBack what, JobStatus status) implements JobState {}

  /** Waits for the sinks to take their places, and to take back what is not to be seen there. */
  record AcquiringSinks(Optional<Origin> origin, JobStatus status) implements JobState {}

  /**
   * The job is to end; waits for the sinks' answer whether they took their places, which must not
   * take effect after they have settled.
   */
  record LeavingSinks(Fate ending) implements Closing {
    @Override
    public JobStatus status() {
      return onTheWayTo(ending.outcome());
    }
  }

  /** Waits until no task that was given up can write any more. */
  record AwaitingWriters(Optional<Origin> origin, JobStatus status) implements JobState {}

  /** Waits for slots. */
  record WaitingForSlots(Optional<Origin> origin, JobStatus status) implements JobState {}

  /** Waits until the deployment record is durable. */
  record RecordingDeployment(Execution execution, JobStatus status) implements JobState {}

  /** Waits until all attempts run. */
  record Deploying(Execution execution, JobStatus status) implements JobState {}

  record Running(Execution execution) implements JobState {
    @Override
    public JobStatus status() {
      return JobStatus.RUNNING;
    }
  }

  /** The final checkpoint is durable; waits until all tasks have committed and ended. */
  record Finishing(Execution execution, Manifest last) implements Closing {
    @Override
    public JobStatus status() {
      return JobStatus.RUNNING;
    }
  }

  /** Waits for the time of the next start. */
  record Restarting(Optional<Execution> execution) implements JobState {
    @Override
    public JobStatus status() {
      return JobStatus.RESTARTING;
    }
  }

  /** Waits until a decision to end is durable. */
  record Deciding(Intent intent, Optional<Execution> execution) implements Closing {
    @Override
    public JobStatus status() {
      return onTheWayTo(intent.outcome());
    }
  }

  /** Waits until no task is left and no manifest is being written. */
  record Stopping(Fate ending, Execution execution) implements Closing {
    @Override
    public JobStatus status() {
      return onTheWayTo(ending.outcome());
    }
  }

  /** Waits until the savepoint that the job was stopped with is whole. */
  record Keeping(Fate ending, Manifest last) implements Closing {
    @Override
    public JobStatus status() {
      return onTheWayTo(ending.outcome());
    }
  }

  /** Waits until the sinks have made visible what was promised and deleted the rest. */
  record Settling(Fate ending, int failures) implements Closing {
    @Override
    public JobStatus status() {
      return onTheWayTo(ending.outcome());
    }
  }

  /** Waits until the result is durable. */
  record Concluding(JobResult result) implements Closing {
    @Override
    public JobStatus status() {
      return onTheWayTo(result.status());
    }
  }

  /**
   * The result is durable; waits until what nobody needs any more of the job's checkpoints, and of
   * what it was given to start from, is deleted.
   *
   * @param done whether its own are
   */
  record Discarding(JobResult result, boolean done) implements Closing {
    @Override
    public JobStatus status() {
      return onTheWayTo(result.status());
    }
  }

  record Ended(JobResult result) implements Closing {
    @Override
    public JobStatus status() {
      return result.status();
    }
  }

  /** How a job is about to end. */
  record Fate(JobStatus outcome, Optional<Failure> failure) {}

  private static JobStatus onTheWayTo(JobStatus outcome) {
    return switch (outcome) {
      case FAILED -> JobStatus.FAILING;
      case CANCELED -> JobStatus.CANCELLING;
      default -> JobStatus.RUNNING;
    };
  }
}
