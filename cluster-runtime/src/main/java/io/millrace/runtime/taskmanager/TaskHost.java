package io.millrace.runtime.taskmanager;

import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.Configuration;
import io.millrace.runtime.exchange.Waker;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.StateFolder;
import io.millrace.runtime.task.LocalDisk;
import io.millrace.runtime.task.StateStores;
import io.millrace.runtime.task.Task;
import io.millrace.runtime.task.TaskCommand;
import io.millrace.runtime.task.Watch;
import java.io.IOException;
import java.util.List;

/**
 * What tasks need of their process: threads that step them, in the simulator the seeded order, and
 * local disk.
 */
public interface TaskHost {
  /**
   * Wakes whichever thread steps the attempt; works before {@link #start} too.
   *
   * @param ownThread whether it will be stepped by a thread of its own instead of its slot's
   */
  Waker wakerFor(AttemptId attempt, int slot, boolean ownThread);

  /** Steps the task from now until it is DONE, then forgets it. */
  void start(AttemptId attempt, Task task, int slot, boolean ownThread);

  /**
   * Hands the command to the task between two steps; nothing happens if it has ended. Cancel
   * interrupts a step of the task that does not end, but none that closes it.
   */
  void command(AttemptId attempt, TaskCommand command);

  /**
   * The files that came with the job, the same for all its tasks here. May wait.
   *
   * @throws java.io.IOException if they cannot be had; a FileUnusableException if they never can
   */
  DistributedCache files(JobId job, List<FileRef> files) throws IOException;

  /** The job has no task here and will have none: its files go. May wait. */
  void releaseFiles(JobId job);

  /** What tasks look at within a step. */
  Watch watch();

  /** Where tasks put what does not fit in memory. */
  LocalDisk disk();

  /**
   * Makes an empty folder on the disk of the stores of state. May wait.
   *
   * @param name unlike all others in the life of this process
   */
  StateFolder newFolder(String name) throws IOException;

  /** Copies of state files. */
  CopyShelf copies();

  /**
   * Does all of that in any order, several at a time where there are threads for it. May wait;
   * nothing of it goes on any more when this returns or throws.
   *
   * @throws IOException what one of them has thrown; those that had not begun by then are left out
   */
  default void together(List<Loading> all) throws IOException {
    for (Loading each : all) {
      each.run();
    }
  }

  /** A part of what is loaded from elsewhere. */
  @FunctionalInterface
  interface Loading {
    void run() throws IOException;
  }

  /**
   * Opens the state of the attempt's keyed operator, when it is asked to.
   *
   * @param settings of the job; they choose the kind of store
   */
  StateStores stores(AttemptId attempt, int slot, Configuration settings);
}
