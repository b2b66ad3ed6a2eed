package io.millrace.runtime.protocol;

import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.kernel.Purpose;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the JobManager tells a TaskManager. Commands carry the job's epoch; a lower one than seen
 * before is refused.
 */
public sealed interface ToTaskManager extends Message {

  /**
   * Answer to {@link ToJobManager.Register}.
   *
   * @param attempt of the JobManager's process
   * @param home directory in which a later JobManager will say where it is; empty if there will be
   *     none
   */
  record Registered(TaskManagerId taskManager, int attempt, Optional<String> home)
      implements ToTaskManager {
    public Registered {
      Objects.requireNonNull(taskManager);
      Objects.requireNonNull(home);
    }
  }

  /** The JobManager does not want this TaskManager; it ends. */
  record Shutdown(String reason) implements ToTaskManager {
    public Shutdown {
      Objects.requireNonNull(reason);
    }
  }

  /**
   * Answer to a heartbeat.
   *
   * @param reportsUpTo reports up to this number need not be repeated
   * @param digest of the attempts as the JobManager knows them from the last full list
   */
  record HeartbeatAnswer(long reportsUpTo, long digest) implements ToTaskManager {}

  /**
   * Run these tasks. Idempotent: a task that runs already is left alone.
   *
   * @param placement for each chain of the job's plan and each of its subtasks, the index into
   *     {@code locations}
   */
  record Deploy(
      JobSpec spec,
      Epoch epoch,
      int region,
      int generation,
      List<TaskManagerLocation> locations,
      List<List<Integer>> placement,
      List<TaskStart> tasks,
      String restoredManifest)
      implements ToTaskManager {
    public Deploy {
      Objects.requireNonNull(spec);
      Objects.requireNonNull(epoch);
      Objects.requireNonNull(restoredManifest);
      locations = List.copyOf(locations);
      placement = List.copyOf(placement);
      tasks = List.copyOf(tasks);
    }
  }

  /**
   * One subtask of a {@link Deploy}.
   *
   * @param state to restore, by operator uid; empty on a first start
   * @param stateDirectory the job directory that file names in {@code state} are relative to
   */
  record TaskStart(
      int chain, int subtask, int slot, List<SubtaskState> state, String stateDirectory) {
    public TaskStart {
      Objects.requireNonNull(stateDirectory);
      state = List.copyOf(state);
    }
  }

  /**
   * End all attempts of the region with a lower generation, or all of the job if it is {@code
   * Integer.MAX_VALUE}.
   */
  record CancelTasks(JobId job, Epoch epoch, int region, int belowGeneration)
      implements ToTaskManager {
    public CancelTasks {
      Objects.requireNonNull(job);
      Objects.requireNonNull(epoch);
    }
  }

  /** Start a checkpoint at the enumerators of this TaskManager. */
  record TriggerCheckpoint(
      JobId job, Epoch epoch, int region, int generation, long checkpoint, Purpose purpose)
      implements ToTaskManager {
    public TriggerCheckpoint {
      Objects.requireNonNull(purpose);
      Objects.requireNonNull(job);
      Objects.requireNonNull(epoch);
    }
  }

  /**
   * The checkpoint is durable, and so count all before it.
   *
   * @param last whether the job's input has ended and this was its final checkpoint: tasks end once
   *     they have committed
   */
  record CheckpointCompleted(
      JobId job, Epoch epoch, int region, int generation, long checkpoint, boolean last)
      implements ToTaskManager {
    public CheckpointCompleted {
      Objects.requireNonNull(job);
      Objects.requireNonNull(epoch);
    }
  }

  /** The checkpoint, and all before it that are not complete, will never be. */
  record CheckpointAborted(JobId job, Epoch epoch, int region, int generation, long checkpoint)
      implements ToTaskManager {
    public CheckpointAborted {
      Objects.requireNonNull(job);
      Objects.requireNonNull(epoch);
    }
  }

  /**
   * Answer to {@link ToJobManager.WatermarkReached}.
   *
   * @param watermark the lowest in the group of the attempt's source; the highest there is if there
   *     is nobody to wait for
   */
  record GroupReached(Epoch epoch, AttemptId attempt, long watermark) implements ToTaskManager {
    public GroupReached {
      Objects.requireNonNull(epoch);
      Objects.requireNonNull(attempt);
    }
  }

  /** The job has ended: forget its classes. */
  record ReleaseJob(JobId job, Epoch epoch) implements ToTaskManager {
    public ReleaseJob {
      Objects.requireNonNull(job);
      Objects.requireNonNull(epoch);
    }
  }
}
