package io.millrace.runtime.taskmanager;

import io.millrace.api.config.JobSettings;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.task.TaskEvent;
import java.util.List;
import java.util.TreeMap;

/**
 * Checkpoints for which some but not all attempts here have cut their state. Once the last one has,
 * everything goes into one file, in the background.
 */
final class CheckpointsInFlight {
  private final Env env;
  private final CheckpointStore store;
  private final TaskManagerId here;
  private final TreeMap<CheckpointOf, Gathering> gatherings = new TreeMap<>();
  private long filesWritten;

  CheckpointsInFlight(Env env, CheckpointStore store, TaskManagerId here) {
    this.env = env;
    this.store = store;
    this.here = here;
  }

  /** A task has cut; answered by {@link Answer.StateWritten} or its opposite after the last one. */
  void cut(LocalJob job, Attempt attempt, TaskEvent.Cut cut) {
    AttemptId id = attempt.id;
    var checkpoint = new CheckpointOf(id.job(), id.region(), id.generation(), cut.checkpoint());
    Gathering gathering = gatherings.computeIfAbsent(checkpoint, key -> new Gathering());
    gathering.add(id, cut);
    if (job.of(id.region(), id.generation()).stream().allMatch(each -> gathering.has(each.id))) {
      gatherings.remove(checkpoint);
      String directory = cut.savepoint().isEmpty() ? store.directoryOf(id.job()) : cut.savepoint();
      write(checkpoint, directory, gathering, attempt.loaded, job.epoch);
    }
  }

  private void write(
      CheckpointOf checkpoint,
      String directory,
      Gathering gathering,
      Preparation loaded,
      Epoch epoch) {
    String file =
        JobDirectory.stateFile(epoch, checkpoint.checkpoint(), here.value(), ++filesWritten);
    long inlineUpTo = loaded.plan().settings().get(JobSettings.CHECKPOINT_INLINE);
    List<AttemptId> attempts = gathering.attempts();
    env.offload(
        Lane.STATE,
        TaskManager.guarded(
            () ->
                new Answer.StateWritten(
                    checkpoint, gathering.write(store, directory, file, inlineUpTo))),
        e -> new Answer.StateNotWritten(checkpoint, attempts, Diagnosis.of(e, "", -1).message()));
  }

  /** What was cut for those checkpoints is dropped; sinks keep what they promised. */
  void forget(JobId job, int region, int generation, long upTo) {
    for (CheckpointOf each : List.copyOf(gatherings.keySet())) {
      if (each.job().equals(job)
          && each.region() == region
          && each.generation() == generation
          && each.checkpoint() <= upTo) {
        gatherings.remove(each).discard();
      }
    }
  }

  /** Without that attempt none of its checkpoints can complete. */
  void ended(AttemptId attempt) {
    for (CheckpointOf each : List.copyOf(gatherings.keySet())) {
      if (each.includes(attempt)) {
        gatherings.remove(each).discard();
      }
    }
  }
}
