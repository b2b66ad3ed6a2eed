package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Settlement;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A small file of the job cannot be read that says what was decided of it. */
class DamagedRecordTest {
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final DurableNames names = store.names(store.directoryOf(TestJobs.JOB));
  private final ScriptedCluster cluster = attempt(1);

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
  }

  private ScriptedCluster attempt(int number) {
    return new ScriptedCluster(store, number, Configuration.EMPTY);
  }

  private static JobSpec keeping(String retention) {
    return TestJobs.spec(
        Map.of("execution.checkpointing.externalized-checkpoint-retention", retention));
  }

  private ScriptedCluster taken(int number, JobSpec spec) {
    ScriptedCluster next = attempt(number);
    next.submit(spec);
    return next;
  }

  private JobResult clean(JobSpec spec) throws Exception {
    return Settlement.clean(store, spec, getClass().getClassLoader(), "clean", 0);
  }

  private void cancel(JobSpec spec) {
    cluster.running(spec);
    cluster.checkpoints(4);
    cluster.client(new ClientRequest.Cancel(7, spec.job()));
  }

  /** The newest file of that name; empty if there is none. */
  private String path(String record) {
    for (String epoch : cluster.names("epochs")) {
      for (String name : cluster.names("epochs/" + epoch)) {
        if (name.startsWith(record)) {
          return "epochs/" + epoch + "/" + name;
        }
      }
    }
    return "";
  }

  private void damage(String record) throws IOException {
    String path = path(record);
    byte[] bytes = names.read(path);
    bytes[bytes.length - 1] ^= 4;
    names.delete(path);
    names.createExclusive(path, bytes);
  }

  /** It was cancelled or had failed: either way its tasks end and its checkpoints count. */
  @ParameterizedTest
  @CsvSource({"DELETE_ON_CANCELLATION, 3", "NO_EXTERNALIZED_CHECKPOINTS, 0"})
  void ofADecisionToEndLetsASuccessorEndTheJob(String retention, int kept) throws Exception {
    JobSpec spec = keeping(retention);
    cancel(spec);
    cluster.until(() -> !path("intent").isEmpty());
    damage("intent");

    ScriptedCluster next = taken(2, spec);
    next.until(() -> next.finished.isPresent());
    assertThat(next.finished).contains(JobStatus.FAILED);
    assertThat(next.diagnostics).contains("/intent its CRC32C differs").contains("not known");
    assertThat(next.deploys()).isEmpty();
    assertThat(TestJobs.SINK_CALLS).containsSubsequence("commit 4/0", "commit 4/1", "settle false");
    assertThat(next.manifests()).hasSize(kept);
  }

  @ParameterizedTest
  @CsvSource({"DELETE_ON_CANCELLATION, 3", "NO_EXTERNALIZED_CHECKPOINTS, 0"})
  void ofADecisionToEndKeepsNobodyFromSettling(String retention, int kept) throws Exception {
    JobSpec spec = keeping(retention);
    cancel(spec);
    cluster.until(() -> !path("intent").isEmpty());
    damage("intent");

    JobResult result = clean(spec);
    assertThat(result.status()).isEqualTo(JobStatus.FAILED);
    assertThat(result.failure().orElseThrow().message()).contains("/intent its CRC32C differs");
    assertThat(TestJobs.SINK_CALLS).containsSubsequence("commit 4/0", "commit 4/1", "settle false");
    assertThat(cluster.manifests()).hasSize(kept);
    assertThat(clean(spec)).as("settled once for all").isEqualTo(result);
  }

  /** Its checkpoints are gone, so it would begin anew if it were not known to have ended. */
  @Test
  void ofTheResultIsNoReasonToBeginAnew() throws Exception {
    JobSpec spec = TestJobs.spec(Map.of());
    cluster.submit(spec);
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FINISHED);
    assertThat(cluster.manifests()).isEmpty();
    damage("result");

    for (int attempt = 2; attempt < 4; attempt++) {
      ScriptedCluster next = taken(attempt, spec);
      next.until(() -> next.finished.isPresent());
      assertThat(next.finished).contains(JobStatus.FAILED);
      assertThat(next.diagnostics).contains("/result its CRC32C differs").contains("not known");
      assertThat(next.deploys()).isEmpty();
    }
    assertThat(clean(spec).failure().orElseThrow().message()).contains("/result its CRC32C");
    assertThat(path("result")).as("what says that it has ended").isNotEmpty();
  }

  /** What its other files say of its end, a damaged result does not change. */
  @Test
  void ofTheResultIsNoMatterWhereTheDecisionIsKnown() throws Exception {
    JobSpec spec = keeping("RETAIN_ON_CANCELLATION");
    cancel(spec);
    cluster.until(() -> cluster.finished.isPresent());
    damage("result");

    ScriptedCluster next = taken(2, spec);
    next.until(() -> next.finished.isPresent());
    assertThat(next.finished).contains(JobStatus.CANCELED);
    assertThat(clean(spec).status()).isEqualTo(JobStatus.CANCELED);
    assertThat(next.manifests()).hasSize(3);
    assertThat(next.deploys()).isEmpty();
  }

  /** Nobody knows what sinks have taken back, until somebody has looked. */
  @Test
  void ofARollbackIsForPeopleToDecide() throws Exception {
    JobSpec spec =
        TestJobs.spec(
            Map.of(
                "execution.checkpointing.interval", "500 ms",
                "execution.recovery.fallback", "rollback"));
    cluster.running(spec);
    cluster.checkpoints(2);
    cluster.kill(cluster.taskManagers.firstKey());
    cluster.failRestore(2);
    cluster.until(() -> !path("dropped-").isEmpty());
    damage("rollback-");
    TestJobs.SINK_CALLS.clear();

    String remedy = "delete the file by hand";
    assertThatThrownBy(() -> clean(spec))
        .hasMessageContaining(store.directoryOf(TestJobs.JOB) + ": " + path("rollback-") + " its")
        .hasMessageContaining(remedy);
    assertThat(Procedure.run(new FindCheckpoint(OptionalLong.empty()), names))
        .isInstanceOfSatisfying(
            Step.Failed.class, failed -> assertThat(failed.reason()).contains(remedy));
    ScriptedCluster next = taken(5, spec);
    next.until(() -> notes(next).stream().anyMatch(note -> note.contains(remedy)));
    assertThat(next.deploys()).isEmpty();
    assertThat(TestJobs.SINK_CALLS).isEmpty();

    names.delete(path("rollback-"));
    next.until(() -> next.status() == JobStatus.RUNNING);
    assertThat(ScriptedCluster.number(next.lastDeploy().restoredManifest())).isEqualTo(1);
  }

  @Test
  void ofADeploymentSaysWhatToDo() throws Exception {
    JobSpec spec = TestJobs.spec(Map.of());
    cluster.running(spec);
    cluster.checkpoints(1);
    damage("deployment-");

    ScriptedCluster next = taken(2, spec);
    next.until(() -> notes(next).stream().anyMatch(note -> note.contains("millrace clean")));
    assertThat(next.deploys()).isEmpty();
    assertThat(clean(spec).status()).isEqualTo(JobStatus.CANCELED);
  }

  /** With none of its own, only the deployment says whose output it writes on. */
  @Test
  void ofADeploymentBeforeTheFirstCheckpointSaysWhatToDelete() throws Exception {
    JobSpec spec = TestJobs.spec(Map.of());
    cluster.running(spec);
    damage("deployment-");

    assertThatThrownBy(() -> clean(spec)).hasMessageContaining("delete the file by hand");
    assertThat(TestJobs.SINK_CALLS).doesNotContain("settle false");
    names.delete(path("deployment-"));
    assertThat(clean(spec).status()).isEqualTo(JobStatus.CANCELED);
    assertThat(TestJobs.SINK_CALLS).contains("settle false");
  }

  private static List<String> notes(ScriptedCluster of) {
    return of.details().changes().stream().map(change -> change.note()).toList();
  }
}
