package io.millrace.runtime.jobmanager;

import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Gives the JobManager TaskManagers. Calls never wait; what happens comes back as {@link Event}s
 * from the address that the implementation was given.
 */
public interface ResourceManager {
  /**
   * Whether it starts TaskManagers when they are wanted and ends those that are not. Where people
   * do that, nobody knows who is still to come: a job waits for slots only so long, whoever comes
   * may stay, those of the JobManager before included if they come soon, and none is sent away for
   * want of work.
   */
  default boolean startsTaskManagers() {
    return true;
  }

  /**
   * So many TaskManagers should exist, those that do included; replaces what was wanted before.
   * More are started or open requests withdrawn; none that runs is ended by this. Those that are
   * made for special slots do not count.
   */
  void want(int taskManagers);

  /**
   * How many slots a TaskManager has that is made for such slots. Empty if none can be made to
   * measure: then all are alike, and any slot will do.
   */
  default OptionalInt slotsOf(SlotResources each) {
    return OptionalInt.empty();
  }

  /**
   * Like {@link #want(int)}, for TaskManagers that are made for such slots, and register as that;
   * only if {@link #slotsOf} says how many they have.
   */
  default void want(SlotResources each, int taskManagers) {
    throw new UnsupportedOperationException("all TaskManagers are alike here");
  }

  /**
   * Why there can never be a TaskManager for such slots, as one sentence; empty if there can, or
   * that is not known yet.
   */
  default Optional<String> refusal(SlotResources each) {
    return Optional.empty();
  }

  /** The TaskManager is not needed any more. */
  void release(TaskManagerId taskManager);

  /**
   * The TaskManager is most likely dead: replace it without waiting until that is certain. Its end
   * is still told when it is known; if it lives after all, it is released.
   */
  default void replace(TaskManagerId taskManager) {
    release(taskManager);
  }

  /**
   * The cluster's work is done: end all TaskManagers, tell the outside how it went, then end this
   * process.
   */
  void finish(JobStatus status, String diagnostics);

  /**
   * Somebody else commands now: end this process and tell the outside nothing of the work's fate.
   * Nothing else is called after this.
   */
  void fenced(String reason);

  /** What a ResourceManager tells the JobManager. */
  sealed interface Event extends Message {}

  /**
   * A TaskManager's process has ended, or could not be started.
   *
   * @param explanation one sentence for people
   * @param lastLines of its logs, as far as the platform knows them
   * @param forMemory whether the reason may be the memory that it had
   * @param exited whether somebody has seen its process end, as opposed to a place that was taken
   *     from it or a machine that is gone
   */
  record TaskManagerEnded(
      TaskManagerId taskManager,
      String explanation,
      LogExcerpt lastLines,
      boolean forMemory,
      boolean exited)
      implements Event {
    /** Of one whose process has ended. */
    public TaskManagerEnded(TaskManagerId taskManager, String explanation) {
      this(taskManager, explanation, LogExcerpt.NONE, false, true);
    }
  }

  /**
   * A step on the way to a TaskManager that works, for people who want to know where time goes.
   *
   * @param what a few words that name the TaskManager
   */
  record Reached(String what) implements Event {}

  /**
   * The platform will take a TaskManager away before long: its node is to be emptied, or others
   * have a right to its place. May be told again and again. What it works for is moved to another
   * one, which is wanted first; then it is released.
   *
   * @param reason one sentence for people
   */
  record Leaving(TaskManagerId taskManager, String reason) implements Event {}

  /**
   * Those that an earlier JobManager started and that still run; they count as wanted from now on.
   * Told soon after the start, also if there are none, and again if more are found later; the first
   * JobManager of a cluster need not be told, nor one whose TaskManagers are started by people.
   */
  record Kept(List<TaskManagerId> taskManagers) implements Event {
    public Kept {
      taskManagers = List.copyOf(taskManagers);
    }
  }

  /**
   * A wish cannot be fulfilled, now or ever; says why and what would help.
   *
   * @param each what the TaskManagers were to be made for
   */
  record Unfulfillable(Optional<SlotResources> each, String reason) implements Event {}

  /** A witness speaks: whether this JobManager is still the one that the platform knows. */
  record Witness(boolean confirmed, String detail) implements Event {}
}
