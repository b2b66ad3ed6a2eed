package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.programs.NeverExecutes;
import io.millrace.it.programs.Steps;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.yarn.YarnApplication;
import io.millrace.yarn.YarnDeployer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is done to jobs whose main method runs in the cluster, one by one and all together. */
@Tag("cluster")
@ExtendWith(SharedCluster.class)
class ApplicationJobsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Pattern SUBMITTED =
      Pattern.compile("Job has been submitted with JobID ([0-9a-f]{32})");
  private static final Pattern SAVEPOINT = Pattern.compile("Savepoint completed. Path: (\\S+)");

  /** More than any of these tests waits for. */
  private static final String ENDLESS = "1000000";

  private static final String RATE = "300";

  private final Cluster cluster;
  private final Hdfs hdfs;

  @TempDir Path scratch;

  ApplicationJobsIT(Cluster cluster) {
    this.cluster = cluster;
    this.hdfs = cluster.hdfs();
  }

  @Test
  void eachJobOfSeveralObeysWhatIsSaidOfItAlone() throws Exception {
    String goes = "/jobs/several/goes";
    String stops = "/jobs/several/stops";
    String drains = "/jobs/several/drains";
    Outcome run = millrace(steps(endless(goes, stops, drains)).flags("-d", "-ys", "3").words());
    assertThat(run.exitCode()).as(run.toString()).isZero();
    assertThat(run.stdout())
        .contains("The application runs on without this command")
        .doesNotContain("Program execution finished");
    String id = applicationIn(run);
    Map<String, String> jobs = awaitRunning(id, 3);

    Outcome list = of(id, "list");
    assertThat(list.exitCode()).as(list.toString()).isZero();
    for (String output : List.of(goes, stops, drains)) {
      assertThat(list.stdout()).contains(jobs.get(output) + " : " + output + " (RUNNING)");
    }

    awaitOutput(goes, stops, drains);
    Outcome taken = of(id, "savepoint", jobs.get(goes), "/jobs/several/savepoints");
    assertThat(taken.exitCode()).as(taken.toString()).isZero();
    assertThat(hdfs.allFiles(savepointIn(taken))).isNotEmpty();
    var durable = new JobDirectoryView(hdfs, jobs.get(goes));
    long checkpoint = durable.newestCheckpoint();

    Outcome stop = of(id, "stop", "-p", "/jobs/several/savepoints", jobs.get(stops));
    assertThat(stop.exitCode()).as(stop.toString()).isZero();
    assertThat(stop.stdout()).contains("Suspending job").doesNotContain("Draining");
    assertThat(hdfs.allFiles(savepointIn(stop))).isNotEmpty();
    assertThat(assertBeginning(stops, false)).isPositive();

    Outcome drain = of(id, "stop", "-d", "-p", "/jobs/several/savepoints", jobs.get(drains));
    assertThat(drain.exitCode()).as(drain.toString()).isZero();
    assertThat(drain.stdout()).contains("Draining job");
    assertThat(assertBeginning(drains, true)).isPositive();

    Outcome left = of(id, "list");
    assertThat(left.stdout())
        .contains(jobs.get(goes) + " : " + goes + " (RUNNING)")
        .doesNotContain(jobs.get(stops), jobs.get(drains));
    Await.until(
        "a checkpoint of the job that goes on",
        PATIENCE,
        () -> durable.newestCheckpoint() > checkpoint);

    Outcome cancel = of(id, "cancel", jobs.get(goes));
    assertThat(cancel.exitCode()).as(cancel.toString()).isZero();
    assertThat(cancel.stdout()).contains("Cancelled job " + jobs.get(goes) + ".");
    assertThat(cluster.awaitEnd(id, PATIENCE)).isEqualTo(FinalApplicationStatus.KILLED);
    assertThat(assertBeginning(goes, false)).isPositive();
    assertNothingLeft(id, goes, stops, drains);

    Outcome clean = of(id, "clean");
    assertThat(clean.exitCode()).as(clean.toString()).isZero();
    assertThat(clean.stdout()).contains("Nothing to clean");
  }

  /** What travelled the first time, the second one finds; its own jar is on the cluster already. */
  @Test
  @Tag("long")
  void mainInTheClusterGoesOnFromASavepointAndAJarOnTheClusterStaysThere() throws Exception {
    String output = "/jobs/continued/out";
    int count = 60_000;
    Outcome run = millrace(steps("start", output, "" + count, RATE).flags("-d").words());
    assertThat(run.exitCode()).as(run.toString()).isZero();
    String first = applicationIn(run);
    String job = awaitRunning(first, 1).get(output);
    awaitOutput(output);
    Outcome stop = of(first, "stop", "-p", "/jobs/continued/savepoints", job);
    assertThat(stop.exitCode()).as(stop.toString()).isZero();
    assertThat(cluster.awaitEnd(first, PATIENCE)).isEqualTo(FinalApplicationStatus.SUCCEEDED);
    assertThat(assertBeginning(output, false)).isBetween(1, count - 1);
    Leftovers.assertNone(cluster, first, output);

    // It names its main class itself, so that it is no jar that the cluster has met.
    hdfs.put(Jars.programs(scratch.resolve("named.jar"), Steps.class.getName()), "/jobs/named.jar");
    List<String> jars = hdfs.allFiles(hdfs.home() + "/.millrace/jars");
    String[] again = {
      "run-application",
      "-t",
      "yarn-application",
      "-yjm",
      "512",
      "-ytm",
      "512",
      "-s",
      savepointIn(stop),
      hdfs.uri("/jobs/named.jar"),
      "start",
      output,
      "" + count,
      "5000"
    };
    Outcome restored = millrace(again);
    assertThat(restored.exitCode()).as(restored.toString()).isZero();
    String second = applicationIn(restored);
    awaitRunning(second, 1);
    assertThat(hdfs.allFiles(Leftovers.staging(cluster, second)))
        .isNotEmpty()
        .noneMatch(file -> file.endsWith(".jar"));
    assertThat(hdfs.allFiles(hdfs.home() + "/.millrace/jars")).isEqualTo(jars);

    assertThat(cluster.awaitEnd(second, PATIENCE)).isEqualTo(FinalApplicationStatus.SUCCEEDED);
    assertThat(assertBeginning(output, true)).isEqualTo(count);
    assertNothingLeft(second, output);
    assertThat(hdfs.exists("/jobs/named.jar")).isTrue();
  }

  /** Side by side, because each would take seconds alone. */
  @Test
  @Tag("long")
  void anInterruptLeavesTheApplicationRunningUnlessItWasToldToTakeItAlong() throws Exception {
    String staying = "/jobs/left/stays";
    String interrupted = "/jobs/left/interrupted";
    String terminated = "/jobs/left/terminated";
    try (ClientCommand stays = cluster.millrace(steps(endless(staying)).words());
        ClientCommand one =
            cluster.millrace(steps(endless(interrupted)).with("await").flags("-sae").words());
        ClientCommand other = cluster.millrace(steps(endless(terminated)).flags("-sae").words())) {
      String left = stays.awaitApplicationId(PATIENCE);
      for (ClientCommand command : List.of(stays, one, other)) {
        command.awaitJobId(PATIENCE);
      }
      awaitOutput(staying, interrupted, terminated);
      stays.interrupt();
      one.interrupt();
      other.terminate();

      assertTakenAlong(one, interrupted, 130);
      assertTakenAlong(other, terminated, 143);

      Outcome outcome = stays.finish(PATIENCE);
      assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(130);
      assertThat(outcome.stderr())
          .contains("The application " + left + " runs on. Its jobs: millrace list -yid " + left);
      String job = awaitRunning(left, 1).get(staying);
      Outcome cancel = of(left, "cancel", job);
      assertThat(cancel.exitCode()).as(cancel.toString()).isZero();
      assertThat(cluster.awaitEnd(left, PATIENCE)).isEqualTo(FinalApplicationStatus.KILLED);
      assertThat(assertBeginning(staying, false)).isPositive();
      assertNothingLeft(left, staying);
    }
  }

  private void assertTakenAlong(ClientCommand command, String output, int exitCode)
      throws Exception {
    String id = command.awaitApplicationId(PATIENCE);
    Outcome outcome = command.finish(PATIENCE);
    assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(exitCode);
    assertThat(outcome.stderr()).contains("Ending " + id + " and its jobs because of -sae.");
    assertThat(cluster.awaitEnd(id, PATIENCE)).isEqualTo(FinalApplicationStatus.KILLED);
    assertThat(assertBeginning(output, false)).isPositive();
    assertNothingLeft(id, output);
  }

  /** Whoever waits is told why, and how: cancelled is not failed. */
  @Test
  @Tag("long")
  void whoWaitsForAnApplicationHearsThatAJobOfItWasCancelled() throws Exception {
    String output = "/jobs/cancelled/out";
    try (ClientCommand command = cluster.millrace(steps(endless(output)).with("await").words())) {
      String id = command.awaitApplicationId(PATIENCE);
      String job = command.awaitJobId(PATIENCE);
      awaitOutput(output);
      Outcome cancel = of(id, "cancel", "-s", "/jobs/cancelled/savepoints", job);
      assertThat(cancel.exitCode()).as(cancel.toString()).isZero();
      assertThat(cancel.stdout()).contains("Savepoint stored in hdfs:");

      Outcome outcome = command.finish(PATIENCE);
      assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(1);
      assertThat(outcome.stdout()).doesNotContain("Program execution finished");
      assertThat(outcome.stderr())
          .contains("The application " + id + " was cancelled: ")
          .contains(job)
          .doesNotContain("Exception");
      assertThat(cluster.awaitEnd(id, PATIENCE)).isEqualTo(FinalApplicationStatus.KILLED);
      assertThat(assertBeginning(output, false)).isPositive();
      assertNothingLeft(id, output);

      Outcome late = of(id, "cancel", job);
      assertThat(late.exitCode()).as(late.toString()).isEqualTo(1);
      assertThat(late.stderr()).contains(id).hasLineCount(1);
    }
  }

  /** The JobManager is gone by the time the command looks at it for the first time. */
  @Test
  @Tag("long")
  void ofJobsThatNobodyHasSeenEachIsToldAllTheSame() throws Exception {
    List<String> outputs = List.of("/jobs/unseen/1", "/jobs/unseen/2", "/jobs/unseen/3");
    var steps = new ArrayList<String>();
    outputs.forEach(output -> steps.addAll(List.of("start", output, "10", "1000000", "await")));
    try (ClientCommand command = cluster.millrace(steps(steps.toArray(String[]::new)).words())) {
      String id = command.awaitApplicationId(PATIENCE);
      command.pause();
      assertThat(cluster.awaitEnd(id, PATIENCE)).isEqualTo(FinalApplicationStatus.SUCCEEDED);
      command.goOn();
      Outcome outcome = command.finish(PATIENCE);
      assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
      List<String> jobs =
          SUBMITTED.matcher(outcome.stdout()).results().map(found -> found.group(1)).toList();
      assertThat(jobs).as(outcome.toString()).hasSize(3).doesNotHaveDuplicates();
      for (String job : jobs) {
        assertThat(outcome.stdout()).containsPattern("Job " + job + " (\\(.*\\) )?is FINISHED");
      }
      for (String output : outputs) {
        assertThat(assertBeginning(output, true)).isEqualTo(10);
      }
    }
  }

  /** A job that main has started runs to its end, however main ends. */
  @Test
  @Tag("long")
  void jobsOutliveAMainThatThrowsOrExits() throws Exception {
    assertFailsBehindItsJob(
        "/jobs/thrown/out",
        List.of("throw"),
        "The program finished with the following exception: java.lang.IllegalStateException:"
            + " enough of this, at Steps.java:");
    assertFailsBehindItsJob(
        "/jobs/exited/out",
        List.of("exit", "0"),
        Steps.class.getName() + " called System.exit, at Steps.java:");
  }

  private void assertFailsBehindItsJob(String output, List<String> end, String why)
      throws Exception {
    Program program = steps("start", output, "1500", RATE).with(end.toArray(String[]::new));
    try (ClientCommand command = cluster.millrace(program.words())) {
      Outcome outcome = command.finish(PATIENCE);
      assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(1);
      String id = command.awaitApplicationId(PATIENCE);
      assertThat(outcome.stdout())
          .contains("(" + output + ") is FINISHED")
          .doesNotContain("Program execution finished");
      assertThat(outcome.stderr()).contains("The application " + id + " has failed", why);
      assertThat(cluster.awaitEnd(id, PATIENCE)).isEqualTo(FinalApplicationStatus.FAILED);
      assertThat(cluster.report(id).getDiagnostics()).contains(why);
      assertThat(assertBeginning(output, true)).isEqualTo(1_500);
      assertNothingLeft(id, output);
    }
  }

  /** Nobody waits: the command has succeeded, and YARN says what became of the program. */
  @Test
  @Tag("long")
  void aDetachedMainWithoutAJobFailsAtYarn() throws Exception {
    Program program = inTheCluster(NeverExecutes.class).flags("-d");
    try (ClientCommand command = cluster.millrace(program.words())) {
      String id = command.awaitApplicationId(PATIENCE);
      // Also if it does not look before all is over.
      command.pause();
      assertThat(cluster.awaitEnd(id, PATIENCE)).isEqualTo(FinalApplicationStatus.FAILED);
      assertThat(cluster.report(id).getDiagnostics())
          .contains("The program didn't contain a Millrace job: " + NeverExecutes.class.getName());
      command.goOn();
      Outcome run = command.finish(PATIENCE);
      assertThat(run.exitCode()).as(run.toString()).isZero();
      assertThat(run.stderr()).contains("The application " + id + " has failed: ");
      cluster.awaitNoProcess(id, PATIENCE);
      Leftovers.assertNoStaging(cluster, id);
    }

    Outcome waited = millrace(inTheCluster(NeverExecutes.class).words());
    assertThat(waited.exitCode()).as(waited.toString()).isEqualTo(1);
    assertThat(waited.stderr()).contains("The program didn't contain a Millrace job");
  }

  // ---- what a user types

  private Program inTheCluster(Class<?> main) throws IOException {
    return Program.of(main, Jars.programs(scratch.resolve("program.jar"), null))
        .target("-t", "yarn-application")
        .quick();
  }

  private Program steps(String... steps) throws IOException {
    return inTheCluster(Steps.class).with(steps);
  }

  private static String[] endless(String... outputs) {
    return Arrays.stream(outputs)
        .flatMap(output -> Stream.of("start", output, ENDLESS, RATE))
        .toArray(String[]::new);
  }

  private Outcome millrace(String... words) throws Exception {
    try (ClientCommand command = cluster.millrace(words)) {
      return command.finish(PATIENCE);
    }
  }

  /** A command on an application, which is named as scripts for other engines name it. */
  private Outcome of(String id, String action, String... words) throws Exception {
    var all =
        new ArrayList<>(List.of(action, "-t", "yarn-application", "-Dyarn.application.id=" + id));
    all.addAll(Arrays.asList(words));
    return millrace(all.toArray(String[]::new));
  }

  private static String applicationIn(Outcome run) {
    return found("Submitted application (application_\\d+_\\d+)", run);
  }

  private static String savepointIn(Outcome outcome) {
    return found(SAVEPOINT.pattern(), outcome);
  }

  private static String found(String pattern, Outcome outcome) {
    Matcher matcher = Pattern.compile(pattern).matcher(outcome.stdout());
    assertThat(matcher.find()).as(outcome.toString()).isTrue();
    return matcher.group(1);
  }

  // ---- what becomes of it

  /** The ids of its jobs by name, once so many of them run. */
  private Map<String, String> awaitRunning(String id, int count) throws Exception {
    try (YarnDeployer deployer =
            YarnDeployer.open(Configuration.EMPTY, cluster.environmentOfClients());
        YarnApplication application = deployer.application(id, true)) {
      var jobs = new TreeMap<String, String>();
      Await.until(
          count + " running jobs of " + id + "; " + cluster.directory() + " has the logs",
          PATIENCE,
          () -> {
            for (JobSummary job : jobsOf(application)) {
              if (job.status() == JobStatus.RUNNING) {
                jobs.put(job.name(), job.job().hex());
              }
            }
            return jobs.size() == count;
          });
      return jobs;
    }
  }

  private static List<JobSummary> jobsOf(YarnApplication application) throws InterruptedException {
    try {
      return application.situation().reachable()
          ? application.client().listJobs()
          : List.<JobSummary>of();
    } catch (IOException e) {
      return List.of(); // not yet
    }
  }

  private void awaitOutput(String... outputs) throws Exception {
    for (String output : outputs) {
      Await.until("a file in " + output, PATIENCE, () -> !hdfs.visibleFiles(output).isEmpty());
    }
  }

  /**
   * Every line up to the last is there once, and is right.
   *
   * @param ended whether its input has come to an end, or is taken to have
   * @return how many numbers there are
   */
  private int assertBeginning(String output, boolean ended) throws Exception {
    var numbers = new ArrayList<String>();
    var ends = new ArrayList<String>();
    for (String line : hdfs.lines(output)) {
      (line.startsWith("end ") ? ends : numbers).add(line);
    }
    List<String> keys =
        Stream.iterate(0, key -> key + 1)
            .limit(ended ? Math.min(numbers.size(), SequenceJob.KEYS) : 0)
            .map(key -> "end " + key)
            .toList();
    assertThat(ends).containsExactlyInAnyOrderElementsOf(keys);
    return SequenceJob.assertExactBeginning(numbers, 1);
  }

  private void assertNothingLeft(String id, String... outputs) throws Exception {
    for (String output : outputs) {
      Leftovers.assertNone(cluster, id, output);
    }
  }
}
