package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.Settlement;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A job goes back to an older checkpoint, and its JobManager dies before there is a newer one. What
 * could not be read by one TaskManager may be readable by the next.
 */
class RollbackTest {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "execution.checkpointing.interval", "500 ms", "execution.recovery.fallback", "rollback");
  private static final JobId NEXT = new JobId("ffffffffffffffffffffffffffffffff");

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private ScriptedCluster cluster;

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
    TestJobs.cannotCommit = false;
    TestJobs.cannotTakeBack = false;
    TestJobs.takenBack = 0;
    TestJobs.outputUpTo = 0;
  }

  private void start(int attempt, JobSpec spec) {
    cluster = new ScriptedCluster(store, attempt, Configuration.EMPTY);
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    cluster.submit(spec);
  }

  private JobSpec continued() {
    return new JobSpec(
        NEXT,
        "0000000000000000",
        TestJobs.graph(SETTINGS),
        List.of(),
        Optional.of(new JobSpec.RestoreFrom(store.directoryOf(TestJobs.JOB), false)));
  }

  /** Where the tasks that run started from, once they do. */
  private long startedFrom() {
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
    return ScriptedCluster.number(cluster.lastDeploy().restoredManifest());
  }

  private boolean exists(JobId job, String prefix) {
    var names = store.names(store.directoryOf(job));
    return names.list("epochs").stream()
        .flatMap(epoch -> names.list("epochs/" + epoch.name()).stream())
        .anyMatch(fact -> fact.name().startsWith(prefix));
  }

  private static List<String> rollbacks() {
    return TestJobs.SINK_CALLS.stream().filter(call -> call.startsWith("roll back")).toList();
  }

  /** Another job that continued it went back, and only the sinks know. */
  @Test
  void aJobEndsIfASinkRefusesTheCheckpoint() {
    start(1, TestJobs.spec(SETTINGS));
    cluster.checkpoints(3);
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());

    TestJobs.takenBack = 3;
    start(1, continued());
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(cluster.deploys()).isEmpty();
    assertThat(rollbacks()).isEmpty();
  }

  /** Of them only the sinks know: both started from the same savepoint, say. */
  @Test
  void takesNoNumberOfAnotherJobThatContinuedTheSameOne() {
    start(1, TestJobs.spec(SETTINGS));
    cluster.checkpoints(3);
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());

    TestJobs.outputUpTo = 70;
    start(1, continued());
    startedFrom();
    TestJobs.outputUpTo = 0;
    start(2, continued()); // before the first checkpoint: the deployment record says it
    cluster.until(() -> cluster.details().lastCheckpoint().isPresent());
    assertThat(ScriptedCluster.number(cluster.details().lastCheckpoint().orElseThrow()))
        .isGreaterThan(70);
  }

  @Test
  void nobodyStartsFromTheCheckpointOfAnotherJobThatSinksHaveTakenBack() {
    start(1, TestJobs.spec(SETTINGS));
    cluster.checkpoints(3);
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());

    start(1, continued());
    cluster.failRestore(1);
    cluster.until(() -> cluster.deploys().stream().anyMatch(each -> each.generation() == 2));
    assertThat(startedFrom()).isEqualTo(2);
    assertThat(rollbacks()).containsExactly("roll back 2 to 3 keeping 2");

    start(2, continued());
    assertThat(startedFrom()).isEqualTo(2);
    cluster.checkpoints(4);
    assertThat(exists(TestJobs.JOB, "dropped-")).as("it is only read").isFalse();
  }

  @Test
  void goesBackFurtherIfThatOneCannotBeReadEither() {
    start(1, TestJobs.spec(SETTINGS));
    cluster.checkpoints(3);
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());

    start(1, continued());
    cluster.failRestore(1);
    cluster.until(() -> exists(NEXT, "rollback-"));
    cluster.failRestore(2);
    cluster.until(() -> cluster.deploys().stream().anyMatch(each -> each.generation() == 3));
    assertThat(startedFrom()).isEqualTo(1);
    assertThat(rollbacks()).last().isEqualTo("roll back 1 to 3 keeping 2");

    start(2, continued());
    assertThat(startedFrom()).isEqualTo(1);
  }

  @Test
  void aSuccessorFinishesWhatSinksHadNotBegunToTakeBack() {
    start(1, TestJobs.spec(SETTINGS));
    cluster.checkpoints(2);
    cluster.kill(cluster.taskManagers.firstKey());
    cluster.failRestore(2);
    cluster.until(() -> exists(TestJobs.JOB, "dropped-"));
    assertThat(rollbacks()).isEmpty();

    start(2, TestJobs.spec(SETTINGS));
    assertThat(startedFrom()).isEqualTo(1);
    assertThat(rollbacks()).containsExactly("roll back 1 to 2 keeping 2");

    cluster.checkpoints(3);
    start(3, TestJobs.spec(SETTINGS));
    assertThat(startedFrom()).isGreaterThanOrEqualTo(3);
    assertThat(rollbacks()).as("that is over").hasSize(1);
  }

  /** That the job goes back is durable, and sinks do not know it yet. */
  private void goesBack() {
    start(1, TestJobs.spec(SETTINGS));
    cluster.checkpoints(2);
    cluster.kill(cluster.taskManagers.firstKey());
    cluster.failRestore(2);
    cluster.until(() -> exists(TestJobs.JOB, "dropped-"));
    assertThat(rollbacks()).isEmpty();
  }

  /** A job that goes on from checkpoint 1 would show again what sinks show of 2. */
  private void theRollbackWasFinished() {
    assertThat(TestJobs.SINK_CALLS)
        .containsSubsequence("roll back 1 to 2 keeping 2", "settle false");
    assertThat(cluster.manifests()).singleElement().asString().endsWith("1");
  }

  @Test
  void aJobThatIsCancelledMeanwhileLetsSinksTakeBackFirst() {
    goesBack();
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.CANCELED);
    theRollbackWasFinished();
  }

  @Test
  void aSuccessorThatIsToCancelTheJobLetsSinksTakeBackFirst() {
    goesBack();
    start(2, TestJobs.spec(SETTINGS));
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.CANCELED);
    theRollbackWasFinished();
  }

  @Test
  void whoeverSettlesInItsPlaceLetsSinksTakeBackFirst() throws Exception {
    goesBack();
    ClassLoader loader = getClass().getClassLoader();
    Settlement.clean(store, TestJobs.spec(SETTINGS), loader, "clean", 0);
    theRollbackWasFinished();
  }

  @Test
  void aJobWhoseSinkCannotTakeBackEndsForThatAndIsSettled() throws Exception {
    TestJobs.cannotTakeBack = true;
    goesBack();
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(cluster.diagnostics).contains("what is out is out");
    assertThat(TestJobs.SINK_CALLS).contains("settle false");
    assertThat(TestJobs.SINK_CALLS).doesNotContain("roll back 1 to 2 keeping 2");
  }
}
