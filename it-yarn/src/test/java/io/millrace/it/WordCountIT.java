package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import io.millrace.it.programs.AsksAboutItsJob;
import io.millrace.it.programs.NeedsLargerSlots;
import io.millrace.it.programs.ReadsCachedFiles;
import io.millrace.it.programs.TwoAtOnce;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.yarn.api.records.ApplicationAttemptId;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ContainerState;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on a cluster of their own, from the command to the lines in HDFS. */
@Tag("cluster")
@ExtendWith(SharedCluster.class)
class WordCountIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Pattern PHASE = Pattern.compile("(?m)^\\[ *(\\d+) ms\\] (.*)$");
  private static final Pattern UPLOADED =
      Pattern.compile("(?m)^Uploaded (\\d+) bytes; (\\d+) bytes were there already$");

  private final Cluster cluster;
  private final Hdfs hdfs;

  @TempDir Path scratch;

  WordCountIT(Cluster cluster) {
    this.cluster = cluster;
    this.hdfs = cluster.hdfs();
  }

  @Test
  void countsTheWordsOfRealTextAndSaysWhatItDoes() throws Exception {
    List<Path> texts = Texts.real();
    put(texts, "/it/real/in");
    long start = System.nanoTime();
    Outcome first;
    String application;
    String job;
    // A user who has never submitted anything.
    String fresh = "-Dyarn.staging-directory=/it/fresh";
    try (ClientCommand command =
        cluster.millrace(Program.wordCount("/it/real/in", "/it/real/out").flags(fresh).words())) {
      application = command.awaitApplicationId(PATIENCE);
      job = command.awaitJobId(PATIENCE);
      Measurements.note("submit -> submitted, ms", millisSince(start));
      command.awaitOutput(Pattern.compile("deployed successfully"), PATIENCE);
      Measurements.note("submit -> ApplicationMaster running, ms", millisSince(start));
      command.awaitOutput(Pattern.compile("is RUNNING"), PATIENCE);
      Measurements.note("submit -> job RUNNING, ms", millisSince(start));
      command.awaitOutput(Pattern.compile("Program execution finished"), PATIENCE);
      Measurements.note("submit -> finished, ms", millisSince(start));
      first = command.finish(PATIENCE);
    }

    assertThat(first.exitCode()).as(first.toString()).isZero();
    assertCounts("/it/real/out", texts);
    assertThat(hdfs.exists("/it/real/out/_SUCCESS")).isTrue();
    assertThat(cluster.awaitEnd(application, PATIENCE)).isEqualTo(FinalApplicationStatus.SUCCEEDED);
    cluster.awaitNoProcess(application, PATIENCE);
    assertThat(hdfs.exists("/it/fresh/.millrace/" + application)).isFalse();
    Leftovers.assertNothingPending(cluster, "/it/real/out");
    assertStdout(first.stdout(), application, job);

    Outcome second =
        run(Program.wordCount("/it/real/in", "/it/real/again").flags(fresh, "--verbose"));

    assertThat(second.exitCode()).as(second.toString()).isZero();
    assertCounts("/it/real/again", texts);
    long uploadedFirst = uploaded(first);
    long uploadedSecond = uploaded(second);
    assertThat(uploadedSecond).isLessThan(100_000);
    assertThat(second.stdout()).doesNotContain(" ms] ");
    assertThat(first.stderr()).doesNotContain(" ms] ");
    assertPhases(second.stderr());
    Measurements.note("bytes uploaded at the first submission", uploadedFirst);
    Measurements.note("bytes uploaded at the second submission", uploadedSecond);
  }

  /** In the order in which they end, whenever the command has heard of them. */
  private static void assertPhases(String stderr) {
    var phases = new TreeMap<Long, List<String>>();
    PHASE
        .matcher(stderr)
        .results()
        .forEach(
            phase ->
                phases
                    .computeIfAbsent(Long.valueOf(phase.group(1)), millis -> new ArrayList<>())
                    .add(phase.group(2)));
    List<String> told = phases.values().stream().flatMap(List::stream).toList();
    assertThat(phases.firstKey()).isPositive();
    assertThat(String.join("\n", told))
        .as(stderr)
        .containsPattern(
            Pattern.compile(
                String.join(
                    ".*",
                    "configuration are read",
                    "the program is found",
                    "the job is planned; operators: \\d+, tasks: \\d+, slots: 1",
                    "HDFS answers",
                    "YARN answers, and names application_",
                    "files: \\d+ uploaded \\(\\d+ bytes\\), \\d\\d+ found there",
                    "YARN has started the JobManager's container",
                    "the job is INITIALIZING",
                    "YARN gives (container_\\w+) on ",
                    "a TaskManager has registered: \\1, slots: 1",
                    "there are slots for all tasks, on TaskManagers: 1",
                    "the deployment is on record",
                    "the job is RUNNING"),
                Pattern.DOTALL));
    assertThat(told)
        .contains("YARN has taken the application", "YARN says RUNNING")
        .anyMatch(phase -> phase.startsWith("YARN knows the JobManager, at "))
        .anyMatch(phase -> phase.startsWith("the node starts container_"));
  }

  private static void assertStdout(String stdout, String application, String job) {
    List<String> lines = stdout.lines().toList();
    assertThat(lines.stream().filter(("Submitted application " + application)::equals)).hasSize(1);
    assertThat(lines.stream().filter(("Job has been submitted with JobID " + job)::equals))
        .hasSize(1);
    assertThat(lines.indexOf("Submitted application " + application))
        .isLessThan(lines.indexOf("Job has been submitted with JobID " + job));
    assertThat(lines.subList(lines.size() - 3, lines.size()))
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("Program execution finished"),
            line -> assertThat(line).isEqualTo("Job with JobID " + job + " has finished."),
            line -> assertThat(line).matches("Job Runtime: \\d+ ms"));
    assertThat(lines)
        .anyMatch(line -> line.startsWith("JobManager container: 512 MB: heap "))
        .anyMatch(line -> line.startsWith("TaskManager containers, 1 slot each: 512 MB: heap "))
        .anyMatch(line -> line.endsWith(" Job " + job + " is RUNNING"))
        .anyMatch(line -> line.endsWith(" Job " + job + " is FINISHED"));
  }

  @Test
  @Tag("long")
  void countsTwentyMegabytesOnTwoTaskManagersByTheOtherTarget() throws Exception {
    Path text = Texts.generated(scratch.resolve("text"), 20_000_000, 100_000);
    put(List.of(text), "/it/twenty/in");
    hdfs.put(text, "/it/twenty/in/second");

    Outcome outcome =
        run(
            Program.wordCount("/it/twenty/in", "/it/twenty/out")
                .target("-t", "yarn-per-job", "-Dyarn.application.name=twenty", "-p", "2"));

    assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
    assertCounts("/it/twenty/out", List.of(text, text));
    assertThat(cluster.applications()).anyMatch(report -> report.getName().equals("twenty"));
  }

  @Test
  @Tag("long")
  void countsTwoHundredMegabytes() throws Exception {
    Path text = Texts.generated(scratch.resolve("text"), 200_000_000, 200_000);
    put(List.of(text), "/it/large/in");
    long start = System.nanoTime();

    Outcome outcome =
        run(Program.wordCount("/it/large/in", "/it/large/out").flags("-p", "2", "-ys", "2"));

    assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
    Measurements.note("words of 200 MB counted, ms", millisSince(start));
    assertCounts("/it/large/out", List.of(text));
  }

  @Test
  void twoJobsRunAtOnce() throws Exception {
    List<Path> texts = Texts.real();
    put(texts, "/it/both/in");
    try (ClientCommand one =
            cluster.millrace(Program.wordCount("/it/both/in", "/it/both/one").words());
        ClientCommand other =
            cluster.millrace(
                Program.wordCount("/it/both/in", "/it/both/other")
                    .target("-t", "yarn-per-job")
                    .words())) {
      assertThat(one.awaitApplicationId(PATIENCE)).isNotEqualTo(other.awaitApplicationId(PATIENCE));
      Outcome first = one.finish(PATIENCE);
      Outcome second = other.finish(PATIENCE);
      assertThat(first.exitCode()).as(first.toString()).isZero();
      assertThat(second.exitCode()).as(second.toString()).isZero();
    }
    assertCounts("/it/both/one", texts);
    assertCounts("/it/both/other", texts);
  }

  @Test
  void filesComeWithTheJobAndAreTheSameAfterARestart() throws Exception {
    Path travels = Files.writeString(scratch.resolve("words.txt"), "to be");
    hdfs.write("/it/cached/rules.csv", "or not");
    Program reader =
        Program.of(ReadsCachedFiles.class, Jars.programs(scratch.resolve("program.jar"), null))
            .with(travels.toString(), hdfs.uri("/it/cached/rules.csv"));

    Outcome outcome = run(reader.with("/it/cached/out"));

    assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
    List<String> lines = hdfs.lines("/it/cached/out");
    lines.sort(null);
    String content = "words.txt r-x------ to be, rules.csv r-------- or not";
    assertThat(lines)
        .containsExactly(
            "1: " + content + ", attempt 1",
            "2: " + content + ", attempt 1",
            "3: " + content + ", attempt 1");

    int applications = cluster.applications().size();
    hdfs.delete("/it/cached/rules.csv");
    Outcome missing = run(reader.with("/it/cached/none"));
    assertThat(missing.exitCode()).as(missing.toString()).isEqualTo(1);
    assertThat(errors(missing))
        .singleElement()
        .asString()
        .contains("the cached file 'stays': ", "/it/cached/rules.csv does not exist");
    Files.delete(travels);
    Outcome gone = run(reader.with("/it/cached/none"));
    assertThat(gone.exitCode()).as(gone.toString()).isEqualTo(1);
    assertThat(errors(gone))
        .singleElement()
        .asString()
        .contains("the cached file 'travels': " + travels + " does not exist on this machine");
    assertThat(cluster.applications()).hasSize(applications);
  }

  @Test
  void slotsThatSayWhatTheyNeedGetContainersOfThatSize() throws Exception {
    Program program =
        Program.of(NeedsLargerSlots.class, Jars.programs(scratch.resolve("program.jar"), null))
            .with("300", "/it/larger/out");
    try (ClientCommand command = cluster.millrace(program.words())) {
      String application = command.awaitApplicationId(PATIENCE);
      command.awaitOutput(Pattern.compile("deployed successfully"), PATIENCE);
      Await.until(
          "the ApplicationMaster, a usual TaskManager and two larger ones",
          PATIENCE,
          () -> containerMegabytes(application).equals(List.of(512L, 512L, 768L, 768L)));
      Outcome outcome = command.finish(PATIENCE);
      assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
    }
    assertThat(hdfs.lines("/it/larger/out"))
        .containsExactlyInAnyOrder("2", "4", "6", "8", "10", "12");

    int applications = cluster.applications().size();
    Outcome refused =
        run(
            Program.of(NeedsLargerSlots.class, Jars.programs(scratch.resolve("again.jar"), null))
                .with("1000000", "/it/larger/none"));

    assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(1);
    assertThat(errors(refused))
        .singleElement()
        .asString()
        .contains("the slot sharing group 'large'", "the largest that YARN gives has");
    assertThat(cluster.applications()).as("nothing was uploaded").hasSize(applications);
  }

  /** As the ResourceManager has it, in ascending order. */
  private List<Long> containerMegabytes(String application) throws Exception {
    var attempt = ApplicationAttemptId.newInstance(ApplicationId.fromString(application), 1);
    return cluster.yarn().getContainers(attempt).stream()
        .filter(container -> container.getContainerState() != ContainerState.COMPLETE)
        .map(container -> container.getAllocatedResource().getMemorySize())
        .sorted()
        .toList();
  }

  /** Whoever waits for one must not miss the end of the other. */
  @Test
  void bothJobsOfAProgramAreWatchedToTheirEnds() throws Exception {
    Program both =
        Program.of(TwoAtOnce.class, Jars.programs(scratch.resolve("program.jar"), null))
            .with("/it/two/a", "/it/two/b");

    Outcome outcome = run(both);

    assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
    List<String> lines = outcome.stdout().lines().toList();
    assertThat(lines).filteredOn(line -> line.endsWith(" is FINISHED")).hasSize(2);
    assertThat(lines).filteredOn(line -> line.contains("words (java.lang.Integer): 4")).hasSize(2);
    assertThat(lines).doesNotContain("Job Runtime: 0 ms");
    for (String output : List.of("/it/two/a", "/it/two/b")) {
      assertThat(hdfs.lines(output)).containsExactlyInAnyOrder("to", "be", "or", "not");
    }
  }

  @Test
  void aProgramAsksAboutItsJobAndStopsIt() throws Exception {
    Program program =
        Program.of(AsksAboutItsJob.class, Jars.programs(scratch.resolve("program.jar"), null))
            .with("/it/asks/out", "/it/asks/savepoints");

    Outcome outcome = run(program);

    assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
    String job = group("Job has been submitted with JobID (\\S+)", outcome);
    String start =
        "hdfs://\\S+/it/asks/savepoints/savepoint-" + job.substring(0, 6) + "-[0-9a-f]{12}";
    assertThat(outcome.stdout().lines())
        .contains("id " + job, "status FINISHED", "result of " + job)
        .containsOnlyOnce("Job with JobID " + job + " has finished.");
    assertThat(outcome.stdout())
        .containsPattern("(?m)^taken " + start + "$")
        .containsPattern("(?m)^stopped " + start + "$");
    List<String> lines = hdfs.lines("/it/asks/out");
    assertThat(lines).isNotEmpty().doesNotHaveDuplicates();
    assertThat(lines).contains("line 0", "line " + (lines.size() - 1));
  }

  /** This cluster gets a warning about its network with each submission. */
  private static List<String> errors(Outcome outcome) {
    return outcome.stderr().lines().filter(line -> !line.startsWith("Warning: ")).toList();
  }

  @Test
  void aDetachedJobIsListedAndCancelledAndLeavesWhatItPromised() throws Exception {
    Program program =
        Program.sequenceCount("/it/cancel/out")
            .with("--rate", "500", "--parallelism", "2")
            .flags("-yd", "-ynm", "to cancel");
    Outcome submitted = run(program);
    assertThat(submitted.exitCode()).as(submitted.toString()).isZero();
    String application = group("Submitted application (\\S+)", submitted);
    String job = group("Job has been submitted with JobID (\\S+)", submitted);
    assertThat(cluster.report(application).getYarnApplicationState())
        .isEqualTo(YarnApplicationState.RUNNING);
    assertThat(submitted.stdout()).containsPattern("(?m) Job " + job + " is RUNNING$");
    assertThat(
            hdfs.fileSystem()
                .getFileStatus(
                    new org.apache.hadoop.fs.Path(Leftovers.staging(cluster, application)))
                .getPermission())
        .isEqualTo(new FsPermission((short) 0700));
    assertThat(cluster.javaProcesses(application, "YarnTaskManager"))
        .hasSize(2)
        .allSatisfy(WordCountIT::assertMapsTheArchive);
    assertThat(cluster.javaProcesses(application, "YarnJobManager"))
        .singleElement()
        .satisfies(WordCountIT::assertMapsTheArchive);
    var durable = new JobDirectoryView(hdfs, job);
    Await.until(
        "two checkpoints and a file",
        PATIENCE,
        () -> durable.newestCheckpoint() >= 2 && !hdfs.visibleFiles("/it/cancel/out").isEmpty());
    MemoryIT.assertSmall(cluster.javaProcesses(application, "YarnTaskManager").get(0));

    Outcome list = run("list", "-yid", application);
    assertThat(list.exitCode()).as(list.toString()).isZero();
    assertThat(list.stdout().lines().toList())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("Waiting for response..."),
            line -> assertThat(line).matches("-+ Running/Restarting Jobs -+"),
            line ->
                assertThat(line)
                    .matches(
                        "\\d\\d\\.\\d\\d\\.\\d{4} \\d\\d:\\d\\d:\\d\\d : "
                            + job
                            + " : Sequence count \\(RUNNING\\)"),
            line -> assertThat(line).matches("-+"),
            line -> assertThat(line).isEqualTo("No scheduled jobs."));
    assertThat(run("list").stdout()).contains(job);

    Outcome same = run(program);
    assertThat(same.exitCode()).as(same.toString()).isEqualTo(1);
    assertThat(same.stderr().lines())
        .singleElement()
        .asString()
        .contains("/it/cancel/out belongs to a job of another lineage", "append");

    Outcome cancel = run("cancel", "-yid", application, job);

    assertThat(cancel.exitCode()).as(cancel.toString()).isZero();
    assertThat(cancel.stdout().lines().toList())
        .containsExactly("Cancelling job " + job + ".", "Cancelled job " + job + ".");
    assertThat(cluster.awaitEnd(application, PATIENCE)).isEqualTo(FinalApplicationStatus.KILLED);
    Leftovers.assertNone(cluster, application, "/it/cancel/out");
    SequenceJob.assertPromisedIsThere(hdfs, durable, "/it/cancel/out");
    assertThat(SequenceJob.assertExactBeginning(hdfs.lines("/it/cancel/out"), 2)).isPositive();
    assertThat(hdfs.exists("/it/cancel/out/_SUCCESS")).isFalse();
    assertThat(run("list").stdout()).contains("No running jobs.");
    // Nobody waited for it; the log says what happened all the same.
    assertThat(cluster.logs(application, "jobmanager.log").values())
        .singleElement()
        .asString()
        .contains("Job " + job + " is RUNNING", "Job " + job + " is CANCELED");
  }

  @Test
  void anInterruptBeforeThereIsAJobManagerTakesTheJobAlongAllTheSame() throws Exception {
    String[] program = Program.sequenceCount("/it/early/out").flags("-sae").words();
    String application;
    try (ClientCommand command = cluster.millrace(program)) {
      application = command.awaitApplicationId(PATIENCE);
      command.interrupt();
      command.finish(PATIENCE);
    }

    assertThat(cluster.awaitEnd(application, PATIENCE)).isEqualTo(FinalApplicationStatus.KILLED);
    assertThat(run("clean", "-yid", application).exitCode()).isZero();
    Leftovers.assertNone(cluster, application, "/it/early/out");
  }

  /** Side by side, because each would take seconds alone. That one runs on otherwise: SecretsIT. */
  @Test
  void anInterruptTakesTheJobAlongIfItWasTold() throws Exception {
    try (SequenceJob interrupted = attached("/it/interrupted/out");
        SequenceJob terminated = attached("/it/terminated/out")) {
      for (SequenceJob job : List.of(interrupted, terminated)) {
        job.awaitRunning();
        job.awaitTwoCheckpointsAndAFile();
      }
      interrupted.command().interrupt();
      terminated.command().terminate();

      assertTakenAlong(interrupted, 130);
      assertTakenAlong(terminated, 143);
    }
  }

  private SequenceJob attached(String output) throws Exception {
    Program program = Program.sequenceCount(output).quick().with("--rate", "500").flags("-sae");
    return SequenceJob.start(cluster, output, program);
  }

  private void assertTakenAlong(SequenceJob job, int exitCode) throws Exception {
    Outcome outcome = job.command().finish(PATIENCE);
    assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(exitCode);
    assertThat(outcome.stderr().lines())
        .contains("Cancelling job " + job.jobId() + " because of -sae.");
    job.assertCancelled(1);
  }

  /** A JVM that refuses an archive lets go of it at once. Nodes have the client's Hadoop here. */
  private static void assertMapsTheArchive(ContainerProcess process) {
    Path running = Path.of("/proc/" + process.pid());
    try {
      Path archive = running.resolve("cwd/hadoop.jsa").toRealPath();
      assertThat(Files.readString(running.resolve("maps")))
          .as("memory maps of process " + process.pid())
          .contains(archive.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- words

  private void put(List<Path> texts, String directory) throws Exception {
    hdfs.fileSystem().mkdirs(new org.apache.hadoop.fs.Path(directory));
    for (Path text : texts) {
      hdfs.put(text, directory + "/" + text.getFileName());
    }
  }

  private void assertCounts(String output, List<Path> texts) throws Exception {
    List<String> lines = hdfs.lines(output);
    lines.sort(null);
    assertThat(lines).isEqualTo(WordCounts.of(texts.toArray(Path[]::new)).sortedLines());
  }

  private Outcome run(Program program) throws Exception {
    return run(program.words());
  }

  private Outcome run(String... words) throws Exception {
    try (ClientCommand command = cluster.millrace(words)) {
      return command.finish(PATIENCE);
    }
  }

  private static long uploaded(Outcome outcome) {
    return Long.parseLong(group(UPLOADED.pattern(), outcome));
  }

  private static String group(String pattern, Outcome outcome) {
    Matcher matcher = Pattern.compile(pattern).matcher(outcome.stdout());
    assertThat(matcher.find()).as(pattern + " in " + outcome).isTrue();
    return matcher.group(1);
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }
}
