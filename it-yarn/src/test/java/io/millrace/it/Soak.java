package io.millrace.it;

import io.millrace.api.config.Configuration;
import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.SoakStrikes.Gaps;
import io.millrace.it.SoakStrikes.Strike;
import io.millrace.it.ledger.Book;
import io.millrace.it.ledger.Findings;
import io.millrace.it.ledger.LedgerJob;
import io.millrace.it.ledger.LedgerOutput;
import io.millrace.it.ledger.LedgerVerifier;
import io.millrace.it.ledger.WriteTimes;
import io.millrace.yarn.YarnApplication;
import io.millrace.yarn.YarnDeployer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.yarn.api.records.ApplicationId;

/**
 * Runs the ledger on a cluster of its own, strikes its processes again and again, lets it finish
 * and compares what it has written with what the book says.
 */
final class Soak {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int ATTEMPTS = 1_000;
  private static final Pattern SAVEPOINT = Pattern.compile("Savepoint completed. Path: (\\S+)");
  private static final Pattern GOES_ON = Pattern.compile("run -s (\\S+)");
  private static final String OUTPUT = "/soak/out";

  private final SoakOptions options;
  private final Cluster cluster;
  private final Book book;
  private final List<SoakWatch> watches = new ArrayList<>();
  private int attempts;

  private Soak(SoakOptions options, Cluster cluster) {
    this.options = options;
    this.cluster = cluster;
    this.book = options.book();
  }

  /**
   * How it went.
   *
   * @param gaps for how long a subtask of the sink got no record, per kind of strike
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
      Map<Strike, Gaps> gaps,
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

    /** Whether there was as much of everything as there should be. */
    String amounts() {
      long hit = strikes.values().stream().mapToLong(Integer::longValue).sum();
      boolean enough =
          hit >= options.strikesWanted() && findings.lines() >= options.recordsWanted();
      return String.format(
          Locale.ROOT,
          "%,d strikes of %,d wanted, %,d records written of %,d wanted: %s",
          hit,
          options.strikesWanted(),
          findings.lines(),
          options.recordsWanted(),
          enough ? "reached" : "NOT reached");
    }

    @Override
    public String toString() {
      var text = new StringBuilder();
      text.append("seed ").append(options.seed()).append(", ").append(options.mode());
      text.append(", ").append(options.backend());
      text.append(", ").append(options.time().toSeconds()).append(" s of input, ran ");
      text.append(time.toSeconds()).append(" s; strikes ").append(strikes);
      text.append("; ").append(records).append(" records");
      text.append("; RUNNING ").append(Math.round(running * 1_000) / 10.0).append(" % of the time");
      text.append("; recoveries ").append(recoveries).append("; ApplicationMasters ");
      text.append(attempts).append("; longest gap between records at the sink ").append(gaps);
      text.append("; verifier: ").append(findings);
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
            HadoopVersion.BUILT_WITH,
            some ->
                (options.yarnDefaults() ? some : some.withMaxAmAttempts(ATTEMPTS))
                    .withMemoryCheck())) {
      directory = cluster.directory();
      System.out.println("soak: cluster in " + directory);
      try {
        report = new Soak(options, cluster).run();
      } catch (Exception | Error e) {
        System.out.println("soak: FAILED; the logs are in " + directory);
        throw e;
      }
    }
    System.out.println("soak: " + report);
    if (report.passed()) {
      System.out.println("soak: passed; " + report.amounts());
    } else {
      report.complaints().forEach(complaint -> System.out.println("soak: " + complaint));
      System.out.println(
          "soak: FAILED; the logs of daemons and containers, the output of the commands and that of the job are in "
              + directory);
    }
    return report;
  }

  private Report run() throws Exception {
    try (YarnDeployer deployer =
        YarnDeployer.open(Configuration.EMPTY, cluster.environmentOfClients())) {
      var strikes = new SoakStrikes(options, cluster);
      var complaints = new ArrayList<String>();
      Program program = program(2, options.backend());
      if (options.resume()) {
        String other = options.backend().equals("rocksdb") ? "hashmap" : "rocksdb";
        Duration half = options.time().dividedBy(2);
        Optional<String> savepoint = phase(deployer, program(2, other), strikes, half, complaints);
        if (savepoint.isPresent()) {
          Program more = program(4, options.backend()).flags("-s", savepoint.get());
          phase(deployer, more, strikes, options.time(), complaints);
        }
      } else if (options.yarnDefaults()) {
        Optional<String> checkpoints = toTheLastAttempt(deployer, program, strikes, complaints);
        if (checkpoints.isPresent()) {
          Program rest = program.flags("-s", checkpoints.get());
          phase(deployer, rest, strikes, options.time(), complaints);
        }
      } else {
        phase(deployer, program, strikes, options.time(), complaints);
      }
      return report(strikes, complaints);
    }
  }

  /**
   * Runs the job until that much time has passed since the beginning, then to the end of its input,
   * or to a savepoint if that is before the end of the soak.
   */
  private Optional<String> phase(
      YarnDeployer deployer,
      Program program,
      SoakStrikes strikes,
      Duration until,
      List<String> complaints)
      throws Exception {
    tell(program);
    Optional<String> savepoint = Optional.empty();
    try (ClientCommand command = cluster.millrace(program.words())) {
      String applicationId = command.awaitApplicationId(PATIENCE);
      String jobId = command.awaitJobId(PATIENCE);
      try (YarnApplication application = deployer.application(applicationId, false);
          var watch = new SoakWatch(application, jobId)) {
        watch.awaitRunning(PATIENCE);
        strikes.strike(until, applicationId, command);
        if (until.compareTo(options.time()) < 0) {
          savepoint = stop(applicationId, jobId, complaints);
        }
        Outcome outcome = end(command, watch, applicationId);
        if (outcome.exitCode() == 0) {
          complaints.addAll(leftovers(applicationId));
        } else {
          complaints.add("the job did not finish: " + outcome);
        }
      }
    }
    return savepoint;
  }

  /**
   * Runs the job until no ApplicationMaster of it is started any more.
   *
   * @return what the client says that it goes on from
   */
  private Optional<String> toTheLastAttempt(
      YarnDeployer deployer, Program program, SoakStrikes strikes, List<String> complaints)
      throws Exception {
    tell(program);
    try (ClientCommand command = cluster.millrace(program.words())) {
      String applicationId = command.awaitApplicationId(PATIENCE);
      String jobId = command.awaitJobId(PATIENCE);
      try (YarnApplication application = deployer.application(applicationId, false);
          var watch = new SoakWatch(application, jobId)) {
        watch.awaitRunning(PATIENCE);
        // An earlier end would leave nothing that the client could name to go on from.
        var durable = new JobDirectoryView(cluster.hdfs(), jobId);
        Await.until("a checkpoint", PATIENCE, () -> durable.newestCheckpoint() > 0);
        strikes.strikeToTheEnd(applicationId, command);
        Outcome outcome = end(command, watch, applicationId);
        System.out.println("soak: the job ended: " + outcome);
        Matcher checkpoints = GOES_ON.matcher(outcome.stderr());
        if (outcome.exitCode() == 1 && checkpoints.find()) {
          return Optional.of(checkpoints.group(1));
        }
        complaints.add("the end did not come, or says not what to go on from: " + outcome);
        return Optional.empty();
      }
    }
  }

  private void tell(Program program) {
    System.out.println(
        "soak: yarn.resourcemanager.am.max-attempts "
            + (options.yarnDefaults() ? "as YARN has it" : ATTEMPTS)
            + "; millrace "
            + String.join(" ", program.words()));
  }

  private Outcome end(ClientCommand command, SoakWatch watch, String applicationId)
      throws Exception {
    Outcome outcome = command.finish(patienceForTheEnd());
    watch.end();
    watches.add(watch);
    attempts +=
        cluster.yarn().getApplicationAttempts(ApplicationId.fromString(applicationId)).size();
    return outcome;
  }

  /** A stop that a strike before it has spoilt says so, and may be tried again. */
  private Optional<String> stop(String applicationId, String jobId, List<String> complaints)
      throws Exception {
    Outcome last = null;
    for (int i = 0; i < 10; i++) {
      try (ClientCommand stop =
          cluster.millrace("stop", "-yid", applicationId, "-p", "/soak/savepoints", jobId)) {
        last = stop.finish(PATIENCE);
      }
      Matcher path = SAVEPOINT.matcher(last.stdout());
      if (last.exitCode() == 0 && path.find()) {
        System.out.println("soak: stopped with " + path.group(1));
        return Optional.of(path.group(1));
      }
    }
    complaints.add("the job did not stop: " + last);
    return Optional.empty();
  }

  private Program program(int parallelism, String backend) throws IOException {
    Path jar = Jars.ledger(cluster.directory().resolve("ledger.jar"));
    var settings =
        new ArrayList<>(
            List.of(
                "state.backend.type=" + backend,
                // Most processes do not live for long enough to be worth the best of compilers.
                "env.java.opts.taskmanager=-XX:TieredStopAtLevel=1",
                "state.backend.rocksdb.object-cache.size=4mb",
                "execution.checkpointing.interval=1s",
                "restart-strategy.exponential-delay.max-backoff=1s"));
    if (!options.yarnDefaults()) {
      settings.add("yarn.application-attempts=" + ATTEMPTS);
    }
    settings.addAll(options.settings());
    var flags = new ArrayList<>(List.of("-p", "" + parallelism, "-yjm", "512", "-ytm", "768"));
    settings.forEach(setting -> flags.addAll(List.of("-D", setting)));
    return new Program(
        options.mode().target(),
        flags,
        LedgerJob.class.getName(),
        jar,
        List.of(
            "" + book.seed(),
            "" + book.partitions(),
            "" + book.entries(),
            "" + book.perSecond(),
            "" + book.accounts(),
            OUTPUT,
            times().toString()));
  }

  /** Where the job's processes, all of them on this machine, note when records were written. */
  private Path times() {
    return cluster.directory().resolve("write-times");
  }

  /**
   * What is still to be read at the end, and what the last strike has cost. Input comes at a fixed
   * rate, so that a slow machine, which runs for a small share of the time, needs twice the time
   * again; it is limited only so that a job that hangs is found.
   */
  private Duration patienceForTheEnd() {
    return Duration.ofMinutes(4).plus(options.time().multipliedBy(2));
  }

  // ---- the end

  private Report report(SoakStrikes strikes, List<String> complaints) throws Exception {
    Findings findings = LedgerVerifier.verify(book, output());
    if (!findings.none()) {
      complaints.add("the verifier found " + findings);
      complaints.addAll(findings.first());
    }
    for (String name : LedgerJob.OUTPUTS) {
      if (!cluster.hdfs().exists(OUTPUT + "/" + name + "/_SUCCESS")) {
        complaints.add(name + " has no _SUCCESS");
      }
    }
    if (!complaints.isEmpty()) {
      cluster
          .hdfs()
          .fileSystem()
          .copyToLocalFile(
              new org.apache.hadoop.fs.Path(OUTPUT),
              new org.apache.hadoop.fs.Path(cluster.directory().resolve("output").toUri()));
    }
    long time = 0;
    double running = 0;
    int recoveries = 0;
    for (SoakWatch watch : watches) {
      time += watch.time().toNanos();
      running += watch.runningShare() * watch.time().toNanos();
      recoveries += watch.recoveries();
    }
    return new Report(
        options,
        strikes.counts(),
        strikes.gaps(WriteTimes.read(times())),
        book.partitions() * book.entries(),
        running / Math.max(1, time),
        recoveries,
        attempts,
        Duration.ofNanos(time),
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
