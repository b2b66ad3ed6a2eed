package io.millrace.it;

import io.millrace.api.config.Configuration;
import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import io.millrace.it.ledger.Book;
import io.millrace.it.ledger.Findings;
import io.millrace.it.ledger.LedgerJob;
import io.millrace.it.ledger.LedgerOutput;
import io.millrace.it.ledger.LedgerVerifier;
import io.millrace.yarn.YarnApplication;
import io.millrace.yarn.YarnDeployer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.hadoop.yarn.api.records.ApplicationId;

/**
 * Runs the ledger on a cluster of its own, strikes its processes again and again, lets it finish
 * and compares what it has written with what the book says.
 */
final class Soak {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int ATTEMPTS = 1_000;
  private static final String OUTPUT = "/soak/out";

  private final SoakOptions options;
  private final Cluster cluster;
  private final Book book;
  private final Map<Strike, Integer> strikes = new EnumMap<>(Strike.class);
  private final List<Paused> paused = new ArrayList<>();

  private Soak(SoakOptions options, Cluster cluster) {
    this.options = options;
    this.cluster = cluster;
    this.book = options.book();
    for (Strike strike : Strike.values()) {
      strikes.put(strike, 0);
    }
  }

  /** What may happen to a process. */
  enum Strike {
    KILL_TASK_MANAGER("YarnTaskManager", false),
    KILL_APPLICATION_MASTER("YarnJobManager", false),
    /** It stands still for a while, as in a long collection of garbage, and then goes on. */
    PAUSE_TASK_MANAGER("YarnTaskManager", true),
    PAUSE_APPLICATION_MASTER("YarnJobManager", true);

    private final String main;
    private final boolean pause;

    Strike(String main, boolean pause) {
      this.main = main;
      this.pause = pause;
    }
  }

  /**
   * A strike to come.
   *
   * @param afterNanos time from the beginning
   * @param which decides between processes
   */
  private record Planned(long afterNanos, Strike strike, int which, Duration pause) {}

  /** A process that was stopped, and when it goes on. */
  private record Paused(long pid, long untilNanos) {}

  /**
   * How it went.
   *
   * @param records of the input
   * @param running share of the time, from the first RUNNING to the end, in which the job was
   *     RUNNING as seen from outside
   * @param recoveries how often it was RUNNING again after it was not
   * @param attempts of the ApplicationMaster
   * @param complaints what is wrong; empty if nothing is
   */
  record Report(
      SoakOptions options,
      Map<Strike, Integer> strikes,
      long records,
      double running,
      int recoveries,
      int attempts,
      Duration time,
      Findings findings,
      List<String> complaints) {
    boolean passed() {
      return complaints.isEmpty();
    }

    @Override
    public String toString() {
      var text = new StringBuilder();
      text.append("seed ").append(options.seed()).append(", ").append(options.backend());
      text.append(", ").append(options.time().toSeconds()).append(" s of input, ran ");
      text.append(time.toSeconds()).append(" s; strikes ").append(strikes);
      text.append("; ").append(records).append(" records");
      text.append("; RUNNING ").append(Math.round(running * 1_000) / 10.0).append(" % of the time");
      text.append("; recoveries ").append(recoveries).append("; ApplicationMasters ");
      text.append(attempts).append("; verifier: ").append(findings);
      return text.toString();
    }
  }

  public static void main(String[] words) throws Exception {
    SoakOptions options;
    try {
      options = SoakOptions.parse(words);
    } catch (IllegalArgumentException e) {
      System.err.println("soak: " + e.getMessage() + "\nusage: scripts/soak " + SoakOptions.USAGE);
      System.exit(2);
      return;
    }
    System.exit(run(options).passed() ? 0 : 1);
  }

  /** Soaks, and tells on standard output how it went. */
  static Report run(SoakOptions options) throws Exception {
    Path directory;
    Report report;
    try (Cluster cluster =
        Cluster.start(
            HadoopVersion.BUILT_WITH, some -> some.withMaxAmAttempts(ATTEMPTS).withMemoryCheck())) {
      directory = cluster.directory();
      System.out.println("soak: cluster in " + directory);
      report = new Soak(options, cluster).run();
    }
    System.out.println("soak: " + report);
    if (report.passed()) {
      System.out.println("soak: passed");
    } else {
      report.complaints().forEach(complaint -> System.out.println("soak: " + complaint));
      System.out.println(
          "soak: FAILED; the logs of daemons and containers and the output of the command are in "
              + directory);
    }
    return report;
  }

  private Report run() throws Exception {
    Program program = program();
    System.out.println(
        "soak: yarn.resourcemanager.am.max-attempts "
            + ATTEMPTS
            + "; millrace "
            + String.join(" ", program.words()));
    try (ClientCommand command = cluster.millrace(program.words());
        YarnDeployer deployer =
            YarnDeployer.open(Configuration.EMPTY, cluster.environmentOfClients())) {
      String applicationId = command.awaitApplicationId(PATIENCE);
      String jobId = command.awaitJobId(PATIENCE);
      try (YarnApplication application = deployer.application(applicationId, false);
          var watch = new SoakWatch(application, jobId)) {
        watch.awaitRunning(PATIENCE);
        strike(applicationId, command);
        Outcome outcome = command.finish(patienceForTheEnd());
        watch.end();
        return report(applicationId, watch, outcome);
      }
    }
  }

  private Program program() throws IOException {
    Path jar = Jars.ledger(cluster.directory().resolve("ledger.jar"));
    var settings =
        new ArrayList<>(
            List.of(
                "state.backend.type=" + options.backend(),
                // Less than the state, so that the store itself is met.
                "state.backend.rocksdb.object-cache.size=32kb",
                "execution.checkpointing.interval=1s",
                "yarn.application-attempts=" + ATTEMPTS,
                "restart-strategy.exponential-delay.max-backoff=1s"));
    settings.addAll(options.settings());
    var flags = new ArrayList<>(List.of("-p", "2", "-yjm", "512", "-ytm", "768"));
    settings.forEach(setting -> flags.addAll(List.of("-D", setting)));
    return new Program(
        List.of("-m", "yarn-cluster"),
        flags,
        LedgerJob.class.getName(),
        jar,
        List.of(
            "" + book.seed(),
            "" + book.partitions(),
            "" + book.entries(),
            "" + book.perSecond(),
            "" + book.accounts(),
            OUTPUT));
  }

  /** What is still to be read at the end, and what the last strike has cost. */
  private Duration patienceForTheEnd() {
    return Duration.ofMinutes(4).plus(options.time().dividedBy(2));
  }

  // ---- strikes

  /** All strikes of the soak; times are those of events that know nothing of each other. */
  private List<Planned> plan() {
    var random = new SplittableRandom(options.seed());
    var planned = new ArrayList<Planned>();
    for (boolean pauses : new boolean[] {false, true}) {
      List<Strike> kinds =
          Stream.of(Strike.values()).filter(strike -> strike.pause == pauses).toList();
      Duration every = pauses ? options.pauseEvery() : options.strikeEvery();
      double at = 0;
      while (true) {
        at += -Math.log(1 - random.nextDouble()) * every.toNanos();
        if (at >= options.time().toNanos()) {
          break;
        }
        planned.add(
            new Planned(
                (long) at,
                kinds.get(random.nextInt(kinds.size())),
                random.nextInt(1_000),
                // Some are shorter than the heartbeat's timeout, some longer.
                Duration.ofMillis(random.nextInt(500, 12_000))));
      }
    }
    planned.sort(Comparator.comparingLong(Planned::afterNanos));
    return planned;
  }

  private void strike(String applicationId, ClientCommand command) throws Exception {
    long begin = System.nanoTime();
    for (Planned each : plan()) {
      Optional<ContainerProcess> victim = victim(each, begin, applicationId, command);
      if (victim.isEmpty()) {
        break;
      }
      ContainerProcess process = victim.get();
      if (each.strike().pause) {
        signal("-STOP", process.pid());
        paused.add(new Paused(process.pid(), System.nanoTime() + each.pause().toNanos()));
      } else {
        cluster.killHard(process);
      }
      strikes.merge(each.strike(), 1, Integer::sum);
      System.out.println(
          "soak: "
              + each.strike()
              + " "
              + process.containerId()
              + (each.strike().pause ? " for " + each.pause().toMillis() + " ms" : ""));
    }
    Await.until(
        "the last paused process to go on",
        PATIENCE,
        () -> {
          letGoOn();
          return paused.isEmpty();
        });
  }

  /** At its time, or as soon as there is a process to strike; empty if the job is over. */
  private Optional<ContainerProcess> victim(
      Planned planned, long beginNanos, String applicationId, ClientCommand command)
      throws Exception {
    return Await.value(
        "a process for " + planned.strike(),
        options.time().plus(PATIENCE),
        () -> {
          letGoOn();
          if (!command.isRunning()) {
            return Optional.of(Optional.<ContainerProcess>empty());
          }
          if (System.nanoTime() - beginNanos < planned.afterNanos()) {
            return Optional.empty();
          }
          List<ContainerProcess> processes =
              cluster.javaProcesses(applicationId, planned.strike().main);
          return processes.isEmpty()
              ? Optional.empty()
              : Optional.of(Optional.of(processes.get(planned.which() % processes.size())));
        });
  }

  private void letGoOn() throws Exception {
    for (Paused each : List.copyOf(paused)) {
      if (System.nanoTime() - each.untilNanos() >= 0) {
        signal("-CONT", each.pid());
        paused.remove(each);
      }
    }
  }

  /** Does nothing if the process has ended. */
  private static void signal(String name, long pid) throws Exception {
    new ProcessBuilder("kill", name, Long.toString(pid))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  // ---- the end

  private Report report(String applicationId, SoakWatch watch, Outcome outcome) throws Exception {
    var complaints = new ArrayList<String>();
    if (outcome.exitCode() != 0) {
      complaints.add("the job did not finish: " + outcome);
    }
    Findings findings = LedgerVerifier.verify(book, output());
    if (!findings.none()) {
      complaints.add("the verifier found " + findings);
      complaints.addAll(findings.first());
    }
    if (outcome.exitCode() == 0) {
      complaints.addAll(leftovers(applicationId));
    }
    int attempts =
        cluster.yarn().getApplicationAttempts(ApplicationId.fromString(applicationId)).size();
    return new Report(
        options,
        strikes,
        book.partitions() * book.entries(),
        watch.runningShare(),
        watch.recoveries(),
        attempts,
        watch.time(),
        findings,
        complaints);
  }

  private List<String> leftovers(String applicationId) throws Exception {
    var complaints = new ArrayList<String>();
    try {
      cluster.awaitNoProcess(applicationId, PATIENCE);
    } catch (AssertionError e) {
      complaints.add("processes are left: " + cluster.processes(applicationId));
    }
    if (cluster.hdfs().exists(Leftovers.staging(cluster, applicationId))) {
      complaints.add("the staging directory is left");
    }
    for (String name : LedgerJob.OUTPUTS) {
      String directory = OUTPUT + "/" + name;
      if (!cluster.hdfs().exists(directory + "/_SUCCESS")) {
        complaints.add(directory + " has no _SUCCESS");
      }
      List<String> pending = cluster.hdfs().allFiles(directory + "/_millrace");
      if (!pending.isEmpty()) {
        complaints.add("output still waits: " + pending);
      }
    }
    return complaints;
  }

  private LedgerOutput output() {
    return new LedgerOutput() {
      @Override
      public List<String> files(String name) throws IOException {
        return cluster.hdfs().visibleFiles(OUTPUT + "/" + name);
      }

      @Override
      public BufferedReader open(String file) throws IOException {
        return new BufferedReader(
            new InputStreamReader(
                cluster.hdfs().fileSystem().open(new org.apache.hadoop.fs.Path(file)),
                StandardCharsets.UTF_8));
      }
    };
  }
}
