package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.SequenceJob.Recovery;
import io.millrace.it.SequenceJob.Victim;
import io.millrace.it.ledger.TimedCount;
import io.millrace.it.ledger.WriteTimes;
import io.millrace.it.programs.FallsBehind;
import io.millrace.it.programs.MeasuredCount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Processes of a running job are killed without warning; its output must not show it. */
@Tag("cluster")
class KillsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /** The JobManager alone twice, as a machine that stalls may hold records up with one of both. */
  @Test
  void killsChangeNothingInTheResult() throws Exception {
    killAndCompare(
        List.of(Victim.TASK_MANAGER, Victim.JOB_MANAGER, Victim.BOTH, Victim.JOB_MANAGER));
  }

  @Test
  @Tag("long")
  void fiveKillsOfEachKindInOneRunChangeNothingInTheResult() throws Exception {
    var victims = new ArrayList<Victim>();
    for (int i = 0; i < 5; i++) {
      victims.addAll(List.of(Victim.values()));
    }
    killAndCompare(victims);
  }

  private static void killAndCompare(List<Victim> victims) throws Exception {
    try (Cluster cluster =
            Cluster.start(HadoopVersion.BUILT_WITH, options -> options.withMaxAmAttempts(20));
        SequenceJob job = SequenceJob.start(cluster, "/kills/out", timed(cluster))) {
      job.awaitRunning();
      Map<Victim, List<Recovery>> recoveries = new TreeMap<>();
      var gaps = new ArrayList<OptionalLong>();
      for (Victim victim : victims) {
        long before = System.currentTimeMillis();
        recoveries
            .computeIfAbsent(victim, v -> new ArrayList<>())
            .add(job.killAndAwaitRecovery(victim));
        if (victim == Victim.JOB_MANAGER) {
          long after = System.currentTimeMillis();
          gaps.add(WriteTimes.read(times(cluster)).longestGap(before, after));
        }
      }
      AdoptionIT.assertShort(gaps);
      job.awaitTwoCheckpointsAndAFile();
      assertThat(cluster.logs(job.applicationId(), "jobmanager.log").values())
          .as("whoever replaces a TaskManager had best find what this one has left")
          .anySatisfy(log -> assertThat(log).contains("A container is asked for, on "));
      for (List<Recovery> some : recoveries.values()) {
        for (Recovery recovery : some) {
          Measurements.note("kill -9", recovery);
        }
      }

      Outcome cancel;
      try (ClientCommand command =
          cluster.millrace("cancel", "-yid", job.applicationId(), job.jobId())) {
        cancel = command.finish(PATIENCE);
      }

      assertThat(cancel.exitCode()).as(cancel.toString()).isZero();
      assertThat(cluster.awaitEnd(job.applicationId(), PATIENCE))
          .isEqualTo(FinalApplicationStatus.KILLED);
      Leftovers.assertNone(cluster, job.applicationId(), "/kills/out");
      int lines = SequenceJob.assertExactBeginning(cluster.hdfs().lines("/kills/out"), 2);
      assertThat(lines).isGreaterThan(victims.size() * 500);
      Outcome run = job.command().finish(PATIENCE);
      assertThat(run.exitCode()).as(run.toString()).isEqualTo(1);
      assertThat(run.stderr()).contains("The JobManager of attempt 1 was killed (SIGKILL)");
    }
  }

  private static Program timed(Cluster cluster) throws Exception {
    return Program.of(TimedCount.class, Jars.ledger(cluster.directory().resolve("count.jar")))
        .with("/kills/out", "1000", times(cluster).toString(), "2");
  }

  private static Path times(Cluster cluster) {
    return cluster.directory().resolve("write-times");
  }

  /**
   * Records are in flight whenever a checkpoint is taken, and between operators that fuse later.
   */
  @Test
  @Tag("long")
  @ExtendWith(SharedCluster.class)
  void aJobThatIsBehindRestartsAndGoesOnWithAnotherShape(Cluster cluster, @TempDir Path scratch)
      throws Exception {
    int count = 60_000;
    String output = "/behind/out";
    Program program =
        Program.of(FallsBehind.class, Jars.programs(scratch.resolve("program.jar"), null))
            .with(output, "" + count);
    String checkpoint;
    try (SequenceJob job = SequenceJob.start(cluster, output, program.with("1", "300"))) {
      job.awaitRunning();
      job.awaitRecordsInFlight("numbers", "slow");
      job.killAndAwaitRecovery(Victim.TASK_MANAGER);
      job.awaitRecordsInFlight("numbers", "slow");
      try (ClientCommand cancel =
          cluster.millrace("cancel", "-yid", job.applicationId(), job.jobId())) {
        Outcome cancelled = cancel.finish(PATIENCE);
        assertThat(cancelled.exitCode()).as(cancelled.toString()).isZero();
      }
      cluster.awaitEnd(job.applicationId(), PATIENCE);
      assertThat(job.durable().inFlight("numbers", "slow")).isTrue();
      assertThat(cluster.hdfs().lines(output)).isNotEmpty().hasSizeLessThan(count);
      checkpoint = job.durable().newestCheckpointUri();
    }

    Outcome resumed;
    try (ClientCommand command =
        cluster.millrace(program.with("2", "0").flags("-s", checkpoint).words())) {
      resumed = command.finish(PATIENCE);
    }

    assertThat(resumed.exitCode()).as(resumed.toString()).isZero();
    assertThat(cluster.hdfs().exists(checkpoint)).as("what was not claimed").isTrue();
    // Each number once, and its key counted once for it: the order was free, and is between shapes.
    var numbers = new ArrayList<Long>();
    var counts = new TreeMap<Long, List<Long>>();
    for (String line : cluster.hdfs().lines(output)) {
      String[] words = line.split(" ");
      numbers.add(Long.parseLong(words[0]));
      assertThat(words[1]).isEqualTo("" + numbers.get(numbers.size() - 1) % FallsBehind.KEYS);
      counts
          .computeIfAbsent(Long.parseLong(words[1]), key -> new ArrayList<>())
          .add(Long.parseLong(words[2]));
    }
    assertThat(numbers.stream().sorted().toList())
        .isEqualTo(LongStream.rangeClosed(1, count).boxed().toList());
    counts.forEach(
        (key, of) ->
            assertThat(of.stream().sorted().toList())
                .as("counts of key " + key)
                .isEqualTo(LongStream.rangeClosed(1, of.size()).boxed().toList()));
    Leftovers.assertNothingPending(cluster, output);
  }

  /** What a container is made for, the next ApplicationMaster knows by its priority alone. */
  @Test
  @Tag("long")
  @ExtendWith(SharedCluster.class)
  void theNextMasterFindsItsTasksInContainersOfEachSize(Cluster cluster, @TempDir Path scratch)
      throws Exception {
    String output = "/measured/out";
    Program program =
        Program.of(MeasuredCount.class, Jars.programs(scratch.resolve("program.jar"), null))
            .quick()
            .with(output);
    try (SequenceJob job = SequenceJob.start(cluster, output, program)) {
      job.awaitRunning();
      job.killAndAwaitRecovery(Victim.JOB_MANAGER);
      // The job runs again only if each is replaced by one of its own kind.
      job.killAndAwaitRecovery(Victim.TASK_MANAGER);

      try (ClientCommand cancel =
          cluster.millrace("cancel", "-yid", job.applicationId(), job.jobId())) {
        Outcome cancelled = cancel.finish(PATIENCE);
        assertThat(cancelled.exitCode()).as(cancelled.toString()).isZero();
      }
      assertThat(cluster.awaitEnd(job.applicationId(), PATIENCE))
          .isEqualTo(FinalApplicationStatus.KILLED);
      Leftovers.assertNone(cluster, job.applicationId(), output);
      assertThat(SequenceJob.assertExactBeginning(cluster.hdfs().lines(output), 1)).isPositive();
    }
  }

  /** With YARN's own number of attempts. */
  @Test
  @ExtendWith(SharedCluster.class)
  void theSecondDeathOfTheMasterEndsTheJobAndItsCheckpointGoesOn(Cluster cluster) throws Exception {
    // Half a minute of input: two recoveries must fit in on a machine that has much else to do.
    int count = 30_000;
    Program program =
        Program.sequenceCount("/resumed/out")
            .with("--rate", "1000", "--parallelism", "2", "--count", "" + count);
    String checkpoint;
    try (SequenceJob job = SequenceJob.start(cluster, "/resumed/out", program)) {
      job.awaitRunning();
      job.killAndAwaitRecovery(Victim.JOB_MANAGER);
      job.awaitTwoCheckpointsAndAFile();
      cluster.javaProcesses(job.applicationId(), "YarnJobManager").forEach(cluster::killHard);

      assertThat(cluster.awaitEnd(job.applicationId(), PATIENCE))
          .isEqualTo(FinalApplicationStatus.FAILED);
      Outcome run = job.command().finish(PATIENCE);
      assertThat(run.exitCode()).as(run.toString()).isEqualTo(1);
      checkpoint = job.durable().newestCheckpointUri();
      assertThat(run.stderr())
          .contains("hdfs://")
          .containsPattern("run -s \\S+/" + job.jobId() + "\\b");
    }

    Outcome resumed;
    // What is left may come faster: nothing is killed any more.
    Program rest = program.with("--rate", "10000").flags("-s", checkpoint, "-cm", "claim");
    try (ClientCommand command = cluster.millrace(rest.words())) {
      resumed = command.finish(PATIENCE);
    }

    assertThat(resumed.exitCode()).as(resumed.toString()).isZero();
    List<String> lines = cluster.hdfs().lines("/resumed/out");
    lines.sort(null);
    assertThat(lines).isEqualTo(SequenceJob.allLines(count));
    assertThat(cluster.hdfs().exists("/resumed/out/_SUCCESS")).isTrue();
    assertThat(cluster.hdfs().exists(checkpoint)).as("what was claimed").isFalse();
    Leftovers.assertNothingPending(cluster, "/resumed/out");
  }
}
