package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.ToTaskManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The newest checkpoint is damaged, or a TaskManager cannot read it. */
class DamagedCheckpointTest {
  private static final Map<String, String> OFTEN =
      Map.of("execution.checkpointing.interval", "500 ms");

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private ScriptedCluster cluster = attempt(1);

  private ScriptedCluster attempt(int number) {
    return new ScriptedCluster(store, number, Configuration.EMPTY);
  }

  private static Map<String, String> fallback(String choice) {
    return Map.of(
        "execution.checkpointing.interval", "500 ms", "execution.recovery.fallback", choice);
  }

  private void damage(String manifest) throws IOException {
    var names = store.names(store.directoryOf(TestJobs.JOB));
    String path = "epochs/00001-0000001/" + manifest;
    byte[] bytes = names.read(path);
    bytes[bytes.length / 2] ^= 1;
    names.delete(path);
    names.createExclusive(path, bytes);
  }

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
    TestJobs.cannotCommit = false;
  }

  @Test
  void fallsBackOnlyIfTheUserAllowsDuplicates() {
    cluster.running(TestJobs.spec(OFTEN));
    cluster.checkpoints(2);
    cluster.kill(cluster.taskManagers.firstKey());
    cluster.failRestore(2);
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(cluster.diagnostics).contains("execution.recovery.fallback");
  }

  @Test
  void namesTheDamagedFileAndTheCheckpointThatNeedsIt() {
    cluster.running(TestJobs.spec(OFTEN));
    cluster.checkpoints(2);
    String manifest = cluster.manifests().get(1);
    cluster.kill(cluster.taskManagers.firstKey());
    cluster.failRestore(2);
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.diagnostics)
        .contains(manifest + " (its state cannot be read back: parts/7: CRC32C differs)");
  }

  @Test
  void fallsBackToAnOlderCheckpointIfDuplicatesAreAllowed() {
    cluster.running(TestJobs.spec(fallback("allow-duplicates")));
    cluster.checkpoints(2);
    cluster.kill(cluster.taskManagers.firstKey());
    cluster.failRestore(2);
    cluster.until(() -> cluster.lastDeploy().generation() == 3);

    assertThat(cluster.lastDeploy().restoredManifest()).endsWith("1");
  }

  @Test
  void letsSinksTakeBackWhatDamagedCheckpointsPromised() throws IOException {
    cluster.running(TestJobs.spec(OFTEN));
    cluster.checkpoints(2);
    damage(cluster.manifests().get(1));
    TestJobs.SINK_CALLS.clear();

    ScriptedCluster next = attempt(2);
    next.submit(TestJobs.spec(fallback("rollback")));
    next.until(() -> next.status() == JobStatus.RUNNING);

    assertThat(TestJobs.SINK_CALLS)
        .containsExactly(
            "acquire " + TestJobs.spec(fallback("rollback")).lineage(),
            "roll back 1 to 2 keeping 2");
  }

  /** Another TaskManager might be able to read it, but its output is taken back. */
  @Test
  void nobodyStartsFromACheckpointThatSinksHaveTakenBack() {
    cluster.running(TestJobs.spec(fallback("rollback")));
    cluster.checkpoints(2);
    cluster.kill(cluster.taskManagers.firstKey());
    cluster.failRestore(2);
    cluster.until(() -> cluster.lastDeploy().generation() == 3);

    cluster = attempt(2);
    cluster.submit(TestJobs.spec(fallback("rollback")));
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
    assertThat(cluster.lastDeploy().restoredManifest()).endsWith("1");
    cluster.checkpoints(3);
  }

  @Test
  void doesNotStartOverWhenItsNewestCheckpointIsDamaged() throws IOException {
    cluster.running(TestJobs.spec(OFTEN));
    cluster.checkpoints(2);
    damage(cluster.manifests().get(1));

    ScriptedCluster next = attempt(2);
    next.submit(TestJobs.spec(OFTEN));
    next.until(() -> next.finished.isPresent());

    assertThat(next.finished).contains(JobStatus.FAILED);
    assertThat(next.diagnostics)
        .contains("CRC32C")
        .contains("since checkpoint 1")
        .contains("execution.recovery.fallback: rollback")
        .contains("allow-duplicates");
    assertThat(TestJobs.SINK_CALLS)
        .as("what the damaged one promised stays pending")
        .doesNotContain("settle false");
    assertThat(next.taskManagers.values()).allMatch(tm -> tm.deploys.isEmpty());
  }

  /** Nothing is restored from it: what it promised is all that is left to be done. */
  @Test
  void endsAsTheLastCheckpointSaysThoughFilesOfItAreGone() {
    cluster.endAfterCheckpoints = 1;
    cluster.lose = (to, message) -> message instanceof ToTaskManager.CheckpointCompleted;
    cluster.submit(TestJobs.spec(OFTEN));
    cluster.until(() -> cluster.taskManagers.size() == TestJobs.PARALLELISM);
    cluster.taskManagers.values().forEach(each -> each.writesFiles = true);
    cluster.until(() -> cluster.manifests().size() == 2);
    var names = store.names(store.directoryOf(TestJobs.JOB));
    assertThat(cluster.names("data")).isNotEmpty();
    cluster.names("data").forEach(file -> delete(names, "data/" + file));
    TestJobs.SINK_CALLS.clear();

    ScriptedCluster next = attempt(2);
    next.submit(TestJobs.spec(OFTEN));
    next.until(() -> next.finished.isPresent());

    assertThat(next.finished).contains(JobStatus.FINISHED);
    assertThat(TestJobs.SINK_CALLS).contains("commit 2/0", "commit 2/1", "settle true");
  }

  private static void delete(DurableNames names, String path) {
    try {
      names.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void neverStartsFromNothingWhenAllCheckpointsAreDamaged() throws IOException {
    cluster.running(TestJobs.spec(OFTEN));
    cluster.checkpoints(3);
    for (String name : cluster.manifests()) {
      damage(name);
    }

    ScriptedCluster next = attempt(2);
    next.submit(TestJobs.spec(OFTEN));
    next.until(() -> next.finished.isPresent());

    assertThat(next.finished).contains(JobStatus.FAILED);
    assertThat(next.diagnostics).contains("no intact checkpoint is left");
  }

  @Test
  void letsSinksTakeBackWhatDamagedCheckpointsOfTheJobItContinuesPromised() throws IOException {
    cluster.running(TestJobs.spec(OFTEN));
    cluster.checkpoints(3);
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());
    damage(cluster.manifests().get(1));
    damage(cluster.manifests().get(2));
    TestJobs.SINK_CALLS.clear();

    ScriptedCluster next = attempt(1);
    var spec =
        new JobSpec(
            new JobId("ffffffffffffffffffffffffffffffff"),
            "0000000000000000",
            TestJobs.graph(Map.of("execution.recovery.fallback", "rollback")),
            List.of(),
            Optional.of(new JobSpec.RestoreFrom(store.directoryOf(TestJobs.JOB), false)));
    next.endAfterCheckpoints = 5;
    next.submit(spec);
    next.until(() -> next.finished.isPresent());

    assertThat(TestJobs.SINK_CALLS)
        .startsWith("acquire fedcba9876543210", "roll back 1 to 3 keeping 2")
        .as("ids that were in use are not used again")
        .noneMatch(call -> call.matches("commit [123]/.*"));
  }
}
