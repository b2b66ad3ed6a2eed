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
   */
  private record Standing(boolean heard, int clean) {}

  /** Tasks are sent there. */
  void sent(Collection<TaskManagerId> taskManagers) {
    taskManagers.forEach(id -> standing.put(id, new Standing(true, 0)));
  }

  /** A JobManager before has sent tasks there. */
  void inherited(Collection<TaskManagerId> taskManagers) {
    taskManagers.forEach(id -> standing.putIfAbsent(id, new Standing(false, 0)));
  }

  /** What it has of the job, all of which was told to end. */
  void shown(TaskManagerId id, List<AttemptStatus> attempts) {
    standing.computeIfPresent(
        id,
        (same, before) -> {
          int clean = attempts.isEmpty() ? before.clean() + 1 : 0;
          return clean >= LOOKS ? null : new Standing(true, clean);
        });
  }

  /** Nobody hears of it any more; it may write on all the same. */
  boolean lost(TaskManagerId id) {
    return standing.computeIfPresent(id, (same, before) -> new Standing(false, 0)) != null;
  }

  /** The platform says that its process has ended. */
  void ended(TaskManagerId id) {
    standing.remove(id);
  }

  /** Of those of before, the platform has kept only these. */
  void onlyOf(Collection<TaskManagerId> kept) {
    standing.keySet().removeIf(id -> !standing.get(id).heard() && !kept.contains(id));
  }

  /** One that was lost has had the time in which whoever hears nothing ends itself. */
  void overdue(TaskManagerId id) {
    if (standing.containsKey(id) && !standing.get(id).heard()) {
      standing.remove(id);
    }
  }

  /** Where some may be left. */
  List<TaskManagerId> left() {
    return List.copyOf(standing.keySet());
  }
}
