package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cluster whose TaskManagers are started by people. */
class ByPeopleTest {
  private static final JobId LARGE = new JobId("00000000000000000000000000000001");

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private ScriptedCluster cluster = cluster(1);

  private ScriptedCluster cluster(int attempt) {
    var cluster =
        new ScriptedCluster(
            store,
            attempt,
            Configuration.EMPTY.with("slot.request.timeout", "30 s"),
            JobManager.Lifetime.SESSION,
            Optional.of("memory:/docket"),
            true);
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    return cluster;
  }

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
    TestJobs.cannotCommit = false;
  }

  private void submit(JobSpec spec) {
    cluster.runFor(100);
    cluster.submit(spec);
    cluster.until(() -> cluster.answers.contains(new ClientAnswer.Accepted(1)));
    cluster.answers.clear();
  }

  /** Needs as many slots as {@link TestJobs#PARALLELISM}. */
  private static JobSpec job() {
    return TestJobs.spec(Map.of());
  }

  private ClientAnswer.JobDetails details(JobId job) {
    cluster.answers.clear();
    cluster.client(new ClientRequest.GetJob(9, Optional.of(job), 0));
    cluster.until(() -> !cluster.answers.isEmpty());
    return (ClientAnswer.JobDetails) cluster.answers.get(0);
  }

  private JobStatus status(JobId job) {
    return details(job).summary().status();
  }

  private void runningOnTwo() {
    cluster.startTaskManager();
    cluster.startTaskManager();
    submit(job());
    cluster.until(() -> status(TestJobs.JOB) == JobStatus.RUNNING);
    cluster.checkpoints(1);
  }

  @Test
  void usesTaskManagersThatComeLater() {
    submit(job());
    cluster.startTaskManager();
    cluster.runFor(29_000);
    assertThat(status(TestJobs.JOB)).isEqualTo(JobStatus.CREATED);

    cluster.startTaskManager();
    cluster.until(() -> status(TestJobs.JOB) == JobStatus.RUNNING);
    assertThat(details(TestJobs.JOB).restarts()).isZero();
  }

  @Test
  void givesUpAJobForWhichThereAreNotEnoughSlotsInTime() {
    cluster.startTaskManager();
    submit(job());
    cluster.until(() -> status(TestJobs.JOB) == JobStatus.FAILED);

    assertThat(details(TestJobs.JOB).failure().orElseThrow().message())
        .contains("needs 2 slots")
        .contains("30 s (slot.request.timeout)")
        .contains("1 TaskManager with 1 slot, 1 of them free")
        .contains("start more TaskManagers");
  }

  /** Whoever stands behind a job that gets nothing has not waited for slots yet. */
  @Test
  void countsTheTimeOnlyOfTheJobWhoseTurnItIs() {
    var large = Map.of("parallelism.default", "5");
    submit(
        new JobSpec(
            LARGE, "00112233445566778899", TestJobs.graph(large), List.of(), Optional.empty()));
    submit(job());
    cluster.until(() -> status(LARGE) == JobStatus.FAILED);
    assertThat(status(TestJobs.JOB)).isEqualTo(JobStatus.CREATED);

    cluster.startTaskManager();
    cluster.startTaskManager();
    cluster.until(() -> status(TestJobs.JOB) == JobStatus.RUNNING);
  }

  @Test
  void aJobThatHasRunIsTriedAgainUntilThereAreSlots() {
    runningOnTwo();
    cluster.vanish(cluster.taskManagers.lastKey());
    cluster.runFor(120_000);
    assertThat(status(TestJobs.JOB)).isNotEqualTo(JobStatus.FAILED);

    cluster.startTaskManager();
    cluster.until(() -> status(TestJobs.JOB) == JobStatus.RUNNING);
  }

  @Test
  void continuesNoJobThatStillRuns() {
    runningOnTwo();
    var from = new JobSpec.RestoreFrom(store.directoryOf(TestJobs.JOB), false, true);
    var next = new JobSpec(LARGE, job().lineage(), job().graph(), List.of(), Optional.of(from));
    cluster.answers.clear();
    cluster.submit(next);
    cluster.until(() -> !cluster.answers.isEmpty());
    assertThat(cluster.answers.get(0))
        .isInstanceOfSatisfying(
            ClientAnswer.Refused.class,
            refused ->
                assertThat(refused.reason())
                    .contains("job " + TestJobs.JOB, "still runs", "cancel"));

    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.answers.contains(new ClientAnswer.Accepted(7)));
    cluster.until(() -> status(TestJobs.JOB) == JobStatus.CANCELED);
    submit(next);
    cluster.until(() -> status(LARGE) == JobStatus.RUNNING);
  }

  @Test
  void sendsNobodyAwayForWantOfWork() {
    cluster.startTaskManager();
    cluster.runFor(300_000);
    assertThat(cluster.taskManagers).hasSize(1);
  }

  @Test
  void adoptsTheTasksOfThoseWhoCome() {
    runningOnTwo();
    ScriptedCluster before = cluster;
    cluster = cluster(2);
    List.copyOf(before.taskManagers.values()).forEach(each -> each.follow(cluster));
    cluster.runFor(100); // nobody is answered before it knows its jobs
    cluster.until(() -> status(TestJobs.JOB) == JobStatus.RUNNING);
    assertThat(details(TestJobs.JOB).changes())
        .anyMatch(change -> change.note().contains("has adopted its tasks"));

    cluster.runFor(60_000);
    assertThat(cluster.taskManagers).hasSize(2);
    assertThat(details(TestJobs.JOB).restarts()).isZero();
    assertThat(status(TestJobs.JOB)).isEqualTo(JobStatus.RUNNING);
  }

  /** A JobManager that is started again listens where the one before did. */
  @Test
  void waitsForThoseWhoDoNotKnowYetThatItIsAnotherOne() {
    runningOnTwo();
    ScriptedCluster before = cluster;
    cluster = cluster(2);
    var taskManagers = List.copyOf(before.taskManagers.values());
    taskManagers.forEach(each -> each.reconnect(cluster));
    cluster.runFor(100);
    assertThat(cluster.taskManagers).hasSize(2);

    taskManagers.forEach(each -> each.follow(cluster));
    cluster.until(() -> status(TestJobs.JOB) == JobStatus.RUNNING);
    assertThat(details(TestJobs.JOB).changes())
        .anyMatch(change -> change.note().contains("has adopted its tasks"));
  }

  /** Its tasks were given up meanwhile, and it may think that they still count. */
  @Test
  void sendsAwayWhoComesFromBeforeTooLate() {
    runningOnTwo();
    ScriptedCluster before = cluster;
    cluster = cluster(2);
    cluster.runFor(8_000);
    before.taskManagers.firstEntry().getValue().follow(cluster);
    cluster.runFor(1_000);
    assertThat(cluster.taskManagers).isEmpty();

    cluster.startTaskManager();
    cluster.startTaskManager();
    cluster.until(() -> status(TestJobs.JOB) == JobStatus.RUNNING);
    assertThat(cluster.lastDeploy().restoredManifest()).contains("manifest-");
  }
}
