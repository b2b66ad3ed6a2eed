package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.programs.EndsItsProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What containers have logged reaches those who ask why. */
@Tag("cluster")
class LogsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final String REMOTE = "/logs";

  @TempDir Path scratch;

  @ExtendWith(SharedCluster.class)
  @Test
  void aProcessThatIsHaltedLeavesItsLastLines(Cluster cluster) throws Exception {
    assertLastLines(cluster, "halt", "ended (exit code " + EndsItsProcess.CODE);
  }

  @ExtendWith(SharedCluster.class)
  @Test
  void aProcessWithoutMemorySaysWhichMemory(Cluster cluster) throws Exception {
    assertLastLines(
        cluster,
        "memory",
        "ran out of Java heap",
        "  | Terminating due to java.lang.OutOfMemoryError: Java heap space");
  }

  @ExtendWith(SharedCluster.class)
  @Test
  void aProcessBeyondItsMemorySaysHowThatWasDivided(Cluster cluster) throws Exception {
    Outcome run = assertLastLines(cluster, "native", "exceeded the physical memory");

    Matcher parts =
        Pattern.compile(
                "as last heard of, it had (\\d+) MB: heap .* and at least (\\d+) outside of these")
            .matcher(run.stdout());
    assertThat(parts.find()).as(run.stdout()).isTrue();
    assertThat(Integer.parseInt(parts.group(2)))
        .as("native memory of %s", parts.group())
        .isGreaterThan(Integer.parseInt(parts.group(1)) / 3);
  }

  /** YARN has nothing to tell of such an end; the JobManager knows what it said before. */
  @ExtendWith(SharedCluster.class)
  @Test
  void ofAProcessThatIsKilledIsToldWhatItSaidBefore(Cluster cluster) throws Exception {
    Outcome run = assertLastLines(cluster, "kill", "was killed (SIGKILL)");

    assertThat(run.stdout()).contains("  | taskmanager.err, as last heard of:\n  | no way out");
  }

  private Outcome assertLastLines(Cluster cluster, String way, String... telling) throws Exception {
    Path jar = Jars.programs(scratch.resolve("program.jar"), null);
    Program program =
        Program.of(EndsItsProcess.class, jar)
            .with(way)
            .quick()
            .flags("-Drestart-strategy.type=fixed-delay")
            .flags("-Drestart-strategy.fixed-delay.attempts=1");
    String id;
    Outcome run;
    try (ClientCommand command = cluster.millrace(program.words())) {
      id = command.awaitApplicationId(PATIENCE);
      run = command.finish(PATIENCE);
    }

    assertThat(run.exitCode()).as(run.toString()).isEqualTo(1);
    assertThat(run.stdout())
        .contains(telling)
        .containsPattern(
            "  \\| taskmanager\\.err.*:\n  \\| no way out \\?\\[2J password=\\*\\*\\*\n")
        .containsPattern("  \\| taskmanager\\.log.*:\n  \\| .+")
        .doesNotContain("hunter2");
    assertThat(cluster.logs(id, "jobmanager.log").values())
        .anySatisfy(
            log ->
                assertThat(log)
                    .contains("  | no way out ?[2J password=***")
                    .doesNotContain("hunter2"));
    return run;
  }

  /** Of a session: one whose TaskManagers go when they have no work. */
  @Test
  @Tag("long")
  void logsAreUploadedWhileTheApplicationRuns() throws Exception {
    String interval = "yarn.nodemanager.log-aggregation.roll-monitoring-interval-seconds";
    try (Cluster cluster =
        Cluster.start(
            HadoopVersion.BUILT_WITH,
            options ->
                options
                    .with("yarn.log-aggregation-enable", "true")
                    .with("yarn.nodemanager.remote-app-log-dir", REMOTE)
                    .with(interval, "1")
                    .with(interval + ".min", "1"))) {
      String id = startSession(cluster);
      cluster.hdfs().write("/in", "to be\n");
      String taskManager = id.replace("application", "container") + "_01_000002";
      try (ClientCommand command =
          cluster.millrace(
              "run",
              "-yid",
              id,
              "-c",
              io.millrace.examples.WordCount.class.getName(),
              Repository.examplesJar().toString(),
              "--input",
              "/in",
              "--output",
              "/out")) {
        Outcome run = command.finish(PATIENCE);
        assertThat(run.exitCode()).as(run.toString()).isZero();
      }

      // The latter has not rolled: of a process that runs, nobody gets it.
      awaitUploaded(cluster, id, "TaskManager " + taskManager + " of " + id, "taskmanager.err");
      awaitUploaded(cluster, id, "JobManager of " + id, "jobmanager.log.1");
      assertThat(uploaded(cluster, id)).doesNotContain("jobmanager.err");
      assertThat(cluster.report(id).getYarnApplicationState())
          .isEqualTo(YarnApplicationState.RUNNING);

      try (ClientCommand stop = cluster.yarnSession("-id", id)) {
        stop.type("stop");
        assertThat(stop.finish(PATIENCE).exitCode()).isZero();
      }
      assertThat(cluster.awaitEnd(id, PATIENCE)).isEqualTo(FinalApplicationStatus.SUCCEEDED);
      awaitUploaded(cluster, id, "The JobManager ends with code 0", "jobmanager.err");
    }
  }

  /** With logs that roll early. */
  private String startSession(Cluster cluster) throws Exception {
    Path conf = Files.createDirectories(scratch.resolve("conf"));
    try (Stream<Path> files = Files.list(Repository.distribution().resolve("conf"))) {
      for (Path file : files.toList()) {
        String text = Files.readString(file);
        Files.writeString(conf.resolve(file.getFileName()), text.replace("100MB", "500"));
      }
    }
    try (ClientCommand command =
        cluster.yarnSession(
            Map.of("MILLRACE_CONF_DIR", conf.toString()),
            "-d",
            "-jm",
            "576",
            "-tm",
            "512",
            "-Dyarn.properties-file.location=" + scratch,
            "-Dresourcemanager.taskmanager-timeout=1s")) {
      Outcome started = command.finish(PATIENCE);
      assertThat(started.exitCode()).as(started.toString()).isZero();
      return command.awaitApplicationId(PATIENCE);
    }
  }

  private static void awaitUploaded(Cluster cluster, String id, String... parts) throws Exception {
    Await.until(
        "upload of " + List.of(parts) + "; see " + cluster.directory(),
        PATIENCE,
        () -> {
          String text = uploaded(cluster, id);
          return Stream.of(parts).allMatch(text::contains);
        });
  }

  /** What NodeManagers have uploaded, which nobody compresses. */
  private static String uploaded(Cluster cluster, String id) throws IOException {
    var text = new StringBuilder();
    for (String file : cluster.hdfs().allFiles(REMOTE)) {
      // They rename it once it is complete.
      if (file.contains(id) && !file.endsWith(".tmp")) {
        try (InputStream in =
            cluster.hdfs().fileSystem().open(new org.apache.hadoop.fs.Path(file))) {
          text.append(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
        }
      }
    }
    return text.toString();
  }
}
