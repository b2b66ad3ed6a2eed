package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import io.millrace.runtime.protocol.ToJobManager.Phase;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Whether what an earlier JobManager deployed runs on as it was deployed. It does if every task of
 * the deployment record is reported as running by the TaskManager that it was given to, and if all
 * of these obey the new epoch already: then no word of an older one can reach them any more.
 */
final class RollCall {
  private final DeploymentRecord record;
  private final TreeMap<TaskManagerId, TreeSet<AttemptId>> expected = new TreeMap<>();
  private final TreeMap<AttemptId, AttemptStatus> found = new TreeMap<>();

  RollCall(JobId job, DeploymentRecord record) {
    this.record = record;
    for (DeploymentRecord.Placed task : record.tasks()) {
      expected
          .computeIfAbsent(task.location().id(), id -> new TreeSet<>())
          .add(Execution.attempt(job, record.generation(), task.chain(), task.subtask()));
    }
  }

  DeploymentRecord record() {
    return record;
  }

  boolean concerns(TaskManagerId taskManager) {
    return expected.containsKey(taskManager);
  }

  /** Why they cannot run on if only these TaskManagers are left. */
  Optional<String> kept(Collection<TaskManagerId> taskManagers) {
    return expected.keySet().stream()
        .filter(id -> !taskManagers.contains(id))
        .findFirst()
        .map(id -> "TaskManager " + id + " has ended");
  }

  /**
   * Takes what a TaskManager has.
   *
   * @return why the tasks cannot run on, if that shows it
   */
  Optional<String> reported(TaskManagerId taskManager, List<AttemptStatus> attempts, Epoch mine) {
    var present = new TreeMap<AttemptId, AttemptStatus>();
    for (AttemptStatus status : attempts) {
      if (status.attempt().generation() == record.generation()) {
        present.put(status.attempt(), status);
      }
    }
    TreeSet<AttemptId> all = expected.get(taskManager);
    if (!present.keySet().equals(all)) {
      var missing = new TreeSet<>(all);
      missing.removeAll(present.keySet());
      return Optional.of(
          "TaskManager "
              + taskManager
              + (missing.isEmpty()
                  ? " has other tasks than it was given"
                  : " does not have task " + missing.first()));
    }
    for (AttemptStatus status : present.values()) {
      if (status.phase() == Phase.CANCELLING) {
        return Optional.of("task " + status.attempt() + " was told to end");
      }
      if (status.stopped()) {
        return Optional.of("the source of task " + status.attempt() + " was told to stop");
      }
    }
    if (present.values().stream()
        .allMatch(status -> status.phase() != Phase.STARTING && status.epoch().equals(mine))) {
      found.putAll(present);
    }
    return Optional.empty();
  }

  /** Whether everything that was deployed is there and obeys. */
  boolean complete() {
    return found.size() == record.tasks().size();
  }

  /** What is there, once it is complete. */
  Collection<AttemptStatus> found() {
    return found.values();
  }

  /** Who has not shown all that it should have, for people. */
  String awaited() {
    return expected.entrySet().stream()
        .filter(each -> !found.keySet().containsAll(each.getValue()))
        .map(each -> each.getKey().toString())
        .findFirst()
        .map(id -> "TaskManager " + id + " has not reported all its tasks")
        .orElse("nobody is awaited");
  }
}
