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
  private static final long BEARABLE_MILLIS = 320_000;

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

  /** A place that is taken away, or a machine that is gone, is no process that has ended. */
  @Test
  void whatThePlatformOnlyTakesAwayIsNoProof() {
    cluster.running(TestJobs.spec(EXCLUSIVE));
    TaskManagerId lost = cutOff();
    cluster.startTaskManager();

    cluster.deliver(
        new Address("resources"),
        new ResourceManager.TaskManagerEnded(lost, "lost", LogExcerpt.NONE, false, false));
    cluster.runFor(60_000);
    assertThat(isDeployed(2)).isFalse();

    cluster.runFor(BEARABLE_MILLIS);
    assertThat(isDeployed(2)).isTrue();
  }

  /** A TaskManager that only finds out that there is another one bears its silence from then on. */
  @Test
  void theNextJobManagerWaitsTwiceAsLongForWhomItDoesNotHear() {
    cluster.running(TestJobs.spec(EXCLUSIVE));
    cluster.checkpoints(1);

    cluster = cluster(2);
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    cluster.deliver(new Address("resources"), new ResourceManager.Kept(List.of()));
    cluster.submit(TestJobs.spec(EXCLUSIVE));
    cluster.runFor(BEARABLE_MILLIS);
    cluster.runFor(BEARABLE_MILLIS - 20_000);
    assertThat(isDeployed(2)).isFalse();

    cluster.runFor(40_000);
    assertThat(isDeployed(2)).isTrue();
  }

  /** The time for those that did not come must not end the wait for one that was lost later. */
  @Test
  void eachLossHasItsOwnTime() {
    var writers = new Writers();
    var id = new TaskManagerId("tm");
    writers.inherited(id, 1_000);
    writers.sent(List.of(id));
    writers.overdue(id, 1_000);
    assertThat(writers.left()).containsExactly(id);

    assertThat(writers.lost(id, 300_000)).isTrue();
    writers.overdue(id, 1_000);
    assertThat(writers.left()).containsExactly(id);
    writers.overdue(id, 300_000);
    assertThat(writers.left()).isEmpty();
    assertThat(writers.lost(id, 400_000)).isFalse();
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
