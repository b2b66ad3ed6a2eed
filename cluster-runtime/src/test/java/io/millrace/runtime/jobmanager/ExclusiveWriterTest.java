package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A sink that needs to be the only writer holds its job up until the one before has ended. */
class ExclusiveWriterTest {
  private static final Map<String, String> EXCLUSIVE = Map.of("sinks.exclusive-writer", "true");

  /** The silence that TaskManagers bear, and some more. */
  private static final long BEARABLE_MILLIS = 310_000;

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

  private boolean isDeployed(int generation) {
    return cluster.deploys().stream().anyMatch(each -> each.generation() == generation);
  }

  private TaskManagerId cutOff() {
    TaskManagerId id = cluster.lastDeploy().locations().get(0).id();
    cluster.vanish(id);
    return id;
  }

  @Test
  void othersDoNotWait() {
    cluster.running(TestJobs.spec(Map.of()));
    cutOff();
    cluster.startTaskManager();

    cluster.runFor(10_000);

    assertThat(isDeployed(2)).isTrue();
  }

  @Test
  void waitsUntilThePlatformSaysThatTheProcessHasEnded() {
    cluster.running(TestJobs.spec(EXCLUSIVE));
    TaskManagerId lost = cutOff();
    cluster.startTaskManager();

    cluster.runFor(60_000);
    assertThat(isDeployed(2)).isFalse();
    assertThat(cluster.details().changes().toString())
        .contains("waits until tasks on [" + lost, "are known to have ended");

    cluster.deliver(
        new Address("resources"), new ResourceManager.TaskManagerEnded(lost, "exit code 137"));
    cluster.until(() -> isDeployed(2));
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
  }

  @Test
  void waitsWhereNobodySaysSoUntilItMustHaveEndedItself() {
    cluster.running(TestJobs.spec(EXCLUSIVE));
    cutOff();
    cluster.startTaskManager();

    cluster.runFor(BEARABLE_MILLIS - 10_000);
    assertThat(isDeployed(2)).isFalse();

    cluster.runFor(20_000);
    assertThat(isDeployed(2)).isTrue();
  }

  @Test
  void goesOnSoonWhereTasksHaveShownThatTheyAreGone() {
    cluster.running(TestJobs.spec(EXCLUSIVE));
    cluster
        .taskManagers
        .get(cluster.lastDeploy().locations().get(0).id())
        .fail(Failure.of(Failure.Kind.USER, "user code"));

    cluster.runFor(10_000);

    assertThat(isDeployed(2)).isTrue();
    assertThat(cluster.status()).isEqualTo(JobStatus.RUNNING);
  }

  @Test
  void theDeathOfAProcessIsProof() {
    cluster.running(TestJobs.spec(EXCLUSIVE));

    cluster.kill(cluster.lastDeploy().locations().get(0).id());
    cluster.runFor(10_000);

    assertThat(isDeployed(2)).isTrue();
    assertThat(cluster.status()).isEqualTo(JobStatus.RUNNING);
  }

  /** What the platform has not kept has ended; who was kept and does not come may write on. */
  @Test
  void theNextJobManagerWaitsForWhomItDoesNotHear() {
    cluster.running(TestJobs.spec(EXCLUSIVE));
    cluster.checkpoints(1);
    List<TaskManagerId> before = List.copyOf(cluster.taskManagers.keySet());

    cluster = cluster(2);
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    cluster.deliver(new Address("resources"), new ResourceManager.Kept(before.subList(0, 1)));
    cluster.submit(TestJobs.spec(EXCLUSIVE));
    cluster.runFor(60_000);
    assertThat(isDeployed(2)).isFalse();
    assertThat(cluster.details().changes().toString())
        .contains("waits until tasks on [" + before.get(0) + "] are known");

    cluster.runFor(BEARABLE_MILLIS);
    assertThat(isDeployed(2)).isTrue();
  }

  @Test
  void whoeverWaitsCanBeCancelled() {
    cluster.running(TestJobs.spec(EXCLUSIVE));
    cutOff();
    cluster.runFor(10_000);

    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.CANCELED);
  }
}
