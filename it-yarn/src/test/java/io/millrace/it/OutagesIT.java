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
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.SafeModeAction;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Daemons of YARN and HDFS stop, come back or stay away while a job runs. */
@Tag("cluster")
class OutagesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(180);
  private static final String OUTPUT = "/outages/out";

  private static final String MASTER = "YarnJobManager";
  private static final String FENCED = "This attempt does not command any more";

  /** For how long YARN waits for a silent ApplicationMaster in the short form. */
  private static final Duration SHORT_EXPIRY = Duration.ofSeconds(10);

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

  private static ClusterOptions shortExpiries(ClusterOptions options) {
    return threeSmallNodes(options)
        .with("yarn.am.liveness-monitor.expiry-interval-ms", "" + SHORT_EXPIRY.toMillis())
        .with("yarn.nm.liveness-monitor.expiry-interval-ms", "12000");
  }

  /** As the ten minutes below, by as much shorter as what YARN and Millrace wait for. */
  @Test
  void aJobOutlivesOutagesThatTakeLongerThanAnybodyWaits() throws Exception {
    try (Scene scene = Scene.of(OutagesIT::shortExpiries, 500, "2s")) {
      scene.restartsNothing("an outage of HDFS", scene::hdfsIsAwayUntilCheckpointsFail);
      scene.restartsNothing(
          "an outage of the ResourceManager", () -> scene.resourceManagerIsAwayFor(SHORT_EXPIRY));
      scene.restartsNothing("NodeManagers that restart", scene::nodeManagersRestart);
      scene.losesTheNodeOf("YarnTaskManager");
      scene.succeedsAPausedMaster();
      scene.endsExactly();
    }
  }

  @Test
  @Tag("long")
  void aJobOutlivesTheOutagesOfDaemonsAndTheLossOfNodes() throws Exception {
    try (Scene scene = Scene.of(OutagesIT::threeSmallNodes, 500, "10s")) {
      scene.restartsNothing("the NameNode in safe mode", scene::safeMode);
      scene.restartsNothing("a NameNode that restarts", scene::nameNodeRestarts);
      scene.restartsNothing("a DataNode that restarts", scene::dataNodeRestarts);
      scene.restartsNothing("a quota that is used up", scene::quotaIsUsedUp);
      scene.restartsNothing("a ResourceManager that restarts", scene::resourceManagerRestarts);
      scene.restartsNothing("NodeManagers that restart", scene::nodeManagersRestart);
      scene.losesATaskManagerWithoutResourceManager();
      scene.losesTheNodeOf("YarnTaskManager");
      scene.losesTheNodeOf(MASTER);
      scene.succeedsAPausedMaster();
      scene.endsExactly();
    }
  }

  /**
   * Ten minutes, or as many as {@code -Doutage.minutes} says, without a ResourceManager in one
   * cluster and without HDFS in another, at the same time: one that has lost both would rightly end
   * itself.
   */
  @Test
  @Tag("long")
  void jobsOutliveAnOutageOfTenMinutes() throws Exception {
    var minutes = Double.parseDouble(System.getProperty("outage.minutes", "10"));
    var length = Duration.ofSeconds(Math.round(minutes * 60));
    try (Scene withoutYarn = Scene.of(OutagesIT::threeSmallNodes, 1_000, "10s");
        Scene withoutHdfs = Scene.of(OutagesIT::threeSmallNodes, 1_000, "10s")) {
      withoutYarn.restartsNothing(
          "an outage of the ResourceManager",
          () ->
              withoutHdfs.restartsNothing(
                  "an outage of HDFS", () -> bothAreAway(withoutYarn, withoutHdfs, length)));
      withoutHdfs.endsExactly();
      withoutYarn.endsExactly();
    }
  }

  /** Without recovery a ResourceManager that starts anew knows of nothing, and nothing is left. */
  @Test
  @Tag("long")
  void aResourceManagerThatRemembersNothingEndsTheJobByName() throws Exception {
    try (Cluster cluster = Cluster.start();
        SequenceJob job =
            SequenceJob.start(cluster, OUTPUT, Program.sequenceCount(OUTPUT).quick())) {
      job.awaitRunning();
      job.awaitTwoCheckpointsAndAFile();

      cluster.stop("resourcemanager");
      cluster.start("resourcemanager");

      cluster.awaitNoProcess(job.applicationId(), PATIENCE);
      Outcome run = job.command().finish(PATIENCE);
      assertThat(run.exitCode()).as(run.toString()).isEqualTo(1);
      assertThat(run.stderr())
          .contains("YARN does not know " + job.applicationId(), "recovery.enabled", "--force");
      assertThat(SequenceJob.assertExactBeginning(cluster.hdfs().lines(OUTPUT), 1)).isPositive();
    }
  }

  private static void bothAreAway(Scene withoutYarn, Scene withoutHdfs, Duration length)
      throws Exception {
    withoutHdfs.hdfsStops();
    long failed = withoutHdfs.failedCheckpoints();
    withoutYarn.resourceManagerIsAwayFor(length);
    failed = withoutHdfs.failedCheckpoints() - failed;
    withoutHdfs.hdfsStarts();

    Measurements.note("failed checkpoints in " + length.toSeconds() + " s without HDFS", failed);
    assertThat(failed).isGreaterThanOrEqualTo(2);
  }

  private interface Outage {
    void pass() throws Exception;
  }

  /** A job on a cluster of its own, and what may happen to them. */
  private static final class Scene implements AutoCloseable {
    private final Cluster cluster;
    private final SequenceJob job;

    private Scene(Cluster cluster, SequenceJob job) {
      this.cluster = cluster;
      this.job = job;
    }

    /**
     * @param timeout of a checkpoint
     */
    static Scene of(UnaryOperator<ClusterOptions> options, int rate, String timeout)
        throws Exception {
      Cluster cluster = Cluster.start(HadoopVersion.BUILT_WITH, options);
      try {
        SequenceJob job =
            SequenceJob.start(
                cluster,
                OUTPUT,
                Program.sequenceCount(OUTPUT)
                    .quick()
                    .flags("-Dexecution.checkpointing.timeout=" + timeout)
                    .with("--rate", "" + rate, "--parallelism", "2"));
        var scene = new Scene(cluster, job);
        try {
          job.awaitRunning();
          job.awaitTwoCheckpointsAndAFile();
          return scene;
        } catch (Exception | Error e) {
          job.close();
          throw e;
        }
      } catch (Exception | Error e) {
        cluster.close();
        throw e;
      }
    }

    @Override
    public void close() throws IOException {
      try (cluster;
          job) {
        // both, the job first
      }
    }

    void restartsNothing(String what, Outage outage) throws Exception {
      int generation = deployment().generation();
      int restarts = restarts();
      List<ContainerProcess> processes = processes();
      outage.pass();
      job.awaitTwoCheckpointsAndAFile();
      assertThat(deployment().generation()).as("generation after " + what).isEqualTo(generation);
      assertThat(restarts()).as("restarts after " + what).isEqualTo(restarts);
      assertThat(processes()).as("processes after " + what).isEqualTo(processes);
    }

    private DeploymentRecord deployment() throws IOException {
      return job.durable().newestDeployment().orElseThrow();
    }

    private int restarts() throws Exception {
      return Await.value("the JobManager to answer", PATIENCE, job::details).restarts();
    }

    private List<ContainerProcess> processes() {
      return cluster.processes(job.applicationId()).stream()
          .filter(process -> process.javaMain().isPresent())
          .sorted(Comparator.comparing(ContainerProcess::containerId))
          .toList();
    }

    /** What it has shown by its end is what it should have. */
    void endsExactly() throws Exception {
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

    // ---- HDFS

    void hdfsIsAwayUntilCheckpointsFail() throws Exception {
      hdfsStops();
      awaitFailures();
      hdfsStarts();
    }

    void hdfsStops() throws Exception {
      cluster.stop("namenode");
      cluster.stop("datanode");
    }

    void hdfsStarts() throws Exception {
      startNameNode();
      cluster.start("datanode");
    }

    void safeMode() throws Exception {
      var files = (DistributedFileSystem) cluster.hdfs().fileSystem();
      files.setSafeMode(SafeModeAction.ENTER);
      awaitFailures();
      files.setSafeMode(SafeModeAction.LEAVE);
    }

    void nameNodeRestarts() throws Exception {
      cluster.stop("namenode");
      awaitFailures();
      startNameNode();
    }

    private void startNameNode() throws Exception {
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

    void dataNodeRestarts() throws Exception {
      cluster.stop("datanode");
      awaitFailures();
      cluster.start("datanode");
    }

    void quotaIsUsedUp() throws Exception {
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

    long failedCheckpoints() throws IOException {
      return tellings(" checkpoint \\d+ was given up: ");
    }

    /** How many lines of the JobManagers' logs say that. */
    private long tellings(String pattern) throws IOException {
      Pattern said = Pattern.compile(pattern);
      return cluster.logs(job.applicationId(), "jobmanager.log").values().stream()
          .flatMap(String::lines)
          .filter(line -> said.matcher(line).find())
          .count();
    }

    // ---- YARN

    void resourceManagerRestarts() throws Exception {
      cluster.stop("resourcemanager");
      job.awaitTwoCheckpointsAndAFile();
      startResourceManager();
    }

    /** Output still comes at the end of it. */
    void resourceManagerIsAwayFor(Duration length) throws Exception {
      cluster.stop("resourcemanager");
      long before = job.durable().newestCheckpoint();
      long end = System.nanoTime() + length.toNanos();
      Await.until("the end", length.plus(PATIENCE), () -> System.nanoTime() >= end);
      long completed = job.durable().newestCheckpoint() - before;
      job.awaitTwoCheckpointsAndAFile();
      startResourceManager();
      Measurements.note(
          "checkpoints in " + length.toSeconds() + " s without ResourceManager", completed);
    }

    private void startResourceManager() throws Exception {
      cluster.start("resourcemanager");
      Await.until(
          "the ResourceManager to know the application again",
          PATIENCE,
          () -> cluster.report(job.applicationId()).getHost().equals("localhost"));
    }

    void nodeManagersRestart() throws Exception {
      for (int node = 0; node < 3; node++) {
        cluster.stop("node " + node);
      }
      job.awaitTwoCheckpointsAndAFile();
      for (int node = 0; node < 3; node++) {
        cluster.start("node " + node);
      }
    }

    /** What the job asks for meanwhile, the ResourceManager hears when it is back. */
    void losesATaskManagerWithoutResourceManager() throws Exception {
      cluster.stop("resourcemanager");
      long before = tellings(" is RESTARTING");
      cluster.killHard(cluster.javaProcesses(job.applicationId(), "YarnTaskManager").get(0));
      // Who asks YARN first where the JobManager is hears nothing now.
      Await.until(
          "the job to miss it; " + cluster.directory(),
          PATIENCE,
          () -> tellings(" is RESTARTING") > before);
      startResourceManager();
      Await.until("another one; " + cluster.directory(), PATIENCE, () -> processes().size() == 3);
      job.awaitRunning();
      job.awaitTwoCheckpointsAndAFile();
    }

    /** Its processes live on, unknown to YARN, and end themselves. */
    void losesTheNodeOf(String main) throws Exception {
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

    /**
     * Its node is lost while it is paused, so that nobody ends it. Woken behind its successor it
     * has no effect any more, and ends itself.
     */
    void succeedsAPausedMaster() throws Exception {
      ContainerProcess paused = masters().get(0);
      cluster.pause(paused);
      cluster.stop("node " + paused.node());
      Await.until(
          "another ApplicationMaster beside the paused one; " + cluster.directory(),
          PATIENCE,
          () -> masters().size() == 2);
      job.awaitRunning();
      job.awaitTwoCheckpointsAndAFile();
      int generation = deployment().generation();
      long ended = tellings(FENCED);

      long woken = System.nanoTime();
      cluster.wake(paused);
      Await.until(
          "the one that was paused to end itself; " + cluster.directory(),
          PATIENCE,
          () -> !masters().contains(paused));
      Measurements.note(
          "woken ApplicationMaster with a successor ends itself, ms",
          (System.nanoTime() - woken) / 1_000_000);

      assertThat(masters()).hasSize(1);
      assertThat(tellings(FENCED)).isEqualTo(ended + 1);
      job.awaitTwoCheckpointsAndAFile();
      assertThat(deployment().generation()).isEqualTo(generation);
      cluster.start("node " + paused.node());
    }

    private List<ContainerProcess> masters() {
      return cluster.javaProcesses(job.applicationId(), MASTER);
    }
  }
}
