package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A JobManager dies between a failure and the next deployment, of which it would keep record. */
class RestartBudgetTest {
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private ScriptedCluster cluster;

  private static final JobSpec TWICE =
      TestJobs.spec(
          Map.of(
              "restart-strategy.type", "fixed-delay",
              "restart-strategy.fixed-delay.attempts", "2",
              "restart-strategy.fixed-delay.delay", "30 s"));

  /** A JobManager takes over a job whose TaskManagers are gone too, and brings it to run. */
  private void takeOver(int attempt, JobSpec spec) {
    cluster = new ScriptedCluster(store, attempt, Configuration.EMPTY);
    cluster.running(spec);
  }

  /** Nothing is deployed anew by the end of it. */
  private void failAndWaitForTheNextStart() {
    cluster.vanish(cluster.taskManagers.firstKey());
    cluster.until(() -> cluster.status() == JobStatus.RESTARTING);
    cluster.runFor(500);
    assertThat(cluster.status()).isEqualTo(JobStatus.RESTARTING);
  }

  @Test
  void aFailureCountsThoughItsJobManagerDiesBeforeItStartsTheJobAgain() {
    takeOver(1, TWICE);
    failAndWaitForTheNextStart();
    takeOver(2, TWICE);
    assertThat(cluster.details().restarts()).isEqualTo(1);
    failAndWaitForTheNextStart();
    takeOver(3, TWICE);
    assertThat(cluster.details().restarts()).isEqualTo(2);
    cluster.vanish(cluster.taskManagers.firstKey());

    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(cluster.diagnostics).contains("all 2 restarts are used up");
  }

  @Test
  void itsTimeCountsForTheRateOfFailures() {
    JobSpec seldom =
        TestJobs.spec(
            Map.of(
                "restart-strategy.type", "failure-rate",
                "restart-strategy.failure-rate.max-failures-per-interval", "1",
                "restart-strategy.failure-rate.failure-rate-interval", "1 h",
                "restart-strategy.failure-rate.delay", "30 s"));
    takeOver(1, seldom);
    failAndWaitForTheNextStart();
    takeOver(2, seldom);
    cluster.vanish(cluster.taskManagers.firstKey());

    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.diagnostics).contains("2 failures within");
  }

  /** Its death is none of the job's failures, and neither is that of what died with it. */
  @Test
  void theEndOfAJobManagerIsNoFailure() {
    takeOver(1, TWICE);
    takeOver(2, TWICE);
    takeOver(3, TWICE);

    assertThat(cluster.details().restarts()).isZero();
  }

  @Test
  void whatCannotBeReadOfItKeepsNobodyFromGoingOn() throws IOException {
    takeOver(1, TWICE);
    failAndWaitForTheNextStart();
    var names = store.names(store.directoryOf(TestJobs.JOB));
    String record = "epochs/00001-0000001/restarts-0000000001";
    byte[] bytes = names.read(record);
    bytes[bytes.length - 1] ^= 4;
    names.delete(record);
    names.createExclusive(record, bytes);

    takeOver(2, TWICE);
    assertThat(cluster.details().restarts()).as("by its name").isEqualTo(1);
    failAndWaitForTheNextStart();
    takeOver(3, TWICE);
    assertThat(cluster.details().restarts()).isEqualTo(2);
  }

  /** The wait is a moment at times, and then the file comes too late for its folder. */
  @Test
  void nobodyWaitsUntilItIsOnRecord() {
    JobSpec atOnce =
        TestJobs.spec(
            Map.of(
                "restart-strategy.type", "fixed-delay",
                "restart-strategy.fixed-delay.attempts", "9",
                "restart-strategy.fixed-delay.delay", "0 s"));
    takeOver(1, atOnce);
    for (int failures = 1; failures <= 3; failures++) {
      int expected = failures;
      cluster.vanish(cluster.taskManagers.firstKey());
      cluster.until(() -> cluster.details().restarts() == expected);
      cluster.until(() -> cluster.status() == JobStatus.RUNNING);
    }
    takeOver(2, atOnce);

    assertThat(cluster.fenced).isEmpty();
    assertThat(cluster.details().restarts()).isEqualTo(3);
  }
}
