package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CancelAmidRestartTest {
  private final ScriptedCluster cluster =
      new ScriptedCluster(new MemoryCheckpointStore(), 1, Configuration.EMPTY);

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
    TestJobs.cannotCommit = false;
  }

  /** A manifest was being written when the job failed: it may be there, and its promise with it. */
  @Test
  void whatAManifestPromisesThatNobodyKnowsOfIsKept() {
    cluster.running(TestJobs.spec(Map.of("execution.checkpointing.interval", "500 ms")));
    cluster.answerMillis = 300;
    cluster.until(() -> cluster.manifests().size() == 1);

    for (TaskManagerId each : List.copyOf(cluster.taskManagers.keySet())) {
      cluster.kill(each);
    }
    cluster.until(() -> cluster.status() == JobStatus.RESTARTING);
    cluster.answerMillis = 1;
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.CANCELED);
    assertThat(TestJobs.SINK_CALLS).containsSubsequence("commit 1/0", "commit 1/1", "settle false");
  }
}
