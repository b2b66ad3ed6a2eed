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
@ExtendWith(SharedCluster.class)
class IsolationIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /** State of 4 MB, far more than travels in a manifest. */
  private static final String[] HOARD = {"2000", "2000"};

  private final Cluster cluster;
  private final Hdfs hdfs;

  @TempDir Path scratch;

  private String output;

  IsolationIT(Cluster cluster) {
    this.cluster = cluster;
    this.hdfs = cluster.hdfs();
  }

  @Test
  void aJobThatFailsOnAndOnReadsNoStateFromHdfs() throws Exception {
    failBesideAnother(2, 0);
  }

  /** On a machine that has nothing else to do, which is what speed is for. */
  @Test
  @Tag("long")
  void aJobThatFailsOnAndOnHarmsNoOther() throws Exception {
    failBesideAnother(5, 0.5);
  }

  /**
   * @param starts of a job that fails at each
   * @param share of the lines that another job shows alone which it still shows beside it, at
   *     least; 0 where that says nothing
   */
  private void failBesideAnother(int starts, double share) throws Exception {
    output = "/isolation/" + starts;
    String session = startSession();
    try (SequenceJob healthy = start(session, output, healthy())) {
      healthy.awaitTwoCheckpointsAndAFile();
      double alone = shownPerSecond(() -> {});
      try (SequenceJob failing = start(session, "none", failing())) {
        awaitRestarts(failing, 2);
        List<ContainerProcess> workers = cluster.javaProcesses(session, "YarnTaskManager");
        assertThat(workers).as("one for each job").hasSize(2);
        int started = failing.details().orElseThrow().restarts();
        long opens = opensOf(failing, "");

        double beside = shownPerSecond(() -> awaitRestarts(failing, 2 + starts));

        Measurements.note(
            "lines a second that a job shows beside one that fails on and on, and alone",
            String.format(Locale.ROOT, "%.0f, %.0f", beside, alone));
        if (share > 0) {
          assertThat(beside).as("lines a second beside it").isGreaterThan(alone * share);
        }
        assertThat(opensOf(failing, "data/")).as("state files read from HDFS").isZero();
        long opened = opensOf(failing, "") - opens;
        double each = (double) opened / (failing.details().orElseThrow().restarts() - started);
        Measurements.note("files on HDFS that a start of a job which failed opens", each);
        assertThat(each).isLessThan(10);
        assertThat(cluster.javaProcesses(session, "YarnTaskManager")).isEqualTo(workers);
        assertThat(healthy.details().orElseThrow().restarts()).isZero();
      }
    }
    stop(session);
    assertThat(SequenceJob.assertExactBeginning(hdfs.lines(output), 1)).isPositive();
  }

  private Program healthy() {
    return Program.sequenceCount(output).with("--rate", "2000");
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

  private SequenceJob start(String session, String to, Program program) throws Exception {
    var there =
        new Program(
            List.of("-yid", session),
            List.of(),
            program.main(),
            program.jar(),
            program.arguments());
    return SequenceJob.startInSession(cluster, session, to, there.words());
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
    int before = hdfs.lines(output).size();
    long start = System.nanoTime();
    meanwhile.run();
    awaitFiles(6);
    double seconds = (System.nanoTime() - start) / 1e9;
    return (hdfs.lines(output).size() - before) / seconds;
  }

  private void awaitFiles(int more) throws Exception {
    int before = hdfs.visibleFiles(output).size();
    Await.until(
        more + " more files", PATIENCE, () -> hdfs.visibleFiles(output).size() >= before + more);
  }

  /** How often files of a job were opened whose names begin so. */
  private long opensOf(SequenceJob job, String name) throws IOException {
    String opened = "cmd=open\tsrc=" + job.durable().directory() + "/" + name;
    try (Stream<String> log = Files.lines(cluster.directory().resolve("daemons.log"))) {
      return log.filter(line -> line.contains(opened)).count();
    }
  }
}
