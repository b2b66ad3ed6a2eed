package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.RetainedManifest;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest.Savepoint;
import io.millrace.runtime.protocol.ClientRequest.Then;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.ToTaskManager;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SavepointTest {
  private static final String ID = "00112233445566778899aabbccddeeff";
  private static final String PATH = "memory:/keep/savepoint-012345-001122334455";

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private ScriptedCluster cluster = new ScriptedCluster(store, 1, Configuration.EMPTY);
  private long number = 1_000_000_000;

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
  }

  private void running() {
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    cluster.submit(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
  }

  private ClientAnswer.Savepoint ask(Then then) {
    return ask(ID, then);
  }

  /** Asks once. */
  private ClientAnswer.Savepoint ask(String id, Then then) {
    // Whoever asks thousands of times must not look through all answers each time.
    cluster.answers.clear();
    cluster.client(new Savepoint(++number, TestJobs.JOB, id, Optional.of("memory:/keep"), then));
    cluster.until(() -> answer().isPresent());
    return answer().orElseThrow();
  }

  /** To the newest question. */
  private Optional<ClientAnswer.Savepoint> answer() {
    return cluster.answers.stream()
        .filter(answer -> answer.number() == number)
        .map(ClientAnswer.Savepoint.class::cast)
        .findFirst();
  }

  /** Asks until there is an answer, as a client does. */
  private ClientAnswer.Savepoint await(String id, Then then) {
    while (true) {
      ClientAnswer.Savepoint answer = ask(id, then);
      if (answer.path().isPresent() || answer.failure().isPresent()) {
        return answer;
      }
      cluster.runFor(50);
    }
  }

  private List<Manifest> whole(String path) {
    var found = Procedure.run(new FindCheckpoint(OptionalLong.empty()), store.names(path));
    return ((Step.Done<FindCheckpoint.Found>) found)
        .result().intact().stream().map(RetainedManifest::manifest).toList();
  }

  private List<Purpose> purposes() {
    return cluster.taskManagers.firstEntry().getValue().purposes;
  }

  private static boolean isCompleted(Message message) {
    return message instanceof ToTaskManager.CheckpointCompleted;
  }

  @Test
  void isWholeOnceTheNextCheckpointPromisesItsOutput() {
    running();
    assertThat(await(ID, Then.GO_ON).path()).contains(PATH);

    assertThat(purposes()).containsExactly(Purpose.savepoint(PATH), Purpose.CHECKPOINT);
    assertThat(whole(PATH)).hasSize(1);
    assertThat(whole(PATH).get(0).checkpoint()).isEqualTo(1);
    assertThat(whole(PATH).get(0).last()).isFalse();
    assertThat(cluster.details().lastCheckpoint()).hasValueSatisfying(p -> p.endsWith("2"));
    assertThat(cluster.status()).isEqualTo(JobStatus.RUNNING);
  }

  /** The last checkpoint is given up while it waits, and whoever asked for it has gone. */
  @Test
  void comesBeforeTheLastCheckpointThatIsTriedAgain() {
    var lastIsLost = new boolean[] {true};
    cluster.lose =
        (to, message) ->
            lastIsLost[0]
                && message instanceof ToTaskManager.TriggerCheckpoint trigger
                && trigger.checkpoint() > 1;
    cluster.submit(TestJobs.spec(Map.of("execution.checkpointing.timeout", "20 s")));
    cluster.checkpoints(1);
    cluster.runFor(2_000);
    ask(Then.GO_ON);
    cluster.runFor(10_000);
    assertThat(whole(PATH)).isEmpty();
    cluster.runFor(10_000);
    lastIsLost[0] = false;

    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.FINISHED);
    assertThat(whole(PATH)).hasSize(1);
  }

  /**
   * A sink that goes on from it takes what another checkpoint of that number showed for covered.
   */
  @Test
  void keepsItsNumberForItselfThoughItPromisesNothing() {
    cluster.sinksWrite = false;
    running();
    assertThat(await(ID, Then.GO_ON).path()).contains(PATH);

    cluster = new ScriptedCluster(store, 2, Configuration.EMPTY);
    running();
    cluster.checkpoints(1);
    assertThat(ScriptedCluster.number(cluster.details().lastCheckpoint().orElseThrow()))
        .isGreaterThan(whole(PATH).get(0).checkpoint());
  }

  @Test
  void isTakenOncePerId() {
    running();
    await(ID, Then.GO_ON);
    assertThat(ask(Then.GO_ON).path()).contains(PATH);
    assertThat(purposes()).containsOnlyOnce(Purpose.savepoint(PATH));

    String other = "ff" + ID.substring(2);
    assertThat(await(other, Then.GO_ON).path()).contains(PATH.replace("-00", "-ff"));
  }

  @Test
  void takesNoPartInRecoveryAndOutlivesTheJob() {
    running();
    await(ID, Then.GO_ON);
    cluster.kill(cluster.taskManagers.firstKey());
    cluster.until(() -> cluster.details().restarts() == 1);
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
    assertThat(cluster.taskManagers.lastEntry().getValue().deploys)
        .last()
        .satisfies(
            deploy ->
                assertThat(deploy.restoredManifest())
                    .startsWith("memory:/checkpoints")
                    .endsWith("2"));

    cluster.endAfterCheckpoints = 0;
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(store.names(store.directoryOf(TestJobs.JOB)).list("data")).isEmpty();
    assertThat(whole(PATH)).hasSize(1);
  }

  @Test
  void aTaskManagerThatDiesBeforeTheOutputIsPromisedLeavesNoHalfSavepoint() {
    running();
    cluster.lose =
        (to, message) ->
            message instanceof ToTaskManager.TriggerCheckpoint trigger
                && trigger.purpose().equals(Purpose.CHECKPOINT);
    ask(Then.GO_ON);
    cluster.until(() -> purposes().contains(Purpose.savepoint(PATH)));
    cluster.runFor(500);
    assertThat(ask(Then.GO_ON).path()).isEmpty();
    cluster.lose = (to, message) -> false;
    cluster.kill(cluster.taskManagers.firstKey());

    assertThat(await(ID, Then.GO_ON).failure().orElseThrow()).contains("was restarted after");
    assertThat(whole(PATH)).isEmpty();
  }

  @Test
  void aSuccessorTakesItAnewForWhoeverAsksAgain() {
    running();
    cluster.lose =
        (to, message) ->
            message instanceof ToTaskManager.TriggerCheckpoint trigger
                && trigger.purpose().equals(Purpose.CHECKPOINT);
    ask(Then.GO_ON);
    cluster.until(() -> purposes().contains(Purpose.savepoint(PATH)));
    cluster.runFor(500);

    cluster = new ScriptedCluster(store, 2, Configuration.EMPTY);
    running();
    assertThat(await(ID, Then.GO_ON).path()).contains(PATH);
    assertThat(whole(PATH)).hasSize(1);

    cluster = new ScriptedCluster(store, 3, Configuration.EMPTY);
    running();
    assertThat(await(ID, Then.GO_ON).path()).contains(PATH);
    assertThat(purposes()).as("it was found").doesNotContain(Purpose.savepoint(PATH));
  }

  @Test
  void aStoppedJobEndsFinishedWithWhatItsSavepointHolds() {
    running();
    assertThat(await(ID, Then.STOP).path()).contains(PATH);
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.FINISHED);
    assertThat(cluster.diagnostics).isEqualTo("stopped with savepoint " + PATH);
    assertThat(TestJobs.SINK_CALLS).containsSubsequence("commit 1/0", "commit 1/1", "settle false");
    assertThat(whole(PATH)).hasSize(1);
    assertThat(whole(PATH).get(0).stopped()).isEmpty();
  }

  @Test
  void aDrainedJobEndsAsIfItsInputHadEnded() {
    running();
    assertThat(await(ID, Then.DRAIN).path()).contains(PATH);
    assertThat(purposes()).containsExactly(Purpose.DRAIN, Purpose.savepoint(PATH));
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.FINISHED);
    assertThat(TestJobs.SINK_CALLS).containsSubsequence("commit 2/0", "commit 2/1", "settle true");
  }

  @Test
  void aLostDrainIsSaidAgain() {
    running();
    int[] lost = {0};
    cluster.lose =
        (to, message) ->
            message instanceof ToTaskManager.TriggerCheckpoint trigger
                && trigger.purpose().equals(Purpose.DRAIN)
                && lost[0]++ < 3;
    assertThat(await(ID, Then.DRAIN).path()).contains(PATH);
    assertThat(lost[0]).isGreaterThan(3);
  }

  @Test
  void aDrainFailsNamingTheSourcesThatReadOnAndTheJobGoesOn() {
    running();
    cluster.lose =
        (to, message) ->
            message instanceof ToTaskManager.TriggerCheckpoint trigger
                && trigger.purpose().equals(Purpose.DRAIN);
    assertThat(await(ID, Then.DRAIN).failure().orElseThrow())
        .contains("'source' (subtask 0), 'source' (subtask 1) has not ended within 600000 ms")
        .contains("execution.checkpointing.timeout");
    cluster.lose = (to, message) -> false;
    cluster.until(() -> cluster.details().restarts() == 1);
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
    assertThat(whole(PATH)).isEmpty();

    String other = "ff" + ID.substring(2);
    assertThat(await(other, Then.DRAIN).path()).contains(PATH.replace("-00", "-ff"));
  }

  @Test
  void aJobMayEndCancelledWithASavepoint() {
    running();
    assertThat(await(ID, Then.CANCEL).path()).contains(PATH);
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.CANCELED);
    assertThat(TestJobs.SINK_CALLS).containsSubsequence("commit 1/0", "commit 1/1", "settle false");
  }

  @Test
  void aSuccessorFinishesAStopWhoseLastManifestIsDurable() {
    running();
    cluster.lose = (to, message) -> isCompleted(message);
    ask(Then.STOP);
    cluster.until(
        () -> cluster.trace.stream().anyMatch(line -> line.endsWith("CheckpointCompleted")));
    assertThat(TestJobs.SINK_CALLS).noneMatch(call -> call.startsWith("commit"));
    assertThat(whole(PATH)).isEmpty();

    cluster = new ScriptedCluster(store, 2, Configuration.EMPTY);
    cluster.submit(TestJobs.spec(Map.of()));
    assertThat(await(ID, Then.STOP).path()).contains(PATH);
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FINISHED);
    assertThat(TestJobs.SINK_CALLS).containsSubsequence("commit 1/0", "commit 1/1", "settle false");
    assertThat(whole(PATH)).hasSize(1);
  }

  @Test
  void aStopThatFailsStartsTheJobAgain() {
    running();
    cluster.lose =
        (to, message) ->
            message instanceof ToTaskManager.TriggerCheckpoint trigger
                && trigger.purpose().kind() == Purpose.Kind.STOP;
    assertThat(await(ID, Then.STOP).failure().orElseThrow()).contains("took too long");
    cluster.lose = (to, message) -> false;
    cluster.until(() -> cluster.details().restarts() == 1);
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
    assertThat(whole(PATH)).isEmpty();

    String other = "ff" + ID.substring(2);
    assertThat(await(other, Then.STOP).path()).contains(PATH.replace("-00", "-ff"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anotherJobGoesOnFromASavepoint(boolean claimed) throws IOException {
    running();
    await(ID, Then.STOP);
    cluster.until(() -> cluster.finished.isPresent());

    cluster = new ScriptedCluster(store, 1, Configuration.EMPTY);
    var job = new JobId("f".repeat(32));
    JobSpec first = TestJobs.spec(Map.of());
    cluster.submit(
        new JobSpec(
            job,
            "1".repeat(16),
            first.graph(),
            List.of(),
            Optional.of(new JobSpec.RestoreFrom(PATH, false, claimed))));
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FINISHED);
    assertThat(TestJobs.SINK_CALLS).contains("acquire fedcba9876543210");
    assertThat(whole(PATH)).hasSize(claimed ? 0 : 1);
    assertThat(store.names(PATH).list("epochs")).hasSize(claimed ? 0 : 1);
    assertThat(store.names(PATH).exist()).isEqualTo(!claimed);
  }

  @Test
  void wantsToKnowWhereTo() {
    running();
    cluster.client(new Savepoint(7, TestJobs.JOB, ID, Optional.empty(), Then.GO_ON));
    cluster.until(() -> cluster.answers.stream().anyMatch(answer -> answer.number() == 7));
    assertThat(cluster.answers)
        .contains(
            new ClientAnswer.Refused(
                7,
                "where to? Name a target directory, or set"
                    + " execution.checkpointing.savepoint-dir"));
  }
}
