package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.TaskManagerLocation;
import java.util.List;

/**
 * What is about to run; durable before the first task is deployed.
 *
 * @param lineage as the tasks know it: inherited, if the job was started from a checkpoint
 * @param restarts of the job so far
 * @param failuresWallMillis when those failures were that its restart strategy still counts
 * @param startWallMillis when its first JobManager began with it
 * @param restoredManifest path of the manifest it starts from; empty for none
 * @param highestCheckpoint highest id given to a checkpoint so far
 */
public record DeploymentRecord(
    Epoch epoch,
    int generation,
    String lineage,
    int restarts,
    List<Long> failuresWallMillis,
    long startWallMillis,
    String restoredManifest,
    long highestCheckpoint,
    List<Operator> operators,
    List<Placed> tasks)
    implements Fact {
  public DeploymentRecord {
    failuresWallMillis = List.copyOf(failuresWallMillis);
    operators = List.copyOf(operators);
    tasks = List.copyOf(tasks);
  }

  /** How wide an operator runs. */
  public record Operator(String uid, int parallelism, int maxParallelism) {}

  /** Where a subtask runs. */
  public record Placed(int chain, int subtask, TaskManagerLocation location, int slot) {}
}
