package io.millrace.runtime.taskmanager;

import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.util.Optional;

/**
 * Where a TaskManager keeps copies of state files on local disk, beside those of others on the same
 * machine: they outlive the process that made them, for the one that comes after it. All calls may
 * wait.
 */
public interface CopyShelf {
  /**
   * An empty folder among one's own, where the disk is that of {@link TaskHost#newFolder}.
   *
   * @throws IOException also if there is one for that file
   */
  StateFolder make(JobId job, String stateFile) throws IOException;

  /**
   * What another TaskManager, dead or alive, has copied of that file, whole or not; nobody promises
   * that it stays, and nothing may be made in it.
   */
  Optional<StateFolder> ofOthers(JobId job, String stateFile);

  /** What dead TaskManagers have left of the job's is not needed any more. */
  void sweep(JobId job);
}
