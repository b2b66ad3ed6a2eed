package io.millrace.runtime.jobmanager;

import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * TaskManagers on which tasks of a job may still write that it has given up. Only a job with a sink
 * that needs to be the only writer asks: everybody else's output tells attempts apart.
 */
final class Writers {
  /**
   * So often in a row a TaskManager must have shown none: the first may be older than its tasks.
   */
  private static final int LOOKS = 2;

  private final TreeMap<TaskManagerId, Standing> standing = new TreeMap<>();

  /**
   * What is known of one.
   *
   * @param heard whether it can still be asked
   * @param clean how often in a row it has shown no task
   * @param sinceMillis when it was lost
   */
  private record Standing(boolean heard, int clean, long sinceMillis) {
    static final Standing HERE = new Standing(true, 0, 0);

    static Standing lost(long sinceMillis) {
      return new Standing(false, 0, sinceMillis);
    }
  }

  /** Tasks are sent there. */
  void sent(Collection<TaskManagerId> taskManagers) {
    taskManagers.forEach(id -> standing.put(id, Standing.HERE));
  }

  /** A JobManager before has sent tasks there. */
  void inherited(TaskManagerId id, long nowMillis) {
    standing.putIfAbsent(id, Standing.lost(nowMillis));
  }

  /** What it has of the job, all of which was told to end. */
  void shown(TaskManagerId id, List<AttemptStatus> attempts) {
    standing.computeIfPresent(
        id,
        (same, before) -> {
          int clean = attempts.isEmpty() ? before.clean() + 1 : 0;
          return clean >= LOOKS ? null : new Standing(true, clean, 0);
        });
  }

  /**
   * Nobody hears of it any more; it may write on all the same.
   *
   * @return whether it may
   */
  boolean lost(TaskManagerId id, long nowMillis) {
    return standing.computeIfPresent(id, (same, before) -> Standing.lost(nowMillis)) != null;
  }

  /** Its process is known to have ended. */
  void exited(TaskManagerId id) {
    standing.remove(id);
  }

  /** It has had the time, since it was lost, in which whoever hears nothing ends itself. */
  void overdue(TaskManagerId id, long sinceMillis) {
    standing.remove(id, Standing.lost(sinceMillis));
  }

  /** Where some may be left. */
  List<TaskManagerId> left() {
    return List.copyOf(standing.keySet());
  }
}
