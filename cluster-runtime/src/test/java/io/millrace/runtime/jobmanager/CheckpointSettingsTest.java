package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.ToTaskManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointSettingsTest {
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final ScriptedCluster cluster = new ScriptedCluster(store, 1, Configuration.EMPTY);

  private void running(Map<String, String> settings) {
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    cluster.submit(TestJobs.spec(settings));
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
  }

  private long given() {
    return cluster.details().changes().stream()
        .filter(change -> change.note().contains("was given up"))
        .count();
  }

  @Test
  void endlesslyManyCheckpointsMayFailByDefault() {
    cluster.lose = (to, message) -> message instanceof ToTaskManager.TriggerCheckpoint;
    running(Map.of("execution.checkpointing.timeout", "1 s"));
    cluster.until(() -> given() == 20);

    assertThat(cluster.details().restarts()).isZero();
  }

  @Test
  void restartsOnceMoreCheckpointsInARowHaveFailedThanItBears() {
    cluster.lose = (to, message) -> message instanceof ToTaskManager.TriggerCheckpoint;
    running(
        Map.of(
            "execution.checkpointing.timeout",
            "1 s",
            "execution.checkpointing.tolerable-failed-checkpoints",
            "2"));
    cluster.until(() -> cluster.details().restarts() == 1);

    assertThat(given()).isEqualTo(3);
    assertThat(cluster.details().changes())
        .anyMatch(
            change ->
                change
                    .note()
                    .contains(
                        "3 checkpoints in a row have failed, more than"
                            + " execution.checkpointing.tolerable-failed-checkpoints allows; the"
                            + " last one: took too long"));
  }

  /** Those before it may have been slow for what stood in front of their barriers. */
  @Test
  void theLastCheckpointMayTakeTooLongTwiceWhateverWasBefore() {
    cluster.lose = (to, message) -> message instanceof ToTaskManager.TriggerCheckpoint;
    running(Map.of("execution.checkpointing.timeout", "1 s"));
    cluster.until(() -> given() == 5);
    cluster
        .taskManagers
        .values()
        .forEach(each -> each.barrier(TestJobs.JOB, 1_000, Purpose.DRAIN, true));
    cluster.until(() -> given() == 7);
    assertThat(cluster.details().restarts()).isZero();

    cluster.until(() -> cluster.details().restarts() == 1);
    assertThat(given()).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({
    "RETAIN_ON_CANCELLATION, 1, 1",
    "DELETE_ON_CANCELLATION, 0, 1",
    "NO_EXTERNALIZED_CHECKPOINTS, 0, 0"
  })
  void keepsTheCheckpointsOfAnEndedJobAsItIsTold(String retention, int cancelled, int failed) {
    var settings = Map.of("execution.checkpointing.externalized-checkpoint-retention", retention);
    running(settings);
    cluster.until(() -> manifests() == 1);
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(manifests()).isEqualTo(cancelled);

    var other = new CheckpointSettingsTest();
    other.running(settings);
    other.cluster.until(() -> other.manifests() == 1);
    var broken = Failure.unhealable(Failure.Kind.USER, "no serializer for Foo");
    other.cluster.taskManagers.lastEntry().getValue().fail(broken);
    other.cluster.until(() -> other.cluster.finished.isPresent());
    assertThat(other.cluster.finished).contains(JobStatus.FAILED);
    assertThat(other.manifests()).isEqualTo(failed);
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "5"})
  void keepsAsManyAsItIsTold(int retained) {
    running(Map.of("execution.checkpointing.num-retained", "" + retained));
    cluster.checkpoints(8);
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());

    List<String> left = cluster.manifests();
    assertThat(left).hasSize(retained);
    long newest = ScriptedCluster.number(left.get(retained - 1));
    assertThat(left).extracting(ScriptedCluster::number).first().isEqualTo(newest - retained + 1);
  }

  private long manifests() {
    return store.names(store.directoryOf(TestJobs.JOB)).list("epochs/00001-0000001").stream()
        .filter(fact -> fact.name().startsWith("manifest-"))
        .count();
  }
}
