package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import io.millrace.it.ledger.TimedCount;
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
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Programs whose main method runs in the cluster, from the command to what they leave. */
@Tag("cluster")
@ExtendWith(SharedCluster.class)
class ApplicationIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Pattern SUBMITTED =
      Pattern.compile("Job has been submitted with JobID ([0-9a-f]{32})");
  private static final String SECRET = "this-word-is-a-secret";

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
    eachJobRunsOnce("/main/once", 1_800, 1);
  }

  @Test
  @Tag("long")
  void eachJobRunsOnceThoughTheMasterDiesInEachFiveTimes() throws Exception {
    eachJobRunsOnce("/main/often", 18_000, 5);
  }

  private void eachJobRunsOnce(String folder, int numbers, int deaths) throws Exception {
    List<String> outputs = List.of(folder + "/1", folder + "/2", folder + "/3");
    Program program =
        inTheCluster(OneAfterAnother.class, "" + numbers, "300", SECRET)
            .with(outputs.toArray(String[]::new))
            // YARN's own number of attempts does for all deaths if those before do not count.
            .flags("-Dyarn.application-attempt-failures-validity-interval=1s");
    var ended = new TreeMap<String, List<String>>();
    try (ClientCommand command = cluster.millrace(attached(program))) {
      String id = command.awaitApplicationId(PATIENCE);
      int attempt = 0;
      for (int job = 1; job <= outputs.size(); job++) {
        String jobId = awaitJob(command, job);
        for (int death = 0; death < deaths; death++) {
          killMasterDuring(command, id, jobId, ++attempt);
        }
        assertThat(secretsOf(id)).isEmpty();
        if (job < outputs.size()) {
          awaitJob(command, job + 1);
          ended.put(outputs.get(job - 1), hdfs.visibleFiles(outputs.get(job - 1)));
        }
      }

      Outcome outcome = command.finish(PATIENCE);
      assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
      assertThat(outcome.stdout()).contains("Program execution finished");
      assertThat(outcome.stderr())
          .containsPattern("(?m)^\\[ *\\d+ ms\\] job [0-9a-f]{32}: a TaskManager has registered");
      assertThat(jobs(outcome.stdout())).hasSize(outputs.size()).doesNotHaveDuplicates();
      for (String job : jobs(outcome.stdout())) {
        assertThat(outcome.stdout()).containsPattern("Job " + job + " .*is FINISHED");
      }
      assertThat(cluster.awaitEnd(id, PATIENCE)).isEqualTo(FinalApplicationStatus.SUCCEEDED);
      for (Map.Entry<String, List<String>> output : ended.entrySet()) {
        assertThat(hdfs.visibleFiles(output.getKey())).isEqualTo(output.getValue());
      }
      for (int i = 0; i < outputs.size(); i++) {
        assertThat(hdfs.lines(outputs.get(i)))
            .containsExactlyInAnyOrderElementsOf(
                LongStream.range((long) i * numbers, (i + 1L) * numbers)
                    .mapToObj(Long::toString)
                    .toList());
        Leftovers.assertNothingPending(cluster, outputs.get(i));
      }
      Leftovers.assertNone(cluster, id, outputs.get(0));
    }
  }

  @Test
  void recordsFlowOnThoughTheMasterDies() throws Exception {
    Path times = scratch.resolve("write-times");
    Program program =
        Program.of(TimedCount.class, Jars.ledger(scratch.resolve("count.jar")))
            .target("-t", "yarn-application")
            .with("/main/flows", "1000", times.toString(), "1")
            .quick()
            .flags("-Dyarn.application-attempt-failures-validity-interval=1s");
    try (SequenceJob job = SequenceJob.start(cluster, "/main/flows", program)) {
      job.awaitRunning();
      AdoptionIT.killMasters("application", job, times, 2);
      try (ClientCommand command =
          cluster.millrace("cancel", "-yid", job.applicationId(), job.jobId())) {
        Outcome cancel = command.finish(PATIENCE);
        assertThat(cancel.exitCode()).as(cancel.toString()).isZero();
      }
      job.command().finish(PATIENCE);
      assertThat(SequenceJob.assertExactBeginning(hdfs.lines("/main/flows"), 1)).isPositive();
      Leftovers.assertNone(cluster, job.applicationId(), "/main/flows");
    }
  }

  /** As {@code run-application} that waits. */
  private static String[] attached(Program program) {
    String[] words = program.flags("-Dexecution.attached=true", "-v").words();
    words[0] = "run-application";
    return words;
  }

  /** The id of the first, second, … job that the command has seen. */
  private static String awaitJob(ClientCommand command, int number) throws Exception {
    var all = Pattern.compile("(?s:" + SUBMITTED + ".*?){" + number + "}");
    List<String> jobs = jobs(command.awaitOutput(all, PATIENCE).group());
    return jobs.get(number - 1);
  }

  private static List<String> jobs(String stdout) {
    return SUBMITTED.matcher(stdout).results().map(found -> found.group(1)).toList();
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

  /** Its jar is on the cluster already. */
  @Test
  @Tag("long")
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
  @Tag("long")
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
