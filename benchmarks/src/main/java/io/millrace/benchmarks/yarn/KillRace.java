package io.millrace.benchmarks.yarn;

import io.millrace.benchmarks.workloads.Conditions;
import io.millrace.benchmarks.workloads.Figures;
import io.millrace.benchmarks.workloads.Journal;
import io.millrace.benchmarks.workloads.Journal.Entry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.yarn.api.records.ApplicationId;

/**
 * Kills processes of one job after the other with {@code kill -9}, once all of its state is in a
 * checkpoint, and waits for records and for commits.
 *
 * @param engines labels of those that take part; all if empty
 * @param kills of each kind of process
 * @param payload bytes of state under each key
 * @param rate records per second
 * @param results the folder of the file
 * @param logs new folder in which everything that the cluster writes stays; without one it goes
 */
public record KillRace(
    Path root,
    List<String> engines,
    long kills,
    long keys,
    long payload,
    long rate,
    long heartbeatMillis,
    Path results,
    Optional<Path> logs) {
  /** Below the root of the repository. */
  public static final String RESULTS = "benchmarks/results/kill";

  static final String WORKLOAD = "kill";
  static final String TASK_MANAGER = "TaskManager";
  static final String JOB_MANAGER = "JobManager";

  private static final Duration PATIENCE = Duration.ofMinutes(15);

  /** Between two kills: by then the next TaskManager in reserve is there, and has practised. */
  private static final int COMMITS = 15;

  /**
   * @return whether all jobs came back each time
   */
  public boolean run() throws Exception {
    boolean right = true;
    Files.createDirectories(results);
    Path file = results.resolve("heartbeat-" + heartbeatMillis + ".jsonl");
    Files.writeString(file, conditions().json() + "\n");
    try (YarnCluster cluster = YarnCluster.start(root, logs, heartbeatMillis)) {
      String name = LargeState.class.getSimpleName();
      var contenders = new ArrayList<Contender>();
      contenders.addAll(MillraceCommands.withState(root, cluster, name));
      contenders.addAll(FlinkCommands.withState(root, cluster, name));
      contenders.removeIf(contender -> !engines.isEmpty() && !engines.contains(contender.label()));
      for (Contender contender : contenders) {
        try {
          strike(cluster, contender, file);
        } catch (IOException e) {
          right = false;
          cluster.keep();
          System.err.println(contender.label() + " failed: " + e.getMessage());
        }
      }
    }
    return right;
  }

  private Figures conditions() throws IOException, InterruptedException {
    return Conditions.of(
            root,
            WORKLOAD,
            "scripts/bench kill"
                + (engines.isEmpty() ? "" : " --engines " + String.join(",", engines))
                + " --kills "
                + kills
                + " --keys "
                + keys
                + " --payload "
                + payload
                + " --rate "
                + rate
                + " --heartbeat "
                + heartbeatMillis)
        .number("heartbeat_ms", heartbeatMillis)
        .text("flink", FlinkCommands.version(root));
  }

  private void strike(YarnCluster cluster, Contender contender, Path file) throws Exception {
    String name = cluster.directory().resolve(contender.label()).toString();
    var journal = new Journal(name + ".journal");
    Command command =
        contender.start(
            Path.of(name + ".out"),
            PATIENCE,
            Long.toString(keys),
            Long.toString(payload),
            Long.toString(rate),
            journal.file());
    command.until(() -> !journal.commits().isEmpty());
    ApplicationId application = cluster.newApplication();
    try {
      command.until(() -> last(journal).number() > keys + rate);
      for (String victim : victims(contender)) {
        for (long kill = 0; kill < kills; kill++) {
          int commits = journal.commits().size();
          command.until(() -> journal.commits().size() >= commits + COMMITS);
          String line = kill(cluster, application, contender, victim, journal, command).json();
          System.out.println(line);
          Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
        }
      }
    } finally {
      cluster.kill(application);
      command.process().destroy();
    }
  }

  /** Without a ZooKeeper Flink's job starts anew from nothing when its JobManager dies. */
  private static List<String> victims(Contender contender) {
    return contender.label().equals(MillraceCommands.PER_JOB)
        ? List.of(TASK_MANAGER, JOB_MANAGER)
        : List.of(TASK_MANAGER);
  }

  private static Entry last(Journal journal) throws IOException {
    List<Entry> commits = journal.commits();
    return commits.get(commits.size() - 1);
  }

  private Figures kill(
      YarnCluster cluster,
      ApplicationId application,
      Contender contender,
      String victim,
      Journal journal,
      Command command)
      throws Exception {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    boolean taskManager = victim.equals(TASK_MANAGER);
    List<Entry> writers = journal.writers();
    int before = writers.size();
    long writer = writers.get(before - 1).process();
    ProcessHandle process =
        (taskManager ? ProcessHandle.of(writer) : cluster.jobManager(application))
            .orElseThrow(() -> new IOException("no process of the " + victim));
    long committed = last(journal).number();
    long killed = System.currentTimeMillis();
    process.destroyForcibly();
    if (taskManager) {
      command.until(() -> journal.writers().size() > before);
    }
    // Whose tasks run on has no new writer. What a dead one has written may still be committed.
    long from = taskManager ? journal.writers().get(before).millis() : killed;
    command.until(() -> committedSince(journal, from, committed).isPresent());
    return new Figures()
        .text("workload", WORKLOAD)
        .text("engine", contender.label())
        .text("victim", victim)
        .number("written_ms", from - killed)
        .number("committed_ms", committedSince(journal, from, committed).get().millis() - killed)
        .number("load", load);
  }

  private static Optional<Entry> committedSince(Journal journal, long millis, long number)
      throws IOException {
    return journal.commits().stream()
        .filter(commit -> commit.millis() >= millis && commit.number() > number)
        .findFirst();
  }
}
