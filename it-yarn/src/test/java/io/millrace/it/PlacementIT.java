package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.SequenceJob.Victim;
import io.millrace.it.hadoop.ClusterOptions;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import java.time.Duration;
import java.util.List;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What YARN is told of an application arrives there, and containers are where they shall be. */
@Tag("cluster")
@Tag("long")
class PlacementIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String OUTPUT = "/placement/out";
  private static final int LABELED = 1;

  @Test
  void aJobIsWhereAndWhatItIsToldToBe() throws Exception {
    Program program =
        Program.sequenceCount(OUTPUT)
            .quick()
            .flags("-yqu", "nightly", "-ynm", "billing run")
            .flags("-Dyarn.tags=billing, team-a", "-Dyarn.application.priority=3")
            .flags("-Dyarn.taskmanager.node-label=fast");
    try (Cluster cluster = Cluster.start(HadoopVersion.BUILT_WITH, PlacementIT::withALabel)) {
      cluster.label(LABELED, "fast");
      try (SequenceJob job = SequenceJob.start(cluster, OUTPUT, program)) {
        job.awaitRunning();
        ApplicationReport told = cluster.report(job.applicationId());
        assertThat(told.getName()).isEqualTo("billing run");
        assertThat(told.getQueue()).endsWith("nightly");
        assertThat(told.getApplicationTags()).containsExactlyInAnyOrder("billing", "team-a");
        assertThat(told.getPriority().getPriority()).isEqualTo(3);

        assertThat(nodesOf(cluster, job, "YarnTaskManager")).containsExactly(LABELED);
        assertThat(nodesOf(cluster, job, "YarnJobManager")).doesNotContain(LABELED);
        job.killAndAwaitRecovery(Victim.TASK_MANAGER);
        assertThat(nodesOf(cluster, job, "YarnTaskManager")).containsExactly(LABELED);

        try (ClientCommand command =
            cluster.millrace("cancel", "-yid", job.applicationId(), job.jobId())) {
          Outcome cancelled = command.finish(PATIENCE);
          assertThat(cancelled.exitCode()).as(cancelled.toString()).isZero();
        }
        assertThat(cluster.awaitEnd(job.applicationId(), PATIENCE))
            .isEqualTo(FinalApplicationStatus.KILLED);
      }
    }
  }

  private static ClusterOptions withALabel(ClusterOptions options) {
    String root = "yarn.scheduler.capacity.root.";
    return options
        .withNodes(2, 2_048)
        .with("yarn.node-labels.enabled", "true")
        .with(
            "yarn.node-labels.fs-store.root-dir",
            options.directory().resolve("labels").toUri().toString())
        .with("yarn.cluster.max-application-priority", "5")
        .with(root + "queues", "nightly")
        .with(root + "nightly.capacity", "100")
        .with(root + "accessible-node-labels.fast.capacity", "100")
        .with(root + "nightly.accessible-node-labels", "fast")
        .with(root + "nightly.accessible-node-labels.fast.capacity", "100");
  }

  private static List<Integer> nodesOf(Cluster cluster, SequenceJob job, String main) {
    return cluster.javaProcesses(job.applicationId(), main).stream()
        .map(ContainerProcess::node)
        .toList();
  }
}
