package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import io.millrace.it.programs.Exits;
import io.millrace.it.programs.OneAfterAnother;
import io.millrace.it.programs.Throws;
import io.millrace.runtime.checkpoint.DeploymentRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Programs whose main method runs in the cluster, from the command to what they leave. */
@Tag("cluster")
@Tag("long")
@ExtendWith(SharedCluster.class)
class ApplicationIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Pattern SUBMITTED =
      Pattern.compile("Job has been submitted with JobID ([0-9a-f]{32})");
  private static final String SECRET = "this-word-is-a-secret";
  private static final int NUMBERS = 2_400;

  private final Cluster cluster;
  private final Hdfs hdfs;

  @TempDir Path scratch;

  ApplicationIT(Cluster cluster) {
    this.cluster = cluster;
    this.hdfs = cluster.hdfs();
  }

  private Program inTheCluster(Class<?> main, String... arguments) throws Exception {
    return Program.of(main, Jars.programs(scratch.resolve("program.jar"), null))
        .target("-t", "yarn-application")
        .with(arguments)
        .quick();
  }

  @Test
  void eachJobRunsOnceThoughTheMasterDiesInEach() throws Exception {
    Program program =
        inTheCluster(
                OneAfterAnother.class, "/main/first", "/main/second", "" + NUMBERS, "300", SECRET)
            // YARN's own number of attempts does for two deaths if the first no longer counts.
            .flags("-Dyarn.application-attempt-failures-validity-interval=1s");
    try (ClientCommand command = cluster.millrace(program.words())) {
      String id = command.awaitApplicationId(PATIENCE);
      String first = command.awaitJobId(PATIENCE);
      killMasterDuring(command, id, first, 1);
      assertThat(secretsOf(id)).isEmpty();

      Matcher both =
          command.awaitOutput(Pattern.compile(SUBMITTED + "(?s:.*)" + SUBMITTED), PATIENCE);
      assertThat(both.group(1)).isEqualTo(first);
      killMasterDuring(command, id, both.group(2), 2);

      Outcome outcome = command.finish(PATIENCE);
      assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
      assertThat(outcome.stdout()).contains("Program execution finished");
      assertThat(cluster.awaitEnd(id, PATIENCE)).isEqualTo(FinalApplicationStatus.SUCCEEDED);
      assertThat(hdfs.lines("/main/first")).containsExactlyInAnyOrderElementsOf(numbers(0));
      assertThat(hdfs.lines("/main/second")).containsExactlyInAnyOrderElementsOf(numbers(NUMBERS));
      Leftovers.assertNone(cluster, id, "/main/first");
      Leftovers.assertNothingPending(cluster, "/main/second");
    }
  }

  /** Its tasks are adopted. */
  private void killMasterDuring(ClientCommand command, String id, String job, int attempt)
      throws Exception {
    var durable = new JobDirectoryView(hdfs, job);
    Await.until(
        "a checkpoint of " + job + " under attempt " + attempt,
        PATIENCE,
        () -> durable.newestManifest().filter(m -> m.epoch().attempt() == attempt).isPresent());
    int generation = durable.newestDeployment().orElseThrow().generation();
    List<ContainerProcess> masters = cluster.javaProcesses(id, "YarnJobManager");
    assertThat(masters).hasSize(1);
    cluster.killHard(masters.get(0));
    Await.until(
        "a checkpoint of " + job + " after a kill; " + cluster.directory() + " has the logs",
        PATIENCE,
        () -> {
          if (!command.isRunning()) {
            throw new AssertionError("ended after a kill: " + command.finish(Duration.ZERO));
          }
          return durable.newestManifest().filter(m -> m.epoch().attempt() > attempt).isPresent();
        });
    assertThat(durable.newestDeployment().map(DeploymentRecord::generation)).contains(generation);
  }

  /** Where the program's arguments can be seen by others. */
  private List<String> secretsOf(String id) throws Exception {
    var found = new ArrayList<String>();
    for (ContainerProcess process : cluster.processes(id)) {
      for (String file : List.of("cmdline", "environ")) {
        Path path = Path.of("/proc/" + process.pid(), file);
        try {
          if (new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1).contains(SECRET)) {
            found.add(path.toString());
          }
        } catch (NoSuchFileException e) {
          continue; // it has ended
        }
      }
    }
    return found;
  }

  private static List<String> numbers(long from) {
    return LongStream.range(from, from + NUMBERS).mapToObj(Long::toString).toList();
  }

  /** Its jar is on the cluster already. */
  @Test
  void runApplicationReturnsOnceItRuns() throws Exception {
    hdfs.write("/main/in", "to be or not to be\n");
    hdfs.put(Repository.examplesJar(), "/main/examples.jar");
    Program program =
        Program.wordCount("/main/in", "/main/counts").target("-t", "yarn-application").quick();
    String[] words = program.words();
    words[0] = "run-application";
    words[Arrays.asList(words).indexOf(program.jar().toString())] = hdfs.uri("/main/examples.jar");
    try (ClientCommand command = cluster.millrace(words)) {
      Outcome outcome = command.finish(PATIENCE);
      assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
      String id = command.awaitApplicationId(PATIENCE);
      assertThat(cluster.awaitEnd(id, PATIENCE)).isEqualTo(FinalApplicationStatus.SUCCEEDED);
      assertThat(hdfs.lines("/main/counts"))
          .containsExactlyInAnyOrder("2 to", "2 be", "1 or", "1 not");
      Leftovers.assertNone(cluster, id, "/main/counts");
    }
  }

  @Test
  void whatMainDoesWrongIsToldAndLeavesNothing() throws Exception {
    assertFails(
        inTheCluster(Throws.class),
        "The program finished with the following exception: java.lang.IllegalStateException: no"
            + " luck today, at Throws.java:");
    assertFails(
        inTheCluster(Exits.class), Exits.class.getName() + " called System.exit, at Exits.java:");
  }

  private void assertFails(Program program, String... why) throws Exception {
    try (ClientCommand command = cluster.millrace(program.words())) {
      Outcome outcome = command.finish(PATIENCE);
      assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(1);
      String id = command.awaitApplicationId(PATIENCE);
      assertThat(outcome.stderr()).contains("The application " + id + " has failed");
      Arrays.stream(why).forEach(text -> assertThat(outcome.stderr()).contains(text));
      assertThat(cluster.awaitEnd(id, PATIENCE)).isEqualTo(FinalApplicationStatus.FAILED);
      cluster.awaitNoProcess(id, PATIENCE);
      Leftovers.assertNoStaging(cluster, id);
    }
  }
}
