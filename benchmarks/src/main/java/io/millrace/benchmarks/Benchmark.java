package io.millrace.benchmarks;

import io.millrace.benchmarks.control.ControlPlaneCost;
import io.millrace.benchmarks.workloads.Conditions;
import io.millrace.benchmarks.workloads.Figures;
import io.millrace.benchmarks.yarn.KillRace;
import io.millrace.benchmarks.yarn.StartRace;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Lets engines race, or runs one workload of ours alone in this process and prints what it measured
 * as one line of JSON, or writes the page of results.
 */
public final class Benchmark {
  private static final String USAGE =
      "[--runs n] [--engines a,b] [--results folder] [workload...]"
          + " or start|kill|page|checkpoints|recovery|sliding-cost|control-plane [--name value]...; see docs/benchmarks.md";

  public static void main(String[] words) throws Exception {
    try {
      if (Race.isMeant(words)) {
        Race race = Race.of(Path.of(""), words);
        boolean right = race.run();
        if (race.results().equals(Path.of(Race.RESULTS))) {
          new ResultsPage(Path.of("")).write();
        }
        System.exit(right ? 0 : 1);
      } else if (words[0].equals("start")) {
        ended(starts(Options.of(words, 1)).run());
      } else if (words[0].equals("kill")) {
        ended(kills(Options.of(words, 1)).run());
      } else if (words[0].equals("page")) {
        new ResultsPage(Path.of("")).write();
      } else {
        Instant begun = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        System.out.println(
            run(words[0], Options.of(words, 1))
                .number("processors", Runtime.getRuntime().availableProcessors())
                .number("load", load)
                .text("millrace", Conditions.commit(Path.of("")))
                .text("begun", begun.toString())
                .json());
      }
      System.exit(0);
    } catch (IllegalArgumentException e) {
      System.err.println(
          e.getMessage() + "; usage: " + USAGE + ", found " + Arrays.toString(words));
      System.exit(2);
    }
  }

  private static void ended(boolean right) throws Exception {
    new ResultsPage(Path.of("")).write();
    System.exit(right ? 0 : 1);
  }

  private static StartRace starts(Options options) {
    return new StartRace(
        Path.of(""),
        options.number("runs", 5),
        options.number("heartbeat", 1_000),
        Path.of(options.text("results", StartRace.RESULTS)),
        folder(options));
  }

  private static KillRace kills(Options options) {
    String engines = options.text("engines", "");
    return new KillRace(
        Path.of(""),
        engines.isEmpty() ? List.of() : List.of(engines.split(",")),
        options.number("kills", 5),
        options.number("keys", 1_000_000),
        options.number("payload", 1_000),
        options.number("rate", 20_000),
        options.number("heartbeat", 1_000),
        Path.of(options.text("results", KillRace.RESULTS)),
        folder(options));
  }

  private static Optional<Path> folder(Options options) {
    String logs = options.text("logs", "");
    return logs.isEmpty() ? Optional.empty() : Optional.of(Path.of(logs));
  }

  static Figures run(String workload, Options options) throws Exception {
    return switch (workload) {
      case "checkpoints" -> new StateWorkloads(options).checkpoints();
      case "recovery" -> new StateWorkloads(options).recovery();
      case "sliding-cost" -> SlidingCounts.run(options);
      case "control-plane" ->
          new ControlPlaneCost(
                  (int) options.number("taskmanagers", 1_000),
                  (int) options.number("subtasks", 10_000),
                  new OwnClasses())
              .run((int) options.number("lives", 3));
      default -> throw new IllegalArgumentException("unknown workload " + workload);
    };
  }

  private Benchmark() {}
}
