package io.millrace.benchmarks.yarn;

import io.millrace.benchmarks.workloads.Arrival;
import io.millrace.benchmarks.workloads.Conditions;
import io.millrace.benchmarks.workloads.Figures;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import org.apache.hadoop.yarn.api.records.ApplicationId;

/**
 * Lets all contenders start the job in turns on one cluster, each once to warm up. Their lines go
 * into a file, behind one that says under which conditions they were measured.
 *
 * @param heartbeatMillis of the cluster's node
 * @param results the folder of the file
 * @param logs new folder in which everything that the cluster writes stays; without one it goes
 */
public record StartRace(
    Path root, long runs, long heartbeatMillis, Path results, Optional<Path> logs) {
  /** Below the root of the repository. */
  public static final String RESULTS = "benchmarks/results/start";

  static final String WORKLOAD = "start";

  private static final long RECORDS = 1_000_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /**
   * @return whether the job came to its end each time
   */
  public boolean run() throws Exception {
    boolean right = true;
    Files.createDirectories(results);
    Path file = results.resolve("heartbeat-" + heartbeatMillis + ".jsonl");
    Files.writeString(file, conditions().json() + "\n");
    try (YarnCluster cluster = YarnCluster.start(root, logs, heartbeatMillis)) {
      var contenders =
          new ArrayList<>(MillraceCommands.of(root, cluster, FirstRecord.class.getSimpleName()));
      contenders.addAll(FlinkCommands.of(root, cluster, FirstRecord.class.getSimpleName()));
      contenders.add(BareCommand.of(root, cluster));
      for (long run = 0; run <= runs; run++) {
        for (Contender contender : contenders) {
          try {
            String line = start(cluster, contender, run).json();
            System.out.println((run == 0 ? "to warm up: " : "") + line);
            if (run > 0) {
              Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
            }
          } catch (IOException e) {
            right = false;
            cluster.keep();
            System.err.println(contender.label() + " failed: " + e.getMessage());
          }
        }
      }
    }
    return right;
  }

  private Figures conditions() throws IOException, InterruptedException {
    return Conditions.of(
            root,
            WORKLOAD,
            "scripts/bench start --runs " + runs + " --heartbeat " + heartbeatMillis)
        .number("heartbeat_ms", heartbeatMillis)
        .number("records", RECORDS)
        .text("flink", FlinkCommands.version(root));
  }

  private Figures start(YarnCluster cluster, Contender contender, long run) throws Exception {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    Path directory = cluster.directory();
    String name = directory.resolve(contender.label() + "-" + run).toString();
    Path said = Path.of(name + ".out");
    Command command = contender.start(said, PATIENCE, Long.toString(RECORDS), name);
    command.until(() -> Files.exists(Arrival.first(name)));
    ApplicationId application = cluster.newApplication();
    command.until(
        () -> cluster.report(application).getFinishTime() > 0 && !command.process().isAlive());
    if (!Files.exists(Arrival.last(name))) {
      throw new IOException("records are missing; see " + said);
    }
    return Phases.of(
            cluster.report(application).getStartTime(),
            cluster.logs(application),
            contender.registered(),
            Long.parseLong(Files.readString(Arrival.first(name))))
        .figures(command.begin(), contender.label())
        .number("load", load);
  }
}
