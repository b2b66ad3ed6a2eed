package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Ends that nobody of ours attends: what is left behind is settled by whoever comes next. */
@Tag("cluster")
@ExtendWith(SharedCluster.class)
class SettlingIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /** More than a job of these tests reads before it is killed. */
  private static final int COUNT = 20_000;

  private final Cluster cluster;
  private final Hdfs hdfs;

  @TempDir Path scratch;

  SettlingIT(Cluster cluster) {
    this.cluster = cluster;
    this.hdfs = cluster.hdfs();
  }

  /** Two of them, side by side. Also tests that the checkpoint which is kept can be continued. */
  @Test
  void anApplicationThatYarnKilledIsSettledByCleanOrTheNextRunOfTheSameUser() throws Exception {
    JobDirectoryView cleaned;
    String toClean;
    String other;
    String checkpoint;
    try (SequenceJob one = start("/settle/clean");
        SequenceJob two = start("/settle/next")) {
      killByYarn(one, two);
      toClean = one.applicationId();
      cleaned = one.durable();
      other = two.applicationId();
      checkpoint = two.durable().newestCheckpointUri();
    }

    Outcome clean = millrace("clean", "-yid", toClean);

    assertThat(clean.exitCode()).as(clean.toString()).isZero();
    Leftovers.assertNone(cluster, toClean, "/settle/clean");
    assertThat(SequenceJob.assertExactBeginning(hdfs.lines("/settle/clean"), 1)).isPositive();
    assertThat(cleaned.newestCheckpoint()).isPositive();

    Outcome again = millrace("clean", "-yid", toClean);
    assertThat(again.exitCode()).as(again.toString()).isZero();

    assertThat(hdfs.exists(Leftovers.staging(cluster, other))).as("not asked for").isTrue();
    hdfs.write("/settle/in", "to be or not to be\n");

    Outcome next = millrace(Program.wordCount("/settle/in", "/settle/counts").words());

    assertThat(next.exitCode()).as(next.toString()).isZero();
    assertThat(hdfs.lines("/settle/counts"))
        .containsExactlyInAnyOrder("2 to", "2 be", "1 or", "1 not");
    Leftovers.assertNone(cluster, other, "/settle/next");
    assertThat(SequenceJob.assertExactBeginning(hdfs.lines("/settle/next"), 1)).isPositive();

    Outcome resumed =
        millrace(
            Program.sequenceCount("/settle/next")
                .quick()
                .with("--rate", "5000", "--count", "" + COUNT)
                .flags("-s", checkpoint)
                .words());
    assertThat(resumed.exitCode()).as(resumed.toString()).isZero();
    List<String> lines = hdfs.lines("/settle/next");
    lines.sort(null);
    assertThat(lines).isEqualTo(SequenceJob.allLines(COUNT));
  }

  @Test
  void aJobGoesOnFromTheSavepointThatItWasStoppedWith() throws Exception {
    String output = "/settle/stop";
    String state = "-Dexecution.checkpointing.inline-threshold=0";
    Program program = Program.sequenceCount(output).quick().with("--count", "" + COUNT);
    Outcome stop;
    try (SequenceJob job =
        SequenceJob.start(cluster, output, program.with("--rate", "500").flags(state))) {
      job.awaitRunning();
      job.awaitTwoCheckpointsAndAFile();
      Outcome taken = millrace("savepoint", job.jobId(), "/settle/savepoints");
      assertThat(taken.exitCode()).as(taken.toString()).isZero();
      assertThat(taken.stdout()).contains("Triggering savepoint for job " + job.jobId() + ".");

      Outcome foreign = millrace("savepoint", job.jobId(), "s3a://bucket/savepoints");
      assertThat(foreign.exitCode()).as(foreign.toString()).isEqualTo(1);
      assertThat(foreign.stderr()).contains("s3a").hasLineCount(1);

      stop = millrace("stop", "-p", "/settle/savepoints", job.jobId());
      assertThat(stop.exitCode()).as(stop.toString()).isZero();
      assertThat(cluster.awaitEnd(job.applicationId(), PATIENCE))
          .isEqualTo(FinalApplicationStatus.SUCCEEDED);
      Leftovers.assertNothingPending(cluster, output);
    }
    assertThat(hdfs.exists(output + "/_SUCCESS")).isFalse();
    assertThat(SequenceJob.assertExactBeginning(hdfs.lines(output), 1)).isLessThan(COUNT);
    var path = Pattern.compile("Savepoint completed. Path: (hdfs:\\S+)").matcher(stop.stdout());
    assertThat(path.find()).as(stop.toString()).isTrue();

    Outcome resumed = millrace(program.with("--rate", "5000").flags("-s", path.group(1)).words());
    assertThat(resumed.exitCode()).as(resumed.toString()).isZero();
    List<String> lines = hdfs.lines(output);
    lines.sort(null);
    assertThat(lines).isEqualTo(SequenceJob.allLines(COUNT));
  }

  private SequenceJob start(String output) throws Exception {
    return SequenceJob.start(
        cluster,
        output,
        Program.sequenceCount(output).quick().with("--rate", "500", "--count", "" + COUNT));
  }

  private void killByYarn(SequenceJob... jobs) throws Exception {
    for (SequenceJob job : jobs) {
      job.awaitRunning();
      job.awaitTwoCheckpointsAndAFile();
    }
    for (SequenceJob job : jobs) {
      cluster.kill(job.applicationId());
    }
    for (SequenceJob job : jobs) {
      assertThat(cluster.awaitEnd(job.applicationId(), PATIENCE))
          .isEqualTo(FinalApplicationStatus.KILLED);
      cluster.awaitNoProcess(job.applicationId(), PATIENCE);
      Outcome run = job.command().finish(PATIENCE);
      assertThat(run.exitCode()).as(run.toString()).isEqualTo(1);
    }
  }

  /** Something large to ship keeps the upload going while the client is killed. */
  @Test
  @Tag("long")
  void aClientThatIsKilledDuringTheUploadStartsNothing() throws Exception {
    Path large = Files.write(scratch.resolve("large.bin"), new byte[150_000_000]);
    Program program =
        Program.sequenceCount("/settle/upload")
            .with("--rate", "100")
            .flags("-yt", large.toString(), "-ynm", "during upload");
    String staging = hdfs.home() + "/.millrace";
    List<String> before = applicationsStaged(staging);
    String left;
    try (ClientCommand command = cluster.millrace(program.words())) {
      left =
          Await.value(
              "a staging directory",
              PATIENCE,
              () ->
                  applicationsStaged(staging).stream()
                      .filter(name -> !before.contains(name))
                      .findFirst());
      command.killHard();
    }

    assertThat(named("during upload")).isEmpty();
    assertThat(hdfs.exists("/settle/upload")).isFalse();
    // They may belong to a client that is still uploading, unless they are old.
    long old = System.currentTimeMillis() - Duration.ofDays(2).toMillis();
    var directory = new org.apache.hadoop.fs.Path(staging + "/" + left);
    hdfs.fileSystem().setTimes(directory, old, old);
    for (String partial : brokenUploads(staging)) {
      hdfs.fileSystem().setTimes(new org.apache.hadoop.fs.Path(partial), old, old);
    }

    hdfs.write("/settle/in", "to be or not to be\n");
    Outcome next = millrace(Program.wordCount("/settle/in", "/settle/after").words());

    assertThat(next.exitCode()).as(next.toString()).isZero();
    assertThat(hdfs.fileSystem().exists(directory)).isFalse();
    assertThat(brokenUploads(staging)).isEmpty();
  }

  @Test
  @Tag("long")
  void aClientThatIsKilledAfterTheSubmissionLeavesARunningJob() throws Exception {
    Program program =
        Program.sequenceCount("/settle/submitted")
            .quick()
            .with("--rate", "500")
            .flags("-ynm", "after submission");
    ApplicationReport report;
    try (ClientCommand command = cluster.millrace(program.words())) {
      report =
          Await.value(
              "the application", PATIENCE, () -> named("after submission").stream().findFirst());
      command.killHard();
    }
    String application = report.getApplicationId().toString();
    Await.until(
        "the job to show a file",
        PATIENCE,
        () -> !hdfs.visibleFiles("/settle/submitted").isEmpty());
    assertThat(cluster.report(application).getYarnApplicationState())
        .isEqualTo(YarnApplicationState.RUNNING);

    Outcome list = millrace("list", "-yid", application);
    String job =
        list.stdout()
            .lines()
            .filter(line -> line.endsWith("(RUNNING)"))
            .map(line -> line.split(" : ")[1])
            .collect(Collectors.joining());
    Outcome cancel = millrace("cancel", "-yid", application, job);

    assertThat(cancel.exitCode()).as(cancel + "\n" + list).isZero();
    Leftovers.assertNone(cluster, application, "/settle/submitted");
  }

  /** As row 9 of the list of faults has it: either no application, or one that runs. */
  @Test
  void aClientThatIsKilledBetweenUploadAndSubmissionLeavesAllOrNothing() throws Exception {
    Program program =
        Program.sequenceCount("/settle/between")
            .quick()
            .with("--rate", "500")
            .flags("-ynm", "in between");
    String staging = hdfs.home() + "/.millrace";
    List<String> before = applicationsStaged(staging);
    String left;
    try (ClientCommand command = cluster.millrace(program.words())) {
      left =
          Await.closely(
              "the last file of the upload",
              PATIENCE,
              () -> {
                for (String name : applicationsStaged(staging)) {
                  if (!before.contains(name) && hdfs.exists(staging + "/" + name + "/client-key")) {
                    return Optional.of(name);
                  }
                }
                return Optional.empty();
              });
      command.killHard();
    }
    Optional<ApplicationReport> report = named("in between").stream().findFirst();
    if (report.isPresent()) {
      Await.until(
          "the job to show a file",
          PATIENCE,
          () -> !hdfs.visibleFiles("/settle/between").isEmpty());
      cluster.kill(report.get().getApplicationId().toString());
      cluster.awaitEnd(report.get().getApplicationId().toString(), PATIENCE);
      Outcome clean = millrace("clean", "/settle/between");
      assertThat(clean.exitCode()).as(clean.toString()).isZero();
      Leftovers.assertNone(cluster, report.get().getApplicationId().toString(), "/settle/between");
      SequenceJob.assertExactBeginning(hdfs.lines("/settle/between"), 1);
    } else {
      assertThat(hdfs.exists("/settle/between")).isFalse();
      // Otherwise whatever runs ten minutes from now would find it dead and say so.
      Outcome clean = millrace("clean", "-yid", left, "--force");
      assertThat(clean.exitCode()).as(clean.toString()).isZero();
      Leftovers.assertNoStaging(cluster, left);
      assertThat(hdfs.exists("/settle/between")).isFalse();
    }
  }

  // ---- words

  private List<String> applicationsStaged(String staging) throws Exception {
    var folder = new org.apache.hadoop.fs.Path(staging);
    if (!hdfs.fileSystem().exists(folder)) {
      return List.of();
    }
    return java.util.Arrays.stream(hdfs.fileSystem().listStatus(folder))
        .filter(FileStatus::isDirectory)
        .map(status -> status.getPath().getName())
        .filter(name -> name.startsWith("application_"))
        .toList();
  }

  private List<String> brokenUploads(String staging) throws Exception {
    return hdfs.allFiles(staging + "/jars").stream()
        .filter(file -> file.contains(".upload-"))
        .toList();
  }

  private List<ApplicationReport> named(String name) throws Exception {
    return cluster.applications().stream().filter(app -> app.getName().equals(name)).toList();
  }

  private Outcome millrace(String... words) throws Exception {
    try (ClientCommand command = cluster.millrace(words)) {
      return command.finish(PATIENCE);
    }
  }
}
