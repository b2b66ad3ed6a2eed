package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToTaskManager;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** TaskManagers that the platform will take: their work moves, and nothing has failed. */
class LeavingTest {
  private static final String REASON = "its node is being decommissioned";

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private ScriptedCluster cluster = cluster(1);

  private ScriptedCluster cluster(int attempt) {
    return new ScriptedCluster(store, attempt, Configuration.EMPTY);
  }

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
    TestJobs.cannotCommit = false;
  }

  private void running(Map<String, String> settings) {
    cluster.running(TestJobs.spec(settings));
  }

  private TaskManagerId first() {
    return cluster.taskManagers.firstKey();
  }

  private void leaves(TaskManagerId id) {
    cluster.deliver(new Address("resources"), new ResourceManager.Leaving(id, REASON));
  }

  private Optional<ToTaskManager.Deploy> deployed(int generation) {
    return cluster.deploys().stream().filter(each -> each.generation() == generation).findFirst();
  }

  @Test
  void aCheckpointIsTakenThenTheJobMovesThenItIsReleased() {
    running(Map.of("execution.checkpointing.interval", "10 min"));
    TaskManagerId leaving = first();

    leaves(leaving);
    cluster.until(() -> !cluster.taskManagers.containsKey(leaving));

    assertThat(cluster.taskManagers).hasSize(TestJobs.PARALLELISM);
    assertThat(deployed(2).orElseThrow().restoredManifest()).contains("manifest-");
    assertThat(cluster.details().restarts()).isZero();
    assertThat(cluster.details().changes().toString())
        .contains("TaskManager " + leaving + " will be taken away: " + REASON);
  }

  @Test
  void tasksRunOnUntilThereIsRoomElsewhere() {
    running(Map.of());
    cluster.startsTaskManagers = false;
    TaskManagerId leaving = first();

    leaves(leaving);
    cluster.checkpoints(3);

    assertThat(cluster.taskManagers).containsKey(leaving);
    assertThat(deployed(2)).isEmpty();
    cluster.startsTaskManagers = true;
    cluster.startTaskManager();
    cluster.until(() -> deployed(2).isPresent() && cluster.status() == JobStatus.RUNNING);
    assertThat(deployed(2).orElseThrow().locations())
        .noneMatch(location -> location.id().equals(leaving));
  }

  /** A checkpoint is taken at once, though the next one is not due for long. */
  @Test
  void thatItIsTakenWithoutWaitingCostsNoRestart() {
    running(Map.of("restart-strategy.type", "none", "execution.checkpointing.interval", "10 min"));
    cluster.startsTaskManagers = false;
    TaskManagerId leaving = first();
    leaves(leaving);
    cluster.checkpoints(1);

    cluster.startsTaskManagers = true;
    cluster.kill(leaving);
    cluster.until(() -> deployed(2).isPresent());

    assertThat(deployed(2).orElseThrow().restoredManifest()).contains("manifest-");
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
    assertThat(cluster.details().restarts()).isZero();
  }

  @Test
  void saidAgainItIsNoNews() {
    running(Map.of());
    TaskManagerId leaving = first();

    for (int i = 0; i < 5; i++) {
      leaves(leaving);
    }
    cluster.until(() -> !cluster.taskManagers.containsKey(leaving));
    leaves(leaving);
    cluster.runFor(10_000);

    assertThat(cluster.taskManagers).hasSize(TestJobs.PARALLELISM);
    assertThat(deployed(3)).isEmpty();
  }

  @Test
  void allOfThemAtOnce() {
    running(Map.of());
    List<TaskManagerId> before = List.copyOf(cluster.taskManagers.keySet());

    before.forEach(this::leaves);
    cluster.until(() -> before.stream().noneMatch(cluster.taskManagers::containsKey));

    assertThat(cluster.taskManagers).hasSize(TestJobs.PARALLELISM);
    assertThat(deployed(3)).isEmpty();
    cluster.endAfterCheckpoints = 0;
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FINISHED);
  }

  @Test
  void oneThatHasNotComeYetGetsNoWork() {
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    cluster.submit(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.taskManagers.size() == TestJobs.PARALLELISM);
    TaskManagerId leaving = first();
    leaves(leaving);

    cluster.until(() -> cluster.status() == JobStatus.RUNNING);

    assertThat(deployed(1).orElseThrow().locations())
        .noneMatch(location -> location.id().equals(leaving));
  }

  /** What it runs is not known yet: it looks as if nobody needed it. */
  @Test
  void tasksOfTheJobManagerBeforeAreAdoptedFirst() {
    running(Map.of());
    cluster.checkpoints(1);
    List<ScriptedTaskManager> kept = List.copyOf(cluster.taskManagers.values());
    cluster = cluster(2);
    cluster.startsTaskManagers = false;
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    cluster.submit(TestJobs.spec(Map.of()));
    cluster.deliver(
        new Address("resources"),
        new ResourceManager.Kept(kept.stream().map(each -> each.id).toList()));
    leaves(kept.get(0).id);
    kept.get(0).follow(cluster);
    cluster.runFor(3_000);
    kept.get(1).follow(cluster);

    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
    assertThat(deployed(2)).isEmpty();
    assertThat(cluster.taskManagers).hasSize(2);
    cluster.startsTaskManagers = true;
    cluster.startTaskManager();
    cluster.until(() -> !cluster.taskManagers.containsKey(kept.get(0).id));
    assertThat(deployed(2)).isPresent();
    assertThat(cluster.details().restarts()).isZero();
  }
}
