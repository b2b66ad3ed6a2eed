package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.FindAddress;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Settlement;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToTaskManager;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobManagerTest {
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

  @Test
  void takesAJobFromSubmissionToItsEnd() {
    cluster.submit(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.FINISHED);
    assertThat(TestJobs.SINK_CALLS)
        .containsExactly("acquire fedcba9876543210", "commit 2/0", "commit 2/1", "settle true");
    assertThat(cluster.names("epochs/00001-0000001")).containsExactly("result");
    assertThat(cluster.names("data")).isEmpty();
  }

  /** It may have slept, and the job be another's by now. */
  @Test
  void claimsAgainOnceItKnowsThatTasksDoNotRunOn() {
    running();
    cluster = cluster(2);
    cluster.submit(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.names("epochs").contains("00002-0000001"));
    cluster.runFor(1_000);
    ScriptedCluster slept = cluster;
    cluster = cluster(3);
    cluster.submit(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.names("epochs").contains("00003-0000001"));
    TestJobs.SINK_CALLS.clear();

    slept.runFor(6_000);

    assertThat(slept.fenced).hasValueSatisfying(why -> assertThat(why).contains("00003-0000001"));
    assertThat(TestJobs.SINK_CALLS).isEmpty();
  }

  @Test
  void answersASecondSubmissionLikeTheFirst() {
    cluster.submit(TestJobs.spec(Map.of()));
    cluster.submit(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.answers.size() == 2);

    assertThat(cluster.answers).allMatch(ClientAnswer.Accepted.class::isInstance);
  }

  @Test
  void saysInItsEpochWhereItIs() throws IOException {
    running();
    Optional<ControlAddress> found = find(Epoch.NONE);
    assertThat(found).contains(new ControlAddress(new Epoch(1, 1), "host", 40_001));
    assertThat(find(new Epoch(1, 1))).isEmpty();

    cluster = cluster(2);
    running();
    assertThat(find(new Epoch(1, 1))).contains(new ControlAddress(new Epoch(2, 2), "host", 40_002));
  }

  private Optional<ControlAddress> find(Epoch above) {
    var names = store.names(store.directoryOf(TestJobs.JOB));
    return ((Step.Done<Optional<ControlAddress>>) Procedure.run(new FindAddress(above), names))
        .result();
  }

  @Test
  void asksForNoMoreContainersThanTheJobNeeds() {
    running();

    assertThat(cluster.taskManagers).hasSize(TestJobs.PARALLELISM);
  }

  @Test
  void restartsFromTheLastCheckpointAfterATaskManagerDied() {
    running();
    cluster.checkpoints(2);

    cluster.kill(cluster.taskManagers.firstKey());
    cluster.until(
        () ->
            cluster.taskManagers.values().stream()
                .allMatch(tm -> tm.deploys.stream().anyMatch(d -> d.generation() == 2)));

    ToTaskManager.Deploy deploy = cluster.lastDeploy();
    assertThat(deploy.restoredManifest()).contains("manifest-").endsWith("2");
    assertThat(deploy.epoch().counter()).isEqualTo(2);
    cluster.endAfterCheckpoints = 0;
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FINISHED);
  }

  @Test
  void endsAJobAtTheThirdFailureOfTheSameOperatorAndCause() {
    running();
    var failure = new Failure(Failure.Kind.USER, true, "sink", 0, "java.lang.Boom", "it broke", "");

    for (int restarts = 0; restarts < 3; restarts++) {
      int expected = restarts;
      cluster.until(
          () -> cluster.status() == JobStatus.RUNNING && cluster.details().restarts() == expected);
      cluster.taskManagers.lastEntry().getValue().fail(failure);
      cluster.runFor(50);
    }
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(cluster.diagnostics).contains("it broke").contains("3 times");
    assertThat(TestJobs.SINK_CALLS).contains("settle false");
  }

  /** One failure under the first JobManager, another under the second, both within the interval. */
  @ParameterizedTest
  @CsvSource({"10 s, FAILED", "1 ms, RUNNING"})
  void failuresUnderAnEarlierJobManagerCountForTheirRate(String interval, JobStatus after) {
    JobSpec spec =
        TestJobs.spec(
            Map.of(
                "execution.checkpointing.interval", "1 s",
                "restart-strategy.type", "failure-rate",
                "restart-strategy.failure-rate.max-failures-per-interval", "1",
                "restart-strategy.failure-rate.failure-rate-interval", interval,
                "restart-strategy.failure-rate.delay", "0 s"));
    cluster.running(spec);
    cluster.vanish(cluster.taskManagers.firstKey());
    cluster.until(() -> cluster.details().restarts() == 1);
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);

    cluster = cluster(2);
    cluster.running(spec);
    assertThat(cluster.details().restarts()).isEqualTo(1);
    cluster.vanish(cluster.taskManagers.firstKey());
    cluster.until(() -> cluster.finished.isPresent() || cluster.details().restarts() == 2);
    cluster.until(() -> cluster.finished.isPresent() || cluster.status() == JobStatus.RUNNING);

    assertThat(cluster.finished.orElse(JobStatus.RUNNING)).isEqualTo(after);
    assertThat(cluster.diagnostics.contains("2 failures within"))
        .isEqualTo(after == JobStatus.FAILED);
  }

  /** A second one cannot reach the store at first, and each such try uses up a restart too. */
  @Test
  void restartsBeforeAClaimCountBesideThoseOfAnEarlierJobManager() {
    running();
    cluster.vanish(cluster.taskManagers.firstKey());
    cluster.until(() -> cluster.details().restarts() == 1);
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);

    cluster = cluster(2);
    cluster.factsAreDown = true;
    cluster.submit(TestJobs.spec(endless()));
    cluster.until(() -> cluster.details().restarts() == 2);
    cluster.factsAreDown = false;
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);

    assertThat(cluster.details().restarts()).isEqualTo(3);
  }

  @Test
  void endsAJobAtOnceThatCannotHeal() {
    running();
    cluster.checkpoints(1);

    cluster
        .taskManagers
        .lastEntry()
        .getValue()
        .fail(Failure.unhealable(Failure.Kind.USER, "no serializer for Foo"));
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(cluster.diagnostics).contains("no serializer for Foo");
    assertThat(TestJobs.SINK_CALLS).containsSubsequence("commit 1/0", "commit 1/1", "settle false");
    assertThat(cluster.manifests()).hasSize(1);
  }

  @Test
  void cancelsAndKeepsWhatCheckpointsPromised() {
    running();
    cluster.checkpoints(5);

    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.CANCELED);
    assertThat(cluster.answers).contains(new ClientAnswer.Accepted(7));
    assertThat(TestJobs.SINK_CALLS)
        .containsExactly("acquire fedcba9876543210", "commit 5/0", "commit 5/1", "settle false");
    assertThat(cluster.manifests()).hasSize(3);
    assertThat(cluster.taskManagers.values()).allMatch(tm -> tm.attemptCount() == 0);
  }

  @Test
  void restoresInTheNextAttemptOfTheJobManager() {
    running();
    cluster.checkpoints(2);

    ScriptedCluster next = cluster(2);
    next.endAfterCheckpoints = 3;
    next.submit(TestJobs.spec(endless()));
    next.until(() -> next.finished.isPresent());

    assertThat(next.finished).contains(JobStatus.FINISHED);
    // What the first one does now is in vain.
    cluster.until(() -> cluster.fenced.isPresent());
  }

  /** Nobody else would ever delete what its sender has written for it. */
  @Test
  void dropsPartsOfItsPredecessorsCheckpointThatComeAfterItHasAdoptedTheTasks() {
    running();
    cluster.taskManagers.values().forEach(each -> each.writesFiles = true);
    cluster.checkpoints(1);
    ScriptedTaskManager late = cluster.taskManagers.lastEntry().getValue();
    cluster.lose =
        (to, message) ->
            message instanceof ToJobManager.Heartbeat heartbeat
                && heartbeat.taskManager().equals(late.id)
                && heartbeat.reports().stream().anyMatch(each -> isPart(each, 2));
    cluster.until(() -> late.purposes.size() >= 2);
    cluster.runFor(100);
    List<String> before = cluster.names("data");
    assertThat(before).anyMatch(JobManagerTest::isOfTheSecond);

    ScriptedCluster next = cluster(2);
    next.endAfterCheckpoints = Integer.MAX_VALUE;
    followedBy(next, endless());
    next.until(() -> hasAdopted(next));
    next.checkpoints(3);
    next.runFor(1_000);

    assertThat(next.names("data")).noneMatch(JobManagerTest::isOfTheSecond).isNotEmpty();
    assertThat(next.manifests()).noneMatch(name -> name.endsWith("0002"));
    assertThat(next.details().restarts()).isZero();
  }

  /** Its predecessor may have died before it said so, and sinks wait for that. */
  @Test
  void saysOnceMoreToAdoptedTasksWhichCheckpointIsCompleteAndGivesUpWhatWasBegun() {
    running();
    cluster.checkpoints(1);
    var begun = cluster.taskManagers.firstEntry().getValue().purposes;
    cluster.lose =
        (to, message) ->
            message instanceof ToJobManager.Heartbeat heartbeat
                && heartbeat.reports().stream().anyMatch(each -> isPart(each, 2));
    cluster.until(() -> begun.size() >= 2);

    ScriptedCluster next = cluster(2);
    var told = new ArrayList<Message>();
    next.lose = (to, message) -> !told.add(message);
    next.endAfterCheckpoints = Integer.MAX_VALUE;
    int kept = followedBy(next, endless());
    next.until(() -> told.stream().anyMatch(ToTaskManager.TriggerCheckpoint.class::isInstance));

    assertThat(next.details().restarts()).isZero();
    assertThat(told)
        .filteredOn(ToTaskManager.CheckpointCompleted.class::isInstance)
        .hasSize(kept)
        .allMatch(each -> ((ToTaskManager.CheckpointCompleted) each).checkpoint() == 1);
    assertThat(told)
        .filteredOn(ToTaskManager.CheckpointAborted.class::isInstance)
        .hasSize(kept)
        .allMatch(each -> ((ToTaskManager.CheckpointAborted) each).checkpoint() == 2);
  }

  /** Output that waits for a checkpoint has waited for its predecessor already. */
  @Test
  void takesACheckpointOfAdoptedTasksAsSoonAsTheIntervalSinceTheLastOneHasPassed() {
    Map<String, String> slow = Map.of("execution.checkpointing.interval", "10 s");
    cluster.running(TestJobs.spec(slow));
    cluster.checkpoints(1);
    ScriptedCluster next = cluster(2);
    next.endAfterCheckpoints = Integer.MAX_VALUE;
    next.runFor(60_000);

    followedBy(next, slow);
    next.until(() -> hasAdopted(next));
    next.runFor(2_000);

    assertThat(next.details().lastCheckpoint().map(ScriptedCluster::number)).contains(2L);
  }

  /**
   * Its TaskManagers run on under another JobManager.
   *
   * @return how many there are
   */
  private int followedBy(ScriptedCluster next, Map<String, String> settings) {
    next.startsTaskManagers = false;
    var kept = List.copyOf(cluster.taskManagers.values());
    next.submit(TestJobs.spec(settings));
    next.deliver(
        new Address("resources"),
        new ResourceManager.Kept(kept.stream().map(each -> each.id).toList()));
    kept.forEach(each -> each.follow(next));
    return kept.size();
  }

  private static boolean hasAdopted(ScriptedCluster next) {
    return next.details().changes().stream()
        .anyMatch(change -> change.note().contains("has adopted its tasks"));
  }

  private static boolean isPart(ToJobManager.NumberedReport each, long checkpoint) {
    return each.report() instanceof Report.CheckpointAcked acked
        && acked.checkpoint() == checkpoint;
  }

  private static boolean isOfTheSecond(String stateFile) {
    return stateFile.contains("-0000000000000000002-");
  }

  @Test
  void finishesTheCancellationThatItsPredecessorDecided() {
    running();
    cluster.checkpoints(1);
    cluster.lose = (to, message) -> message instanceof ToTaskManager.CancelTasks;
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.answers.contains(new ClientAnswer.Accepted(7)));

    ScriptedCluster next = cluster(2);
    next.submit(TestJobs.spec(endless()));
    next.until(() -> next.finished.isPresent());

    assertThat(next.finished).contains(JobStatus.CANCELED);
    assertThat(TestJobs.SINK_CALLS).endsWith("commit 1/0", "commit 1/1", "settle false");
  }

  @Test
  void failsAJobWhoseRecoveryHasCrashedItsTwoPredecessorsAndKeepsItsPromises() {
    running();
    cluster.checkpoints(1);
    cluster.breakDown(new IllegalStateException("not while anything is recovered"));
    for (int attempt = 2; attempt <= 3; attempt++) {
      restartedAs(attempt);
      cluster.breakDown(new IllegalStateException("the invariant of attempt " + attempt));
    }

    cluster = cluster(4);
    cluster.submit(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(cluster.diagnostics).contains("twice").contains("the invariant of attempt 3");
    assertThat(TestJobs.SINK_CALLS).containsSubsequence("commit 1/0", "commit 1/1", "settle false");
    assertThat(cluster.names("epochs/00004-0000001"))
        .contains("crash-0000000002", "crash-0000000003", "intent", "result");
  }

  @Test
  void recoversOnceMoreAfterACheckpointOrAKillOrWithoutMemory() {
    running();
    cluster.breakDown(new IllegalStateException("in recovery"));
    restartedAs(2);
    cluster.checkpoints(1);
    restartedAs(3);
    cluster.breakDown(new IllegalStateException("in recovery again"));
    restartedAs(4);
    cluster.breakDown(new OutOfMemoryError());
    restartedAs(5);

    restartedAs(6);
    assertThat(
            cluster.names("epochs/00006-0000002").stream().filter(name -> name.startsWith("crash")))
        .containsExactly("crash-0000000001", "crash-0000000003");
  }

  /** Without another word of the JobManager before. */
  private void restartedAs(int attempt) {
    cluster = cluster(attempt);
    running();
  }

  @Test
  void reportsTheResultThatItsPredecessorLeft() {
    takesAJobFromSubmissionToItsEnd();
    int calls = TestJobs.SINK_CALLS.size();

    ScriptedCluster next = cluster(2);
    next.submit(TestJobs.spec(Map.of()));
    next.until(() -> next.finished.isPresent());

    assertThat(next.finished).contains(JobStatus.FINISHED);
    assertThat(TestJobs.SINK_CALLS).hasSize(calls);
  }

  @Test
  void healsEveryKindOfLostMessage() {
    for (Class<?> kind : ToTaskManager.class.getPermittedSubclasses()) {
      TestJobs.SINK_CALLS.clear();
      var fresh = new ScriptedCluster(new MemoryCheckpointStore(), 1, Configuration.EMPTY);
      var lost = new HashMap<Object, Integer>();
      fresh.endAfterCheckpoints = 2;
      fresh.lose =
          (to, message) -> kind.isInstance(message) && lost.merge(to, 1, Integer::sum) <= 2;

      fresh.submit(TestJobs.spec(Map.of("execution.checkpointing.interval", "500 ms")));
      fresh.until(() -> fresh.finished.isPresent());

      assertThat(fresh.finished).as(kind.getSimpleName()).contains(JobStatus.FINISHED);
    }
  }

  @Test
  void survivesAThirdOfAllMessagesLost() {
    var chance = new SplittableRandom(17);
    cluster.endAfterCheckpoints = 4;
    cluster.lose = (to, message) -> chance.nextInt(3) == 0;
    cluster.submit(TestJobs.spec(Map.of("execution.checkpointing.interval", "500 ms")));
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.FINISHED);
  }

  /** A cluster that ends with its job stays until those who follow the job know. */
  @Test
  void doesNotEndBeforeItHasToldOfTheEndWhoeverHasAsked() {
    cluster.submit(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.status() == JobStatus.FINISHED);
    assertThat(cluster.finished).isEmpty();
    cluster.runFor(1_000);

    assertThat(cluster.finished).contains(JobStatus.FINISHED);
  }

  @Test
  void toleratesCheckpointsThatDoNotComplete() {
    running();
    cluster.checkpoints(1);
    int restarts = cluster.details().restarts();
    cluster.lose = (to, message) -> message instanceof ToTaskManager.TriggerCheckpoint;
    cluster.runFor(20_000);
    cluster.lose = (to, message) -> false;
    cluster.checkpoints(2);

    assertThat(cluster.details().restarts()).isEqualTo(restarts);
  }

  @Test
  void fencesItselfWhenThePlatformDeniesIt() {
    running();

    cluster.deliver(
        new Address("resources"), new ResourceManager.Witness(false, "attempt unknown"));

    assertThat(cluster.fenced).contains("attempt unknown");
    cluster.runFor(5_000);
    assertThat(cluster.finished).isEmpty();
  }

  /** One witness is enough, and before the platform has spoken once it is none. */
  @ParameterizedTest
  @CsvSource({
    "true,  false, true,  true",
    "true,  true,  true,  false",
    "true,  false, false, false",
    "true,  true,  false, false",
    "false, false, true,  false",
  })
  void fencesItselfOnceBothWitnessesHaveBeenSilentForTheLease(
      boolean known, boolean platformConfirms, boolean factsAreDown, boolean fenced) {
    running();
    cluster.factsAreDown = factsAreDown;
    long lease = Lease.DEFAULT.silence().toMillis();
    if (known) {
      confirm();
    }
    for (int minute = 0; platformConfirms && minute < 9; minute++) {
      cluster.in(minute * 60_000L, this::confirm);
    }

    cluster.runFor(lease - 2_000);
    assertThat(cluster.fenced).isEmpty();
    cluster.runFor(32_000);
    assertThat(cluster.fenced.isPresent()).isEqualTo(fenced);
  }

  private void confirm() {
    cluster.deliver(new Address("resources"), new ResourceManager.Witness(true, "it answers"));
  }

  @Test
  void settlesAJobWhoseJobManagerWasKilled() throws Exception {
    running();
    cluster.checkpoints(2);
    JobSpec spec = TestJobs.spec(endless());
    ClassLoader loader = getClass().getClassLoader();

    var result = Settlement.clean(store, spec, loader, "clean", 0);

    assertThat(result.status()).isEqualTo(JobStatus.CANCELED);
    assertThat(TestJobs.SINK_CALLS).containsSubsequence("commit 2/0", "commit 2/1", "settle false");
    assertThat(Settlement.clean(store, spec, loader, "clean again", 1)).isEqualTo(result);
    cluster.until(() -> cluster.fenced.isPresent());
  }

  @Test
  void failsWithTheReasonWhyThereAreNoContainers() {
    cluster.startsTaskManagers = false;
    cluster.submit(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.status() == JobStatus.CREATED);

    cluster.deliver(
        new Address("resources"),
        new ResourceManager.Unfulfillable(Optional.empty(), "the queue 'none' does not exist"));
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.diagnostics).contains("the queue 'none' does not exist");
  }

  @Test
  void continuesAnotherJobFromItsCheckpoint() {
    running();
    cluster.checkpoints(2);
    String path = cluster.details().lastCheckpoint().orElseThrow();
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());

    ScriptedCluster next = cluster(1);
    var spec =
        new JobSpec(
            new io.millrace.runtime.protocol.JobId("ffffffffffffffffffffffffffffffff"),
            "0000000000000000",
            TestJobs.graph(Map.of()),
            List.of(),
            Optional.of(new JobSpec.RestoreFrom(path, false)));
    next.endAfterCheckpoints = 4;
    next.submit(spec);
    next.until(() -> next.finished.isPresent());

    assertThat(next.finished).contains(JobStatus.FINISHED);
    assertThat(TestJobs.SINK_CALLS)
        .filteredOn(call -> call.startsWith("acquire"))
        .containsOnly("acquire fedcba9876543210");
  }

  @Test
  void keepsTheCheckpointsThatPromiseWhatCannotBeSettled() {
    var settings = new TreeMap<>(endless());
    settings.put(
        "execution.checkpointing.externalized-checkpoint-retention", "NO_EXTERNALIZED_CHECKPOINTS");
    cluster.running(TestJobs.spec(settings));
    cluster.checkpoints(1);
    TestJobs.cannotCommit = true;
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(cluster.diagnostics).contains("the target is gone");
    assertThat(cluster.manifests()).isNotEmpty();

    ScriptedCluster next = cluster(2);
    next.submit(TestJobs.spec(settings));
    next.until(() -> next.finished.isPresent());
    assertThat(next.finished).as("so it was decided").contains(JobStatus.FAILED);
    assertThat(cluster.names("epochs/00002-0000001"))
        .anyMatch(name -> name.startsWith("manifest-"));
  }

  private static Map<String, String> endless() {
    return Map.of("execution.checkpointing.interval", "500 ms");
  }

  private void running() {
    cluster.running(TestJobs.spec(endless()));
  }
}
