package io.millrace.standalone;

import io.millrace.runtime.jobmanager.ResourceManager;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;

/** Nobody but people starts and ends TaskManagers; this only ends the JobManager's own process. */
final class StartedByPeople implements ResourceManager {
  private final End end;

  /** How the JobManager's process ends; called by the JobManager, must not wait. */
  interface End {
    void finished(JobStatus status, String diagnostics);

    void fenced(String reason);
  }

  StartedByPeople(End end) {
    this.end = end;
  }

  @Override
  public boolean startsTaskManagers() {
    return false;
  }

  @Override
  public void want(int taskManagers) {}

  @Override
  public void release(TaskManagerId taskManager) {}

  @Override
  public void finish(JobStatus status, String diagnostics) {
    end.finished(status, diagnostics);
  }

  @Override
  public void fenced(String reason) {
    end.fenced(reason);
  }
}
