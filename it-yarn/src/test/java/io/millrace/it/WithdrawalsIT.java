package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.hadoop.ClusterOptions;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import io.millrace.runtime.protocol.JobStatus;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.NodeReport;
import org.apache.hadoop.yarn.api.records.NodeState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** YARN says that it will take containers of a job that must not restart even once. */
@Tag("cluster")
class WithdrawalsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String OUTPUT = "/withdrawals/out";
  private static final String OTHER_OUTPUT = "/withdrawals/other";

  private Cluster cluster;
  private SequenceJob job;

  private interface Story {
    /** How often the job moved. */
    int tell() throws Exception;
  }

  @Test
  void aNodeIsDecommissionedAndAnotherQueueTakesItsShareOfTheRest() throws Exception {
    tell(
        options -> twoQueues(options).withNodes(3, 1_024),
        List.of("-yqu", "a"),
        () -> {
          int moves = decommission();
          job.awaitRunning();
          job.awaitTwoCheckpointsAndAFile();
          return moves + preemption();
        });
  }

  /** Its containers might stay for an hour, and are given back as soon as there are others. */
  private int decommission() throws Exception {
    int node = nodeWithTaskManagersOnly();
    cluster.decommission(node, Duration.ofHours(1));

    awaitTaskManagersElsewhere(node);
    Await.until(
        "the node to be empty; " + cluster.directory(),
        PATIENCE,
        () -> nodes(NodeState.DECOMMISSIONING).stream().allMatch(n -> n.getNumContainers() == 0));
    assertThat(nodes(NodeState.DECOMMISSIONING)).hasSize(1);
    assertHistoryNames("is being decommissioned");

    cluster.decommission(node, Duration.ZERO);
    Await.until(
        "the node to be DECOMMISSIONED; " + cluster.directory(),
        PATIENCE,
        () -> nodes(NodeState.DECOMMISSIONED).size() == 1);
    return 1;
  }

  private void awaitTaskManagersElsewhere(int node) throws Exception {
    Await.until(
        "the TaskManagers to leave node " + node + "; " + cluster.directory(),
        PATIENCE,
        () -> taskManagerNodes().size() == 2 && !taskManagerNodes().contains(node));
  }

  @Test
  @Tag("long")
  void theNodeOfTheMasterIsDecommissioned() throws Exception {
    tell(options -> options.withNodes(3, 1_024), List.of(), this::decommissionUnderTheMaster);
  }

  /** What works there moves; the next ApplicationMaster, elsewhere, finds it running. */
  private int decommissionUnderTheMaster() throws Exception {
    int generation = job.generation();
    int node = nodesOf("YarnJobManager").get(0);
    int moves = taskManagerNodes().contains(node) ? 1 : 0;
    cluster.decommission(node, Duration.ofHours(1));
    awaitTaskManagersElsewhere(node);
    Await.until(
        "the job to have moved; " + cluster.directory(),
        PATIENCE,
        () -> job.generation() == generation + moves);
    job.awaitRunning();
    job.awaitTwoCheckpointsAndAFile();
    List<ContainerProcess> workers = taskManagers();

    cluster.decommission(node, Duration.ZERO);

    Await.until(
        "an ApplicationMaster on another node than " + node + "; " + cluster.directory(),
        PATIENCE,
        () -> {
          List<Integer> masters = nodesOf("YarnJobManager");
          return masters.size() == 1 && !masters.contains(node);
        });
    job.awaitRunning();
    assertThat(taskManagers()).isEqualTo(workers);
    return moves;
  }

  /** Each has a right to two of four containers. */
  private static ClusterOptions twoQueues(ClusterOptions options) {
    String queues = "yarn.scheduler.capacity.root.";
    String preemption = "yarn.resourcemanager.monitor.capacity.preemption.";
    return options
        .withNodes(1, 2_048)
        .with(queues + "queues", "a,b")
        .with(queues + "a.capacity", "50")
        .with(queues + "b.capacity", "50")
        .with(queues + "a.user-limit-factor", "2")
        .with("yarn.resourcemanager.scheduler.monitor.enable", "true")
        .with(preemption + "monitoring_interval", "500")
        .with(preemption + "max_wait_before_kill", "6000")
        .with(preemption + "total_preemption_per_round", "1.0")
        .with(preemption + "natural_termination_factor", "1.0")
        .with(preemption + "max_ignored_over_capacity", "0.0");
  }

  /** The job has no room to move to: it works until its container goes, and waits from then on. */
  private int preemption() throws Exception {
    try (SequenceJob other = startInOtherQueue()) {
      other.awaitRunning();
      Await.until(
          "a TaskManager to be taken; " + cluster.directory(),
          PATIENCE,
          () -> details().summary().status() == JobStatus.RESTARTING);
      assertHistoryNames("another queue has a right to its place");
      assertThat(taskManagerNodes()).hasSizeLessThan(2);
      cancel(other);
    }
    return 1;
  }

  private SequenceJob startInOtherQueue() throws Exception {
    return SequenceJob.start(
        cluster, OTHER_OUTPUT, Program.sequenceCount(OTHER_OUTPUT).quick().flags("-yqu", "b"));
  }

  @Test
  @Tag("long")
  void thereIsRoomElsewhereBeforeAnotherQueueTakesItsShare() throws Exception {
    tell(
        options ->
            twoQueues(options)
                .with(
                    "yarn.resourcemanager.monitor.capacity.preemption.max_wait_before_kill",
                    "600000"),
        List.of("-yqu", "a"),
        this::moveInTime);
  }

  /** The job has its new container first, then leaves the one that it was told of. */
  private int moveInTime() throws Exception {
    List<ContainerProcess> before = taskManagers();
    try (SequenceJob other = startInOtherQueue()) {
      Await.until(
          "YARN to name a container; " + cluster.directory(),
          PATIENCE,
          () -> namesLeaving("another queue has a right to its place"));
      assertThat(taskManagers()).as("nothing is taken yet").isEqualTo(before);
      cancel(other);
    }

    Await.until(
        "a new TaskManager instead of the one that was named; " + cluster.directory(),
        PATIENCE,
        () -> {
          List<ContainerProcess> now = taskManagers();
          return now.size() == 2 && now.stream().filter(before::contains).count() == 1;
        });
    assertThat(details().changes())
        .noneSatisfy(change -> assertThat(change.toString()).contains("was lost"));
    return 1;
  }

  private void tell(UnaryOperator<ClusterOptions> options, List<String> flags, Story story)
      throws Exception {
    Program program =
        Program.sequenceCount(OUTPUT)
            .quick()
            .flags("-Drestart-strategy.type=none")
            .flags(flags.toArray(String[]::new))
            .with("--rate", "500", "--parallelism", "2");
    try (Cluster started = Cluster.start(HadoopVersion.BUILT_WITH, options);
        SequenceJob running = SequenceJob.start(started, OUTPUT, program)) {
      cluster = started;
      job = running;
      job.awaitRunning();
      job.awaitTwoCheckpointsAndAFile();
      int generation = job.generation();

      int moves = story.tell();

      job.awaitRunning();
      job.awaitTwoCheckpointsAndAFile();
      assertThat(job.generation()).isEqualTo(generation + moves);
      assertThat(details().restarts()).isZero();
      cancel(job);
      Leftovers.assertNone(cluster, job.applicationId(), OUTPUT);
      assertThat(SequenceJob.assertExactBeginning(cluster.hdfs().lines(OUTPUT), 2)).isPositive();
    }
  }

  private JobDetails details() throws Exception {
    return Await.value("the JobManager to answer", PATIENCE, job::details);
  }

  private boolean namesLeaving(String reason) throws Exception {
    return details().changes().stream()
        .anyMatch(
            change -> change.toString().matches("(?s).*will be taken away: " + reason + ".*"));
  }

  private void assertHistoryNames(String reason) throws Exception {
    assertThat(details().changes())
        .anySatisfy(change -> assertThat(change.toString()).contains("will be taken away", reason));
  }

  private List<NodeReport> nodes(NodeState state) throws Exception {
    return cluster.yarn().getNodeReports(state);
  }

  private int nodeWithTaskManagersOnly() {
    var nodes = new TreeSet<>(taskManagerNodes());
    nodes.removeAll(nodesOf("YarnJobManager"));
    return nodes.first();
  }

  private List<ContainerProcess> taskManagers() {
    return cluster.javaProcesses(job.applicationId(), "YarnTaskManager");
  }

  /** Of each. */
  private List<Integer> taskManagerNodes() {
    return nodesOf("YarnTaskManager");
  }

  private List<Integer> nodesOf(String main) {
    return cluster.javaProcesses(job.applicationId(), main).stream()
        .map(ContainerProcess::node)
        .toList();
  }

  private void cancel(SequenceJob which) throws Exception {
    Outcome cancel;
    try (ClientCommand command =
        cluster.millrace("cancel", "-yid", which.applicationId(), which.jobId())) {
      cancel = command.finish(PATIENCE);
    }
    assertThat(cancel.exitCode()).as(cancel.toString()).isZero();
    assertThat(cluster.awaitEnd(which.applicationId(), PATIENCE))
        .isEqualTo(FinalApplicationStatus.KILLED);
  }
}
