package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.hadoop.ClusterOptions;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import io.millrace.runtime.checkpoint.DeploymentRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.SafeModeAction;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Daemons of YARN and HDFS stop, come back or stay away while a job runs. */
@Tag("cluster")
@Tag("long")
class OutagesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(180);
  private static final String OUTPUT = "/outages/out";

  /** Room for an ApplicationMaster and a TaskManager each, so that a job of two needs two nodes. */
  private static ClusterOptions threeSmallNodes(ClusterOptions options) {
    Path store = options.directory().resolve("resourcemanager");
    return options
        .withNodes(3, 1_100)
        .withMaxAmAttempts(10)
        .with("yarn.resourcemanager.recovery.enabled", "true")
        .with(
            "yarn.resourcemanager.store.class",
            "org.apache.hadoop.yarn.server.resourcemanager.recovery.FileSystemRMStateStore")
        .with("yarn.resourcemanager.fs.state-store.uri", store.toUri().toString())
        .with("yarn.resourcemanager.work-preserving-recovery.scheduling-wait-ms", "1000")
        .with("yarn.resourcemanager.connect.retry-interval.ms", "1000")
        .with("yarn.nodemanager.recovery.enabled", "true")
        .with("yarn.nodemanager.recovery.supervised", "true")
        .with("yarn.nm.liveness-monitor.expiry-interval-ms", "8000")
        .with("dfs.namenode.safemode.extension", "0")
        .with("dfs.heartbeat.interval", "1");
  }

  private Cluster cluster;
  private SequenceJob job;

  @Test
  void aJobOutlivesTheOutagesOfDaemonsAndTheLossOfNodes() throws Exception {
    try (Cluster started = Cluster.start(HadoopVersion.BUILT_WITH, OutagesIT::threeSmallNodes);
        SequenceJob running =
            SequenceJob.start(
                started,
                OUTPUT,
                Program.sequenceCount(OUTPUT)
                    .quick()
                    .flags("-Dexecution.checkpointing.timeout=10s")
                    .with("--rate", "500", "--parallelism", "2"))) {
      cluster = started;
      job = running;
      job.awaitRunning();
      job.awaitTwoCheckpointsAndAFile();

      restartsNothing("the NameNode in safe mode", this::safeMode);
      restartsNothing("a NameNode that restarts", this::nameNodeRestarts);
      restartsNothing("a DataNode that restarts", this::dataNodeRestarts);
      restartsNothing("a quota that is used up", this::quotaIsUsedUp);
      restartsNothing("a ResourceManager that restarts", this::resourceManagerRestarts);
      restartsNothing("NodeManagers that restart", this::nodeManagersRestart);
      losesTheNodeOf("YarnTaskManager");
      losesTheNodeOf("YarnJobManager");

      Outcome cancel;
      try (ClientCommand command =
          cluster.millrace("cancel", "-yid", job.applicationId(), job.jobId())) {
        cancel = command.finish(PATIENCE);
      }
      assertThat(cancel.exitCode()).as(cancel.toString()).isZero();
      assertThat(cluster.awaitEnd(job.applicationId(), PATIENCE))
          .isEqualTo(FinalApplicationStatus.KILLED);
      Leftovers.assertNone(cluster, job.applicationId(), OUTPUT);
      assertThat(SequenceJob.assertExactBeginning(cluster.hdfs().lines(OUTPUT), 2)).isPositive();
    }
  }

  private interface Outage {
    void pass() throws Exception;
  }

  private void restartsNothing(String what, Outage outage) throws Exception {
    int generation = deployment().generation();
    List<ContainerProcess> processes = processes();
    outage.pass();
    job.awaitTwoCheckpointsAndAFile();
    assertThat(deployment().generation()).as("generation after " + what).isEqualTo(generation);
    assertThat(processes()).as("processes after " + what).isEqualTo(processes);
  }

  private DeploymentRecord deployment() throws IOException {
    return job.durable().newestDeployment().orElseThrow();
  }

  private List<ContainerProcess> processes() {
    return cluster.processes(job.applicationId()).stream()
        .filter(process -> process.javaMain().isPresent())
        .sorted(Comparator.comparing(ContainerProcess::containerId))
        .toList();
  }

  // ---- HDFS

  private void safeMode() throws Exception {
    var files = (DistributedFileSystem) cluster.hdfs().fileSystem();
    files.setSafeMode(SafeModeAction.ENTER);
    awaitFailures();
    files.setSafeMode(SafeModeAction.LEAVE);
  }

  private void nameNodeRestarts() throws Exception {
    cluster.stop("namenode");
    awaitFailures();
    cluster.start("namenode");
    Await.until("the NameNode to answer", PATIENCE, this::answers);
  }

  /** A connection of this test's own to the one before breaks at its next use. */
  private boolean answers() {
    try {
      return cluster.hdfs().exists("/");
    } catch (IOException e) {
      return false;
    }
  }

  private void dataNodeRestarts() throws Exception {
    cluster.stop("datanode");
    awaitFailures();
    cluster.start("datanode");
  }

  private void quotaIsUsedUp() throws Exception {
    var files = (DistributedFileSystem) cluster.hdfs().fileSystem();
    var folder = new org.apache.hadoop.fs.Path(job.durable().directory());
    files.setQuota(folder, 1, HdfsConstants.QUOTA_DONT_SET);
    awaitFailures();
    files.setQuota(folder, HdfsConstants.QUOTA_RESET, HdfsConstants.QUOTA_DONT_SET);
  }

  /** Two checkpoints more than now have failed. */
  private void awaitFailures() throws Exception {
    long before = failedCheckpoints();
    Await.until(
        "two checkpoints to fail; " + cluster.directory() + " has the logs",
        PATIENCE,
        () -> failedCheckpoints() >= before + 2);
  }

  private long failedCheckpoints() throws IOException {
    return cluster.logs(job.applicationId(), "jobmanager.log").values().stream()
        .flatMap(String::lines)
        .filter(line -> line.matches(".* checkpoint \\d+ was given up: .*"))
        .count();
  }

  // ---- YARN

  private void resourceManagerRestarts() throws Exception {
    cluster.stop("resourcemanager");
    job.awaitTwoCheckpointsAndAFile();
    cluster.start("resourcemanager");
    Await.until(
        "the ResourceManager to know the application again",
        PATIENCE,
        () -> cluster.report(job.applicationId()).getHost().equals("localhost"));
  }

  private void nodeManagersRestart() throws Exception {
    for (int node = 0; node < 3; node++) {
      cluster.stop("node " + node);
    }
    job.awaitTwoCheckpointsAndAFile();
    for (int node = 0; node < 3; node++) {
      cluster.start("node " + node);
    }
  }

  /** Its processes live on, unknown to YARN, and end themselves. */
  private void losesTheNodeOf(String main) throws Exception {
    ContainerProcess lost = cluster.javaProcesses(job.applicationId(), main).get(0);
    int node = lost.node();
    Set<Long> orphans = new TreeSet<>();
    for (ContainerProcess process : processes()) {
      if (process.node() == node) {
        orphans.add(process.pid());
      }
    }
    cluster.stop("node " + node);
    Await.until(
        "the processes on the lost node to be replaced; " + cluster.directory(),
        PATIENCE,
        () ->
            processes().size() == 3
                && processes().stream().noneMatch(process -> orphans.contains(process.pid())));
    job.awaitRunning();
    job.awaitTwoCheckpointsAndAFile();
    cluster.start("node " + node);
  }
}
