package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.yarn.YarnApplication;
import io.millrace.yarn.YarnDeployer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;

/**
 * A running {@code SequenceCount}: its command, its processes, what it has made durable and what it
 * has shown.
 */
final class SequenceJob implements AutoCloseable {
  static final int KEYS = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Cluster cluster;
  private final String output;
  private final ClientCommand command;
  private final String applicationId;
  private final String jobId;
  private final JobDirectoryView durable;
  private final YarnDeployer deployer;
  private final YarnApplication application;

  private SequenceJob(Cluster cluster, String applicationId, String output, ClientCommand command)
      throws Exception {
    this.cluster = cluster;
    this.output = output;
    this.command = command;
    this.applicationId = applicationId;
    this.jobId = command.awaitJobId(PATIENCE);
    this.durable = new JobDirectoryView(cluster.hdfs(), jobId);
    this.deployer = YarnDeployer.open(Configuration.EMPTY, cluster.environmentOfClients());
    this.application = deployer.application(applicationId, false);
  }

  /**
   * @param program writes to {@code output}
   */
  static SequenceJob start(Cluster cluster, String output, Program program) throws Exception {
    ClientCommand command = cluster.millrace(program.words());
    try {
      return new SequenceJob(cluster, command.awaitApplicationId(PATIENCE), output, command);
    } catch (Exception | Error e) {
      command.close();
      throw e;
    }
  }

  /**
   * @param words run it in that session
   */
  static SequenceJob startInSession(Cluster cluster, String session, String output, String... words)
      throws Exception {
    ClientCommand command = cluster.millrace(words);
    try {
      return new SequenceJob(cluster, session, output, command);
    } catch (Exception | Error e) {
      command.close();
      throw e;
    }
  }

  String applicationId() {
    return applicationId;
  }

  String jobId() {
    return jobId;
  }

  ClientCommand command() {
    return command;
  }

  JobDirectoryView durable() {
    return durable;
  }

  // ---- what it is doing

  /** What the JobManager says; empty as long as there is none. */
  Optional<JobDetails> details() throws InterruptedException {
    try {
      if (!application.situation().reachable()) {
        return Optional.empty();
      }
      return Optional.of(application.client().job(Optional.of(new JobId(jobId)), 0));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  void awaitRunning() throws Exception {
    awaitProgress("the job to be RUNNING", this::isRunning);
  }

  private boolean isRunning() throws InterruptedException {
    return details().filter(d -> d.summary().status() == JobStatus.RUNNING).isPresent();
  }

  /** Waits for two more completed checkpoints than now and one more visible file. */
  void awaitTwoCheckpointsAndAFile() throws Exception {
    long before = durable.newestCheckpoint();
    int files = cluster.hdfs().visibleFiles(output).size();
    awaitProgress(
        "two more checkpoints than " + before + " and more than " + files + " files",
        () ->
            durable.newestCheckpoint() >= before + 2
                && cluster.hdfs().visibleFiles(output).size() > files);
  }

  /** Waits for a newer checkpoint than now which holds records on their way between the two. */
  void awaitRecordsInFlight(String from, String to) throws Exception {
    long before = durable.newestCheckpoint();
    awaitProgress(
        "a checkpoint with records in flight from " + from + " to " + to,
        () -> durable.newestCheckpoint() > before && durable.inFlight(from, to));
  }

  /** Fails at once, with all that is known, if the application has ended. */
  private void awaitProgress(String what, java.util.concurrent.Callable<Boolean> condition)
      throws Exception {
    Await.until(
        what + " of " + applicationId + "; its output is in " + cluster.directory(),
        PATIENCE,
        () -> {
          if (!command.isRunning()) {
            throw new AssertionError(
                "ended while waiting for " + what + ": " + command.finish(Duration.ZERO));
          }
          return condition.call();
        });
  }

  // ---- kills

  /** Which processes to kill. */
  enum Victim {
    TASK_MANAGER,
    JOB_MANAGER,
    BOTH
  }

  /**
   * How long it took from a kill until there was a JobManager again, if that was killed alone, or
   * else until the job was RUNNING; and until it showed a new file.
   */
  record Recovery(Victim victim, long backMillis, long fileMillis) {
    @Override
    public String toString() {
      return victim
          + (victim == Victim.JOB_MANAGER ? ": another one after " : ": RUNNING after ")
          + backMillis
          + " ms, next file after "
          + fileMillis
          + " ms";
    }
  }

  /** Kills without warning and waits until the job goes on. */
  Recovery killAndAwaitRecovery(Victim victim) throws Exception {
    return victim == Victim.JOB_MANAGER ? killAndAwaitAdoption() : killAndAwaitRestart(victim);
  }

  /** Only the JobManager dies: the very same tasks go on, and nothing is deployed anew. */
  private Recovery killAndAwaitAdoption() throws Exception {
    awaitTwoCheckpointsAndAFile();
    int generation = generation();
    int attempt = durable.newestManifest().orElseThrow().epoch().attempt();
    List<ContainerProcess> workers = cluster.javaProcesses(applicationId, "YarnTaskManager");
    String address = application.situation().jobManager();
    long start = System.nanoTime();
    victims(Victim.JOB_MANAGER).forEach(cluster::killHard);

    // Not asked itself: whoever asks one that is dead waits for an answer for a while.
    awaitProgress("another JobManager than at " + address, () -> isElsewhere(address));
    long back = millisSince(start);
    List<String> shown = cluster.hdfs().visibleFiles(output);
    awaitProgress(
        "a checkpoint and a file of it",
        () ->
            durable.newestManifest().filter(m -> m.epoch().attempt() > attempt).isPresent()
                && cluster.hdfs().visibleFiles(output).size() > shown.size());
    long file = millisSince(start);
    awaitRunning();

    assertThat(generation()).as("the tasks' generation").isEqualTo(generation);
    assertThat(cluster.javaProcesses(applicationId, "YarnTaskManager")).isEqualTo(workers);
    return new Recovery(Victim.JOB_MANAGER, back, file);
  }

  private boolean isElsewhere(String address) throws IOException {
    Situation situation = application.situation();
    return situation.reachable() && !situation.jobManager().equals(address);
  }

  /** The job starts anew from a checkpoint. */
  private Recovery killAndAwaitRestart(Victim victim) throws Exception {
    awaitTwoCheckpointsAndAFile();
    int generation = generation();
    long checkpoint = durable.newestCheckpoint();
    List<ContainerProcess> victims = victims(victim);
    long start = System.nanoTime();
    victims.forEach(cluster::killHard);
    List<String> shown = cluster.hdfs().visibleFiles(output);

    awaitProgress("a deployment after " + generation, () -> generation() > generation);
    DeploymentRecord deployment = durable.newestDeployment().orElseThrow();
    awaitProgress("the job to be RUNNING again", this::isRunning);
    long running = millisSince(start);
    awaitProgress("a new file", () -> newFileOf(generation, shown));
    long file = millisSince(start);

    assertThat(deployment.restoredManifest()).contains("manifest-");
    assertThat(numberAtEnd(deployment.restoredManifest())).isGreaterThanOrEqualTo(checkpoint);
    return new Recovery(victim, running, file);
  }

  private boolean newFileOf(int generation, List<String> shown) throws IOException {
    // What the checkpoint before the kill promised appears first; that is not progress.
    return durable.newestCheckpoint() > 0
        && generation() > generation
        && cluster.hdfs().visibleFiles(output).size() > shown.size();
  }

  int generation() throws IOException {
    return durable.newestDeployment().map(DeploymentRecord::generation).orElse(-1);
  }

  private List<ContainerProcess> victims(Victim victim) {
    var victims = new ArrayList<ContainerProcess>();
    if (victim != Victim.JOB_MANAGER) {
      victims.add(oneOf(cluster.javaProcesses(applicationId, "YarnTaskManager")));
    }
    if (victim != Victim.TASK_MANAGER) {
      victims.add(oneOf(cluster.javaProcesses(applicationId, "YarnJobManager")));
    }
    return victims;
  }

  private static ContainerProcess oneOf(List<ContainerProcess> processes) {
    assertThat(processes).isNotEmpty();
    return processes.get(processes.size() - 1);
  }

  private static long numberAtEnd(String name) {
    return Long.parseLong(name.substring(name.lastIndexOf('-') + 1));
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }

  // ---- what it has shown

  /**
   * Compares all visible lines with what the program must write: of the numbers that each of {@code
   * parallelism} readers deals out, a beginning without gap and without repetition, each with its
   * exact count.
   *
   * @return how many lines there are
   */
  static int assertExactBeginning(List<String> lines, int parallelism) {
    List<List<Long>> lanes = new ArrayList<>();
    for (int i = 0; i < parallelism; i++) {
      lanes.add(new ArrayList<>());
    }
    for (String line : lines) {
      long number = Long.parseLong(line.substring(0, line.indexOf(' ')));
      assertThat(line).isEqualTo(line(number));
      lanes.get((int) (number % parallelism)).add(number);
    }
    for (int lane = 0; lane < parallelism; lane++) {
      List<Long> numbers = lanes.get(lane);
      numbers.sort(null);
      var expected = new ArrayList<Long>();
      for (int i = 0; i < numbers.size(); i++) {
        expected.add((long) lane + (long) i * parallelism);
      }
      assertThat(numbers).isEqualTo(expected);
    }
    return lines.size();
  }

  /**
   * Waits until it is over, and looks at what it has left: all that it promised, and nothing else.
   *
   * @param parallelism of its readers
   */
  void assertCancelled(int parallelism) throws Exception {
    assertThat(cluster.awaitEnd(applicationId, PATIENCE)).isEqualTo(FinalApplicationStatus.KILLED);
    Leftovers.assertNone(cluster, applicationId, output);
    assertPromisedIsThere(cluster.hdfs(), durable, output);
    assertThat(assertExactBeginning(cluster.hdfs().lines(output), parallelism)).isPositive();
  }

  /** The names of the files stand in the committables of the newest checkpoint. */
  static void assertPromisedIsThere(Hdfs hdfs, JobDirectoryView durable, String output)
      throws Exception {
    Manifest manifest = durable.newestManifest().orElseThrow();
    var promised = new ArrayList<String>();
    manifest
        .states()
        .forEach(
            state ->
                state
                    .committables()
                    .forEach(
                        committable -> {
                          Matcher part =
                              Pattern.compile("part-[A-Za-z0-9_-]+")
                                  .matcher(
                                      new String(committable.bytes(), StandardCharsets.ISO_8859_1));
                          while (part.find()) {
                            promised.add(part.group());
                          }
                        }));
    assertThat(promised).isNotEmpty();
    assertThat(
            hdfs.visibleFiles(output).stream()
                .map(path -> path.substring(path.lastIndexOf('/') + 1)))
        .containsAll(promised);
  }

  /** All lines of a job that read numbers up to {@code count}, sorted as text. */
  static List<String> allLines(long count) {
    var lines = new ArrayList<String>();
    for (long number = 0; number < count; number++) {
      lines.add(line(number));
    }
    lines.sort(null);
    return lines;
  }

  private static String line(long number) {
    return number + " " + number % KEYS + " " + (number / KEYS + 1);
  }

  @Override
  public void close() {
    command.close();
    application.close();
    deployer.close();
  }
}
