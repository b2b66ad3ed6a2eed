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
    return continued("rollback", directory());
  }

  private static JobSpec continued(String fallback, String from) {
    return new JobSpec(
        NEXT,
        "0000000000000000",
        TestJobs.graph(
            Map.of(
                "execution.checkpointing.interval",
                "500 ms",
                "execution.recovery.fallback",
                fallback)),
        List.of(),
        Optional.of(new JobSpec.RestoreFrom(from, false)));
  }

  /** Where the tasks that run started from, once they do. */
  private long startedFrom() {
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
    return ScriptedCluster.number(cluster.lastDeploy().restoredManifest());
  }

  private boolean exists(JobId job, String prefix) {
    return path(store.directoryOf(job), prefix).isPresent();
  }

  /** Of the first file of that kind that a job, or a savepoint, has. */
  private Optional<String> path(String directory, String prefix) {
    var names = store.names(directory);
    return names.list("epochs").stream()
        .map(epoch -> "epochs/" + epoch.name())
        .flatMap(epoch -> names.list(epoch).stream().map(fact -> epoch + "/" + fact.name()))
        .filter(name -> name.contains("/" + prefix))
        .map(name -> directory + "/" + name)
        .findFirst();
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

  /** As a job whose sink could not take back what it shows of checkpoint 2. */
  private void wentBackInVain() {
    TestJobs.cannotTakeBack = true;
    goesBack();
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(exists(TestJobs.JOB, "rollback-")).isTrue();
  }

  private String directory() {
    return store.directoryOf(TestJobs.JOB);
  }

  @Test
  void whoeverContinuesOneWhoseSinkCouldNotTakeBackTakesBackFirst() {
    wentBackInVain();
    TestJobs.cannotTakeBack = false;
    start(1, continued());
    assertThat(startedFrom()).isEqualTo(1);
    assertThat(rollbacks()).containsExactly("roll back 1 to 2 keeping 2");
    cluster.until(() -> cluster.details().lastCheckpoint().isPresent());
    assertThat(ScriptedCluster.number(cluster.details().lastCheckpoint().orElseThrow()))
        .isGreaterThan(2);
  }

  @Test
  void whoeverContinuesItEndsAsItDidIfTheSinkStillCannot() {
    wentBackInVain();
    start(1, continued());
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(cluster.diagnostics).contains("what is out is out");
    assertThat(cluster.deploys()).isEmpty();
  }

  private void isToldWhatChoicesThereAre(JobSpec next) {
    TestJobs.SINK_CALLS.clear();
    start(1, next);
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(cluster.diagnostics)
        .contains(directory() + "/epochs/", "/rollback-0000000001")
        .contains("checkpoint 1", "execution.recovery.fallback: rollback", "allow-duplicates");
    assertThat(cluster.deploys()).isEmpty();
    assertThat(TestJobs.SINK_CALLS).noneMatch(call -> call.startsWith("acquire"));
  }

  @Test
  void whoeverContinuesItWithoutAChoiceIsToldWhatChoicesThereAre() {
    wentBackInVain();
    isToldWhatChoicesThereAre(continued("fail", directory()));
  }

  @Test
  void theSameHoldsForItsNewestCheckpointByName() {
    wentBackInVain();
    String newest = path(directory(), "manifest-").orElseThrow();
    isToldWhatChoicesThereAre(continued("fail", newest));
  }

  @Test
  void theSameHoldsOnceItWasCleaned() throws Exception {
    TestJobs.cannotTakeBack = true;
    goesBack();
    ClassLoader loader = getClass().getClassLoader();
    Settlement.clean(store, TestJobs.spec(SETTINGS), loader, "clean", 0);
    isToldWhatChoicesThereAre(continued("fail", directory()));
  }

  /** No claimer came to take the name of the newer checkpoint away. */
  @Test
  void aCheckpointThatWasGivenUpIsNotContinuedThoughItHasItsName() throws Exception {
    goesBack();
    String dropped =
        path(directory(), "dropped-").orElseThrow().substring(directory().length() + 1);
    store.names(directory()).rename(dropped, dropped.replace("dropped-", ""));
    start(1, continued());
    assertThat(startedFrom()).isEqualTo(1);
    assertThat(rollbacks()).containsExactly("roll back 1 to 2 keeping 2");
  }

  /** Its user wants what came after it once more, whatever became of that. */
  @Test
  void aSavepointOwesNothing() {
    String savepoint = "memory:/keep/savepoint-012345-001122334455";
    TestJobs.cannotTakeBack = true;
    start(1, TestJobs.spec(SETTINGS));
    cluster.checkpoints(1);
    cluster.client(
        new ClientRequest.Savepoint(
            7,
            TestJobs.JOB,
            "00112233445566778899aabbccddeeff",
            Optional.of("memory:/keep"),
            ClientRequest.Then.GO_ON));
    cluster.until(() -> path(savepoint, "manifest-").isPresent());
    cluster.kill(cluster.taskManagers.firstKey());
    cluster.failRestore(2);
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(exists(TestJobs.JOB, "rollback-")).isTrue();

    start(1, continued("fail", savepoint));
    assertThat(startedFrom())
        .isEqualTo(ScriptedCluster.number(path(savepoint, "manifest-").orElseThrow()));
    assertThat(rollbacks()).isEmpty();
  }

  @Test
  void whoeverContinuesItWithDuplicatesSaysSo() {
    wentBackInVain();
    start(1, continued("allow-duplicates", directory()));
    assertThat(startedFrom()).isEqualTo(1);
    assertThat(cluster.details().changes())
        .anyMatch(
            change ->
                change.note().contains("/rollback-0000000001")
                    && change.note().contains("once more"));
    assertThat(rollbacks()).isEmpty();
  }

  /** A newer checkpoint completes only after all sinks have taken back. */
  @Test
  void whoeverContinuesOneThatGotFurtherOwesNothing() {
    goesBack();
    cluster.checkpoints(4);
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(rollbacks()).hasSize(1);

    start(1, continued("fail", directory()));
    assertThat(startedFrom()).isGreaterThan(2);
    assertThat(rollbacks()).hasSize(1);
  }
}
