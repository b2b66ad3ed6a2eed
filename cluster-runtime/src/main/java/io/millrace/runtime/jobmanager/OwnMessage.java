package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Outcome;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.TaskManagerId;
import java.util.List;

/** What a JobManager tells itself by way of its environment. */
sealed interface OwnMessage extends Message {
  /** Time to look who is silent. */
  record Tick() implements OwnMessage {}

  record ForJob(JobId job, JobEvent event) implements OwnMessage {}

  record ForDocket(DocketEvent event) implements OwnMessage {}

  /** A procedure's operation has been done. */
  record OpDone(long procedure, Outcome outcome) implements OwnMessage {}

  /** A procedure has waited long enough before it tries again. */
  record OpDue(long procedure) implements OwnMessage {}

  /**
   * A TaskManager has had time enough to connect again.
   *
   * @param loss which of its connections was lost
   */
  record ReconnectDue(TaskManagerId taskManager, long loss, long sinceMillis)
      implements OwnMessage {}

  /** TaskManagers that were kept have had time enough to come. */
  record KeptDue(List<TaskManagerId> taskManagers) implements OwnMessage {}

  /** TaskManagers that nobody has announced have had time enough to come. */
  record MusterDue() implements OwnMessage {}

  /** What TaskManagers last said they have is to be told again. */
  record ShowDue() implements OwnMessage {}

  /** The only job has ended and whoever wanted to know has been told, or has had the time. */
  record FinishDue() implements OwnMessage {}
}
