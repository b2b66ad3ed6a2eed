package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import io.millrace.it.ledger.TimedCount;
import io.millrace.it.programs.FailsOnAndOn;
import io.millrace.runtime.checkpoint.DeploymentRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Sessions from the script to the last file that they leave. */
@Tag("cluster")
@ExtendWith(SharedCluster.class)
class SessionIT {
  private static final Duration PATIENCE = Duration.ofSeconds(240);

  private final Cluster cluster;
  private final Hdfs hdfs;

  /** Where the session is noted: not where other users of this machine look. */
  @TempDir Path notes;

  SessionIT(Cluster cluster) {
    this.cluster = cluster;
    this.hdfs = cluster.hdfs();
  }

  @Test
  void jobsShareASessionOutliveItsMasterAndEndWithIt() throws Exception {
    // YARN's own number of attempts does for more deaths if those before do not count.
    String id =
        startDetached("-nm", "shared", "-Dyarn.application-attempt-failures-validity-interval=1s");
    Path times = cluster.directory().resolve("write-times");
    Program timed =
        Program.of(TimedCount.class, Jars.ledger(cluster.directory().resolve("count.jar")))
            .with("/session/first", "500", times.toString(), "1");
    try (SequenceJob first =
        SequenceJob.startInSession(cluster, id, "/session/first", inSession(timed, "-yid", id))) {
      first.awaitRunning();
      // Nothing but the file says where the second one is to run.
      Outcome run = millrace(words("/session/second", "-d"));
      assertThat(run.exitCode()).as(run.toString()).isZero();
      assertThat(run.stderr()).contains("Found the session " + id + " in " + notes);
      String second = jobIdIn(run);
      var durable = new JobDirectoryView(hdfs, second);
      Await.until("a checkpoint of the second job", PATIENCE, () -> durable.newestCheckpoint() > 0);
      int generation = durable.newestDeployment().orElseThrow().generation();
      Outcome list = millrace("list", "-yid", id);
      assertThat(list.stdout()).contains(first.jobId()).contains(second);

      AdoptionIT.killMasters("session", first, times, 2);

      Await.until(
          "a checkpoint of the second job under another JobManager",
          PATIENCE,
          () -> durable.newestManifest().filter(m -> m.epoch().attempt() > 2).isPresent());
      assertThat(durable.newestDeployment().map(DeploymentRecord::generation))
          .as("the second job's tasks were adopted")
          .contains(generation);

      hdfs.write("/session/in", "to be or not to be\n");
      Outcome third =
          millrace(
              inSession(
                  Program.wordCount("/session/in", "/session/counts"),
                  "-t",
                  "yarn-session",
                  "-Dyarn.application.id=" + id));
      assertThat(third.exitCode()).as(third.toString()).isZero();
      assertThat(hdfs.lines("/session/counts"))
          .containsExactlyInAnyOrder("2 to", "2 be", "1 or", "1 not");
      awaitTaskManagers(id, 2);

      Outcome cancel = millrace("cancel", second);
      assertThat(cancel.exitCode()).as(cancel.toString()).isZero();
      assertThat(SequenceJob.assertExactBeginning(hdfs.lines("/session/second"), 1)).isPositive();
      Leftovers.assertNothingPending(cluster, "/session/second");
      awaitTaskManagers(id, 1);
      assertOnlyClassesOf(id, Set.of(first.jobId()));

      stopByHand(id);

      Outcome ended = first.command().finish(PATIENCE);
      assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(1);
      assertThat(ended.stderr()).contains("Job " + first.jobId() + " was cancelled.");
    }
    assertThat(cluster.awaitEnd(id, PATIENCE)).isEqualTo(FinalApplicationStatus.SUCCEEDED);
    Leftovers.assertNone(cluster, id, "/session/first");
    assertThat(SequenceJob.assertExactBeginning(hdfs.lines("/session/first"), 1)).isPositive();
    assertThat(notes).isEmptyDirectory();
  }

  @Test
  void aSessionThatYarnKilledIsSettledAndRunNeverTakesItForOneThatLives() throws Exception {
    String id = startDetached();
    Outcome wrong = millrace(words("/killed/wrong", "-m", "localhost:1"));
    assertOneLine(wrong, "no JobManager of yours on YARN listens at localhost:1", "-yid");
    ApplicationReport report = cluster.report(id);
    String[] there = words("/killed/out", "-m", report.getHost() + ":" + report.getRpcPort());
    try (SequenceJob job = SequenceJob.startInSession(cluster, id, "/killed/out", there)) {
      job.awaitRunning();
      job.awaitTwoCheckpointsAndAFile();
      cluster.kill(id);
      Outcome run = job.command().finish(PATIENCE);
      assertThat(run.exitCode()).as(run.toString()).isEqualTo(1);
      assertThat(run.stderr())
          .contains("its session is KILLED")
          .contains("millrace clean -yid " + id);
    }
    cluster.awaitNoProcess(id, PATIENCE);

    Outcome noted = millrace(words("/killed/other"));
    assertThat(noted.exitCode()).as(noted.toString()).isEqualTo(1);
    assertThat(noted.stderr())
        .contains(id + " has ended: KILLED")
        .contains(notes + "/.yarn-properties-")
        .contains("delete that file, or say where to run");
    Outcome attach;
    try (ClientCommand command = cluster.yarnSession("-id", id)) {
      attach = command.finish(PATIENCE);
    }
    assertOneLine(attach, id + " has ended: KILLED");

    Outcome clean = millrace("clean", "-yid", id);
    assertThat(clean.exitCode()).as(clean.toString()).isZero();
    assertThat(SequenceJob.assertExactBeginning(hdfs.lines("/killed/out"), 1)).isPositive();
    Leftovers.assertNone(cluster, id, "/killed/out");
  }

  /**
   * In Java's cache of serialisable classes each is softly referred to. If such a reference is
   * cleared while the class is in use, a queue holds the class until another one is asked for, as
   * the next job does; that a job is the last one must not decide what is found here.
   */
  private static final String CLEARS_NO_SOFT_REFERENCES =
      "-XX:TieredStopAtLevel=1 -XX:SoftRefLRUPolicyMSPerMB=3600000";

  /** Jobs that finish, jobs that fail, and jobs that are cancelled, one after the other. */
  @Test
  @Tag("long")
  void aSessionForgetsTheClassesOfItsJobsHoweverTheyEnd() throws Exception {
    hdfs.write("/forgets/in", "to be or not to be\n");
    Path jar = Jars.programs(notes.resolve("program.jar"), null);
    String id =
        startDetached(
            "-Dresourcemanager.taskmanager-timeout=10min",
            "-Denv.java.opts.jobmanager=" + CLEARS_NO_SOFT_REFERENCES,
            "-Denv.java.opts.taskmanager=" + CLEARS_NO_SOFT_REFERENCES);
    try (SequenceJob stays = start(id, "/forgets/stays")) {
      stays.awaitRunning();
      for (int i = 0; i < 10; i++) {
        Outcome finished =
            millrace(inSession(Program.wordCount("/forgets/in", "/forgets/" + i), "-yid", id));
        assertThat(finished.exitCode()).as(finished.toString()).isZero();
        Outcome failed =
            millrace(
                inSession(
                    Program.of(FailsOnAndOn.class, jar).with("10", "10"),
                    "-yid",
                    id,
                    "-Drestart-strategy.type=none"));
        assertThat(failed.exitCode()).as(failed.toString()).isEqualTo(1);
        try (SequenceJob job = start(id, "/forgets/endless-" + i)) {
          job.awaitRunning();
          Outcome cancel = millrace("cancel", "-yid", id, job.jobId());
          assertThat(cancel.exitCode()).as(cancel.toString()).isZero();
        }
      }
      assertOnlyClassesOf(id, Set.of(stays.jobId()));
      stopByHand(id);
    }
  }

  private void assertOnlyClassesOf(String id, Set<String> jobs) throws Exception {
    var found = new TreeSet<String>();
    for (String main : List.of("YarnJobManager", "YarnTaskManager")) {
      for (ContainerProcess process : cluster.javaProcesses(id, main)) {
        found.addAll(JobClasses.awaitOnly(process, jobs));
      }
    }
    assertThat(found).as("jobs that run").isEqualTo(jobs);
  }

  @Test
  void showsWhatTheClusterHasToGive() throws Exception {
    try (ClientCommand command = cluster.yarnSession("-q")) {
      Outcome query = command.finish(PATIENCE);
      assertThat(query.exitCode()).as(query.toString()).isZero();
      assertThat(query.stdout()).contains("NodeManagers in the cluster: 1").contains("default");
    }
  }

  // ---- what a user types

  private String noted() {
    return "-Dyarn.properties-file.location=" + notes;
  }

  private String startDetached(String... more) throws Exception {
    var words =
        new ArrayList<>(
            List.of(
                "-d",
                "-v",
                "-jm",
                "576",
                "-tm",
                "512",
                noted(),
                "-D",
                "resourcemanager.taskmanager-timeout=2s",
                "-Denv.java.opts.taskmanager=-XX:TieredStopAtLevel=1"));
    words.addAll(List.of(more));
    try (ClientCommand command = cluster.yarnSession(words.toArray(String[]::new))) {
      Outcome started = command.finish(PATIENCE);
      assertThat(started.exitCode()).as(started.toString()).isZero();
      String id = command.awaitApplicationId(PATIENCE);
      assertThat(started.stderr())
          .containsPattern("(?m)^\\[ *\\d+ ms\\] YARN answers, and names " + id + "$")
          .containsPattern("(?m)^\\[ *\\d+ ms\\] YARN knows the JobManager, at \\S+:\\d+$");
      assertThat(started.stdout())
          .containsPattern("JobManager of " + id + ": \\S+:\\d+")
          .contains("echo \"stop\" | yarn-session.sh -id " + id)
          .contains("yarn application -kill " + id);
      return id;
    }
  }

  private SequenceJob start(String session, String output) throws Exception {
    return SequenceJob.startInSession(
        cluster, session, output, inSession(endless(output), "-yid", session));
  }

  private static Program endless(String output) {
    return Program.sequenceCount(output).with("--rate", "500");
  }

  private String[] words(String output, String... flags) {
    var all = new ArrayList<>(List.of(noted()));
    all.addAll(Arrays.asList(flags));
    return inSession(endless(output), all.toArray(String[]::new));
  }

  /** Without flags that describe a cluster. */
  private static String[] inSession(Program program, String... flags) {
    return new Program(
            List.of(flags), List.of(), program.main(), program.jar(), program.arguments())
        .words();
  }

  private Outcome millrace(String... words) throws Exception {
    try (ClientCommand command = cluster.millrace(words)) {
      return command.finish(PATIENCE);
    }
  }

  /** Attaches, and types into its standard input. */
  private void stopByHand(String id) throws Exception {
    try (ClientCommand command = cluster.yarnSession("-id", id, noted())) {
      command.awaitOutput(Pattern.compile("The session is attached"), PATIENCE);
      command.type("help");
      command.awaitOutput(Pattern.compile("stop   stops the session"), PATIENCE);
      command.type("stpo");
      command.type("stop");
      Outcome stopped = command.finish(PATIENCE);
      assertThat(stopped.exitCode()).as(stopped.toString()).isZero();
      assertThat(stopped.stderr()).contains("Unknown command 'stpo'; help lists all");
      assertThat(stopped.stdout())
          .contains("Stopping " + id)
          // Its last state is told only if the JobManager could be asked in time.
          .containsPattern("Job \\S+ \\(.*\\) is CANCEL(LING|ED)")
          .doesNotContain("YARN starts another")
          .contains("The session " + id + " has ended: stopped by its user");
    }
  }

  private static String jobIdIn(Outcome run) {
    var matcher =
        Pattern.compile("Job has been submitted with JobID ([0-9a-f]{32})").matcher(run.stdout());
    assertThat(matcher.find()).as(run.toString()).isTrue();
    return matcher.group(1);
  }

  private static void assertOneLine(Outcome outcome, String... parts) {
    assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(1);
    assertThat(outcome.stderr()).contains(parts).hasLineCount(1);
  }

  private void awaitTaskManagers(String id, int count) throws Exception {
    Await.until(
        count + " TaskManagers of " + id,
        PATIENCE,
        () -> cluster.javaProcesses(id, "YarnTaskManager").size() == count);
  }
}
