package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import io.millrace.it.programs.ManyKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** One number per container, and the container stays below it; YARN kills what does not. */
@Tag("cluster")
@ExtendWith(SharedCluster.class)
class MemoryIT {
  private static final Duration PATIENCE = Duration.ofSeconds(180);
  private static final int CONTAINER_MEGABYTES = 512;

  private final Cluster cluster;

  @TempDir Path scratch;

  MemoryIT(Cluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void aJobWithMuchStateStaysWithinItsContainers() throws Exception {
    Path text = Texts.generated(scratch.resolve("text"), 10_000_000, 300_000);
    cluster.hdfs().put(text, "/memory/in");
    runWithin(
        CONTAINER_MEGABYTES,
        Program.wordCount("/memory/in", "/memory/out")
            .flags("-p", "2", "-ys", "2", "-Dexecution.checkpointing.interval=500ms"));
    var lines = cluster.hdfs().lines("/memory/out");
    lines.sort(null);
    assertThat(lines).isEqualTo(WordCounts.of(text).sortedLines());
  }

  /** All that RocksDB may have is full: write buffers, blocks, and the rows in front of it. */
  @Test
  @Tag("long")
  void aJobWithFarMoreStateThanMemoryStaysWithinItsContainers() throws Exception {
    Program manyKeys =
        Program.of(ManyKeys.class, Jars.programs(scratch.resolve("program.jar"), null))
            .with("1199999", "2", "300", "/memory/keys")
            .flags("-ytm", "1024", "-p", "2", "-ys", "2")
            .flags("-Dstate.backend.type=rocksdb", "-Dexecution.checkpointing.interval=1s");

    runWithin(1024, manyKeys);

    assertThat(cluster.hdfs().lines("/memory/keys"))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 1_200).mapToObj(n -> Integer.toString(n * 1_000)).toList());
  }

  /** Runs the program to its end, and looks at its processes meanwhile. */
  private void runWithin(int megabytesOfTaskManagers, Program program) throws Exception {
    Map<String, Long> peaks = new TreeMap<>();
    Outcome outcome;
    String application;
    try (ClientCommand command = cluster.millrace(program.words())) {
      application = command.awaitApplicationId(PATIENCE);
      String jobApplication = application;
      Await.until(
          "the end of the job",
          Duration.ofMinutes(15),
          () -> {
            for (String main : new String[] {"YarnJobManager", "YarnTaskManager"}) {
              for (ContainerProcess process : cluster.javaProcesses(jobApplication, main)) {
                peaks.merge(main, status(process.pid(), "VmHWM"), Math::max);
                peaks.merge(main + " threads", status(process.pid(), "Threads"), Math::max);
              }
            }
            return !command.isRunning();
          });
      outcome = command.finish(PATIENCE);
    }
    assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
    assertThat(outcome.stdout()).doesNotContain("RESTARTING");
    assertThat(cluster.awaitEnd(application, PATIENCE)).isEqualTo(FinalApplicationStatus.SUCCEEDED);
    for (var container :
        Map.of(
                "YarnJobManager", CONTAINER_MEGABYTES,
                "YarnTaskManager", megabytesOfTaskManagers)
            .entrySet()) {
      String main = container.getKey();
      long peakMegabytes = peaks.get(main) / 1024;
      Measurements.note(
          "peak memory of " + main + " of " + container.getValue() + " MB, MB", peakMegabytes);
      Measurements.note("most threads of " + main, peaks.get(main + " threads"));
      assertThat(peakMegabytes).isBetween(50L, (long) container.getValue());
    }
  }

  /** How large a TaskManager is that does little. */
  static void assertSmall(ContainerProcess taskManager) throws Exception {
    long threads = status(taskManager.pid(), "Threads");
    long classes = loadedClasses(taskManager.pid());
    Measurements.note("threads of a TaskManager", threads);
    Measurements.note("loaded classes of a TaskManager", classes);
    Measurements.note("memory of a TaskManager, MB", status(taskManager.pid(), "VmRSS") / 1024);

    assertThat(threads).isBetween(5L, 80L);
    assertThat(classes).isBetween(1_000L, 12_000L);
  }

  private static long status(long pid, String field) {
    try {
      Matcher matcher =
          Pattern.compile("(?m)^" + field + ":\\s+(\\d+)")
              .matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
      return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    } catch (IOException e) {
      return 0; // it has ended
    }
  }

  private static long loadedClasses(long pid) throws Exception {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                "" + pid,
                "PerfCounter.print")
            .redirectErrorStream(true)
            .start();
    String text = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    long classes = 0;
    Matcher matcher =
        Pattern.compile("java\\.cls\\.(?:loaded|sharedLoaded)Classes=(\\d+)").matcher(text);
    while (matcher.find()) {
      classes += Long.parseLong(matcher.group(1));
    }
    assertThat(classes).as(text).isPositive();
    return classes;
  }
}
