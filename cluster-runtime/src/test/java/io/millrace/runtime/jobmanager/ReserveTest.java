package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** TaskManagers beyond need start when those that are needed have had the machines' time. */
class ReserveTest {
  private static final int NEEDED = TestJobs.PARALLELISM;

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
    TestJobs.cannotCommit = false;
  }

  private static ScriptedCluster cluster(JobManager.Lifetime lifetime) {
    return new ScriptedCluster(
        new MemoryCheckpointStore(),
        1,
        new Configuration(Map.of("slotmanager.redundant-taskmanager-num", "1")),
        lifetime,
        Optional.empty());
  }

  @Test
  void comesOnceTheJobRuns() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.PER_JOB);

    cluster.running(TestJobs.spec(Map.of()));
    assertThat(cluster.taskManagers).hasSize(NEEDED);

    cluster.until(() -> cluster.taskManagers.size() == NEEDED + 1);
  }

  @Test
  void theNextOneComesOnceTheJobRunsOnTheFirst() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.PER_JOB);
    cluster.running(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.taskManagers.size() == NEEDED + 1);
    var before = new TreeSet<>(cluster.taskManagers.keySet());
    TaskManagerId dead = cluster.lastDeploy().locations().get(0).id();

    cluster.kill(dead);
    cluster.until(() -> cluster.deploys().stream().anyMatch(each -> each.generation() == 2));
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
    assertThat(before).containsAll(cluster.taskManagers.keySet());

    cluster.until(() -> cluster.taskManagers.size() == NEEDED + 1);
    assertThat(cluster.details().restarts()).isEqualTo(1);
  }

  /** What is missing for the jobs is asked for at once, whatever there should be later. */
  @Test
  void whoeverLosesTheReserveTooGetsWhatItNeeds() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.PER_JOB);
    cluster.running(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.taskManagers.size() == NEEDED + 1);

    cluster.taskManagers.keySet().stream().limit(2).toList().forEach(cluster::kill);

    cluster.runFor(1_000);
    assertThat(cluster.taskManagers).hasSize(NEEDED);
    cluster.until(() -> cluster.taskManagers.size() == NEEDED + 1);
    assertThat(cluster.status()).isEqualTo(JobStatus.RUNNING);
  }

  @Test
  void staysWhenIdleOnesGo() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.SESSION);
    cluster.running(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.taskManagers.size() == NEEDED + 1);
    var before = new TreeSet<>(cluster.taskManagers.keySet());

    cluster.runFor(300_000);

    assertThat(cluster.taskManagers.keySet()).isEqualTo(before);
  }
}
