package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.MemoryNames;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.ToTaskManager;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody deletes the directory of a job that runs. */
class ErasedDirectoryTest {
  private static final Map<String, String> OFTEN =
      Map.of("execution.checkpointing.interval", "500 ms");
  private static final Map<String, String> NEVER =
      Map.of("execution.checkpointing.interval", "1 h");

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private ScriptedCluster cluster = new ScriptedCluster(store, 1, Configuration.EMPTY);

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
    TestJobs.cannotCommit = false;
  }

  private void erase() {
    MemoryNames names = store.names(store.directoryOf(TestJobs.JOB));
    names.list("").stream().map(DurableNames.Entry::name).forEach(names::delete);
  }

  private void failedAsErased() {
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(cluster.fenced).isEmpty();
    assertThat(cluster.diagnostics)
        .contains(store.directoryOf(TestJobs.JOB))
        .contains("have been deleted", "run -s");
  }

  @Test
  void theNextCheckpointFindsOut() {
    cluster.running(TestJobs.spec(OFTEN));
    cluster.checkpoints(2);
    erase();
    failedAsErased();
    assertThat(TestJobs.SINK_CALLS).contains("settle false");
  }

  @Test
  void whoWatchesTheClaimsFindsOut() {
    cluster.running(TestJobs.spec(NEVER));
    erase();
    failedAsErased();
  }

  @Test
  void aRestartDoesNotBeginFromNothing() {
    cluster.running(TestJobs.spec(OFTEN));
    cluster.checkpoints(2);
    erase();
    cluster.kill(cluster.taskManagers.firstKey());
    failedAsErased();
  }

  @Test
  void aPartOfTheRecordsIsNotEnough() {
    cluster.running(TestJobs.spec(OFTEN));
    cluster.checkpoints(2);
    store.names(store.directoryOf(TestJobs.JOB)).delete("epochs");
    failedAsErased();
  }

  private void eraseCheckpoints() {
    MemoryNames names = store.names(store.directoryOf(TestJobs.JOB));
    for (DurableNames.Entry epoch : names.list("epochs")) {
      String folder = "epochs/" + epoch.name();
      names.list(folder).stream()
          .map(DurableNames.Entry::name)
          .filter(name -> name.startsWith("manifest-"))
          .forEach(name -> names.delete(folder + "/" + name));
    }
  }

  @Test
  void aRestartDoesNotBeginFromNothingWhereCheckpointsAloneAreGone() {
    cluster.running(TestJobs.spec(OFTEN));
    cluster.checkpoints(2);
    eraseCheckpoints();
    cluster.kill(cluster.taskManagers.firstKey());
    failedAsErased();
  }

  @Test
  void norDoesTheNextJobManager() {
    cluster.running(TestJobs.spec(OFTEN));
    cluster.checkpoints(2);
    eraseCheckpoints();
    cluster = new ScriptedCluster(store, 2, Configuration.EMPTY);
    cluster.submit(TestJobs.spec(OFTEN));
    failedAsErased();
  }

  /** It runs, and its next checkpoint is as good as any. */
  @Test
  void tasksThatAreAdoptedNeedNoCheckpoint() {
    cluster = session(1);
    startOnTwo();
    cluster.checkpoints(2);
    eraseCheckpoints();
    ScriptedCluster before = cluster;
    cluster = session(2);
    List.copyOf(before.taskManagers.values()).forEach(each -> each.follow(cluster));
    cluster.runFor(100);
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
    cluster.checkpoints(4);
    assertThat(cluster.details().restarts()).isZero();
  }

  @Test
  void theClusterGoesOn() {
    cluster = session(1);
    startOnTwo();
    erase();
    cluster.until(() -> cluster.status() == JobStatus.FAILED);
    cluster.runFor(60_000);
    assertThat(cluster.fenced).isEmpty();
    assertThat(cluster.finished).isEmpty();
  }

  /** Tasks show that the job has run, whatever the next JobManager finds of it. */
  @Test
  void theNextJobManagerLearnsItFromTaskManagers() {
    cluster = session(1);
    startOnTwo();
    cluster.checkpoints(2);
    ScriptedCluster before = cluster;
    erase();
    cluster = session(2);
    List.copyOf(before.taskManagers.values()).forEach(each -> each.follow(cluster));
    cluster.runFor(100);
    cluster.until(() -> cluster.status() == JobStatus.FAILED);
    assertThat(cluster.details().failure().orElseThrow().message()).contains("have been deleted");
  }

  /** Of a job that has ended and was tidied up no deployment is on record, but its end is. */
  @Test
  void tasksThatOutliveTheirJobDoNotBeginItAnew() {
    cluster = session(1);
    startOnTwo(
        Map.of(
            "execution.checkpointing.interval",
            "500 ms",
            "execution.checkpointing.externalized-checkpoint-retention",
            "DELETE_ON_CANCELLATION"));
    cluster.lose =
        (to, message) ->
            message instanceof ToTaskManager.CancelTasks
                || message instanceof ToTaskManager.Shutdown;
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.status() == JobStatus.CANCELED);
    cluster.runFor(5_000);
    ScriptedCluster before = cluster;

    cluster = session(2);
    List.copyOf(before.taskManagers.values()).forEach(each -> each.follow(cluster));
    cluster.runFor(30_000);

    assertThat(cluster.details().changes())
        .extracting(ClientAnswer.Change::status)
        .doesNotContain(JobStatus.RESTARTING)
        .endsWith(JobStatus.CANCELED);
  }

  private ScriptedCluster session(int attempt) {
    return new ScriptedCluster(
        store,
        attempt,
        Configuration.EMPTY,
        JobManager.Lifetime.SESSION,
        Optional.of("memory:/docket"),
        true);
  }

  private void startOnTwo() {
    startOnTwo(OFTEN);
  }

  private void startOnTwo(Map<String, String> settings) {
    cluster.startTaskManager();
    cluster.startTaskManager();
    cluster.runFor(100);
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    cluster.submit(TestJobs.spec(settings));
    cluster.until(() -> cluster.answers.contains(new ClientAnswer.Accepted(1)));
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
  }
}
