package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** TaskManagers that fall silent, lose their connection, end, or never come. */
class CrewTest {
  private final ScriptedCluster cluster =
      new ScriptedCluster(new MemoryCheckpointStore(), 1, Configuration.EMPTY);

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
    TestJobs.cannotCommit = false;
  }

  private void running() {
    cluster.running(TestJobs.spec(Map.of("execution.checkpointing.interval", "500 ms")));
  }

  @Test
  void givesUpASilentTaskManagerAndReplacesIt() {
    running();

    cluster.taskManagers.firstEntry().getValue().silent = true;
    cluster.until(() -> cluster.details().restarts() == 1);
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);

    assertThat(cluster.taskManagers).hasSize(TestJobs.PARALLELISM);
  }

  @Test
  void replacesATaskManagerAtOnceWhoseConnectionIsGone() {
    running();

    cluster.vanish(cluster.taskManagers.firstKey());
    cluster.runFor(1_000); // long before a heartbeat is missed

    assertThat(cluster.details().restarts()).isEqualTo(1);
    assertThat(cluster.taskManagers).hasSize(TestJobs.PARALLELISM);
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
  }

  @Test
  void aTaskManagerThatConnectsAgainInTimeHasLostNothing() {
    running();
    TaskManagerId id = cluster.taskManagers.firstKey();

    for (int loss = 0; loss < 5; loss++) {
      cluster.deliver(id.address(), new Connection.Lost(id));
      cluster.runFor(400);
      cluster.deliver(id.address(), new Connection.Opened(id));
      cluster.runFor(50); // the time of each loss falls into the next one
    }
    cluster.runFor(5_000);

    assertThat(cluster.details().restarts()).isZero();
    assertThat(cluster.taskManagers).containsKey(id);
  }

  @Test
  void aTaskManagerWhosePortRefusesOthersIsReplacedAtOnce() {
    running();
    TaskManagerId id = cluster.taskManagers.firstKey();

    cluster.vanish(id);
    cluster.deliver(id.address(), new Connection.Refused(id));
    cluster.runFor(50);

    assertThat(cluster.details().restarts()).isEqualTo(1);
    assertThat(cluster.taskManagers).hasSize(TestJobs.PARALLELISM);
    cluster.runFor(2_000);
    assertThat(cluster.details().restarts()).isEqualTo(1);
    assertThat(cluster.details().changes())
        .anyMatch(change -> change.note().contains("its port refuses others"));
  }

  @Test
  void aTaskManagerThatIsConnectedAgainIsNotTakenForDead() {
    running();
    TaskManagerId id = cluster.taskManagers.firstKey();

    cluster.deliver(id.address(), new Connection.Lost(id));
    cluster.deliver(id.address(), new Connection.Opened(id));
    cluster.deliver(id.address(), new Connection.Refused(id));
    cluster.runFor(5_000);

    assertThat(cluster.details().restarts()).isZero();
    assertThat(cluster.taskManagers).containsKey(id);
  }

  @Test
  void tellsWhyATaskManagerEndedThatItHadGivenUp() {
    running();
    TaskManagerId id = cluster.taskManagers.firstKey();
    cluster.vanish(id);
    cluster.runFor(1_000);

    cluster.kill(id);
    cluster.runFor(1_000);

    assertThat(cluster.details().restarts()).isEqualTo(1);
    assertThat(cluster.details().changes())
        .anyMatch(change -> change.note().equals("TaskManager " + id + ": exit code 137"));
  }

  /** All at once that are there, as often as said, before one of them could register. */
  private void allEndUnregistered(int times) {
    cluster.lose = (to, message) -> message instanceof ToJobManager.Register;
    for (int i = 0; i < times; i++) {
      cluster.runFor(1_500);
      List.copyOf(cluster.taskManagers.keySet()).forEach(cluster::kill);
    }
    cluster.runFor(20);
    cluster.lose = (to, message) -> false;
  }

  @Test
  void manyTaskManagersThatEndAtOnceCountAsOne() {
    cluster.submit(TestJobs.spec(Map.of()));
    allEndUnregistered(4);

    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
  }

  @Test
  void givesUpAJobWhoseTaskManagersNeverComeUp() {
    cluster.submit(TestJobs.spec(Map.of()));
    allEndUnregistered(5);

    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(cluster.diagnostics).contains("5 times in a row").contains("exit code 137");
  }

  @Test
  void aJobThatHasRunOutlivesTaskManagersThatDoNotComeUp() {
    running();
    allEndUnregistered(8);

    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
  }
}
