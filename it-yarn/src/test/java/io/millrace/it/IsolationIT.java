package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import io.millrace.it.programs.FailsOnAndOn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A session with a job that fails on and on, which must harm no other. */
@Tag("cluster")
@Tag("long")
@ExtendWith(SharedCluster.class)
class IsolationIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final String OUTPUT = "/isolation/out";

  /** State of 4 MB, far more than travels in a manifest. */
  private static final String[] HOARD = {"2000", "2000"};

  private static final int STARTS = 5;

  private final Cluster cluster;
  private final Hdfs hdfs;

  @TempDir Path scratch;

  IsolationIT(Cluster cluster) {
    this.cluster = cluster;
    this.hdfs = cluster.hdfs();
  }

  @Test
  void aJobThatFailsOnAndOnReadsNoStateFromHdfsAndHarmsNoOther() throws Exception {
    String session = startSession();
    try (SequenceJob healthy = start(session, OUTPUT, healthy())) {
      healthy.awaitTwoCheckpointsAndAFile();
      double alone = shownPerSecond(() -> {});
      try (SequenceJob failing = start(session, "none", failing())) {
        awaitRestarts(failing, 2);
        List<ContainerProcess> workers = cluster.javaProcesses(session, "YarnTaskManager");
        assertThat(workers).as("one for each job").hasSize(2);
        long opens = opensOf(failing, "");

        double beside = shownPerSecond(() -> awaitRestarts(failing, 2 + STARTS));

        Measurements.note(
            "lines a second that a job shows beside one that fails on and on, and alone",
            String.format(Locale.ROOT, "%.0f, %.0f", beside, alone));
        assertThat(beside).as("lines a second beside it").isGreaterThan(alone / 2);
        assertThat(opensOf(failing, "data/")).as("state files read from HDFS").isZero();
        double each = (double) (opensOf(failing, "") - opens) / STARTS;
        Measurements.note("files on HDFS that a start of a job which failed opens", each);
        assertThat(each).isLessThan(10);
        assertThat(cluster.javaProcesses(session, "YarnTaskManager")).isEqualTo(workers);
        assertThat(healthy.details().orElseThrow().restarts()).isZero();
      }
    }
    stop(session);
    assertThat(SequenceJob.assertExactBeginning(hdfs.lines(OUTPUT), 1)).isPositive();
  }

  private static Program healthy() {
    return Program.sequenceCount(OUTPUT).with("--rate", "2000");
  }

  private Program failing() throws IOException {
    Path jar = Jars.programs(scratch.resolve("program.jar"), null);
    return Program.of(FailsOnAndOn.class, jar).with(HOARD);
  }

  private String startSession() throws Exception {
    try (ClientCommand command =
        cluster.yarnSession(
            "-d",
            "-jm",
            "576",
            "-tm",
            "512",
            "-s",
            "2",
            "-Dyarn.properties-file.location=" + scratch,
            "-Dmillrace.session.isolation=job",
            "-Denv.java.opts.taskmanager=-XX:TieredStopAtLevel=1")) {
      Outcome started = command.finish(PATIENCE);
      assertThat(started.exitCode()).as(started.toString()).isZero();
      return command.awaitApplicationId(PATIENCE);
    }
  }

  private SequenceJob start(String session, String output, Program program) throws Exception {
    var there =
        new Program(
            List.of("-yid", session),
            List.of(),
            program.main(),
            program.jar(),
            program.arguments());
    return SequenceJob.startInSession(cluster, session, output, there.words());
  }

  private void stop(String session) throws Exception {
    try (ClientCommand command =
        cluster.yarnSession("-id", session, "-Dyarn.properties-file.location=" + scratch)) {
      command.awaitOutput(Pattern.compile("The session is attached"), PATIENCE);
      command.type("stop");
      command.finish(PATIENCE);
    }
    assertThat(cluster.awaitEnd(session, PATIENCE)).isEqualTo(FinalApplicationStatus.SUCCEEDED);
  }

  private static void awaitRestarts(SequenceJob job, int count) throws Exception {
    Await.until(
        count + " restarts",
        PATIENCE,
        () -> job.details().filter(details -> details.restarts() >= count).isPresent());
  }

  private interface Meanwhile {
    void run() throws Exception;
  }

  /** From the moment a file is shown to that of another one, at least so many later. */
  private double shownPerSecond(Meanwhile meanwhile) throws Exception {
    awaitFiles(1);
    int before = hdfs.lines(OUTPUT).size();
    long start = System.nanoTime();
    meanwhile.run();
    awaitFiles(6);
    double seconds = (System.nanoTime() - start) / 1e9;
    return (hdfs.lines(OUTPUT).size() - before) / seconds;
  }

  private void awaitFiles(int more) throws Exception {
    int before = hdfs.visibleFiles(OUTPUT).size();
    Await.until(
        more + " more files", PATIENCE, () -> hdfs.visibleFiles(OUTPUT).size() >= before + more);
  }

  /** How often files of a job were opened whose names begin so. */
  private long opensOf(SequenceJob job, String name) throws IOException {
    String opened = "cmd=open\tsrc=" + job.durable().directory() + "/" + name;
    try (Stream<String> log = Files.lines(cluster.directory().resolve("daemons.log"))) {
      return log.filter(line -> line.contains(opened)).count();
    }
  }
}
