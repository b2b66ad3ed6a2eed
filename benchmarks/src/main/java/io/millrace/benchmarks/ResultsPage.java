package io.millrace.benchmarks;

import io.millrace.benchmarks.workloads.Figures;
import io.millrace.benchmarks.yarn.KillRace;
import io.millrace.benchmarks.yarn.StartRace;
import io.millrace.benchmarks.yarn.YarnTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The part of {@code docs/benchmarks.md} that shows results: of races, then a table for each
 * workload of ours alone, all made of nothing but the lines that runs have printed, kept in {@code
 * benchmarks/results}.
 */
final class ResultsPage {
  private static final String HEADING = "## Results";
  private static final String RACES =
      """
      What engines came to that took turns, median (minimum–maximum); `of millrace` compares each run with the one of
      `millrace` in the same round. Written by `scripts/bench` from `benchmarks/results/peers`.
      """;
  private static final String STARTS =
      """

      ## Starts and kills on YARN, measured

      Median (minimum–maximum); `of millrace-per-job` compares each run with the one of that round. Written by `scripts/bench start` and `scripts/bench kill` from
      `benchmarks/results/start` and `benchmarks/results/kill`.
      """;
  private static final String INTRODUCTION =
      """

      ## Of Millrace alone

      Written by `scripts/bench page` from the lines in `benchmarks/results`, one row for each run. `load` is the load average when
      the run began: on a machine with fewer `processors` than that, others worked too, wall times say little, and CPU times are too high.
      """;

  private final Path root;

  /**
   * @param root of the repository
   */
  ResultsPage(Path root) {
    this.root = root;
  }

  private Path page() {
    return root.resolve("docs/benchmarks.md");
  }

  void write() throws IOException {
    Files.writeString(page(), expected());
  }

  /** The page as it should be: what is written by hand, then the results. */
  String expected() throws IOException {
    String written = Files.readString(page());
    int results = written.indexOf(HEADING);
    String byHand = results < 0 ? written.stripTrailing() + "\n\n" : written.substring(0, results);
    return byHand
        + HEADING
        + "\n\n"
        + RACES
        + PeerTables.of(root.resolve(Race.RESULTS))
        + STARTS
        + YarnTables.of(root.resolve(StartRace.RESULTS))
        + YarnTables.of(root.resolve(KillRace.RESULTS))
        + INTRODUCTION
        + tables(lines());
  }

  private List<String> lines() throws IOException {
    var lines = new ArrayList<String>();
    try (Stream<Path> files = Files.list(root.resolve("benchmarks/results"))) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  /** As Markdown; fields of a run that others of its workload lack are left empty there. */
  static String tables(List<String> lines) {
    var byWorkload = new LinkedHashMap<String, List<Map<String, String>>>();
    for (String line : lines) {
      Map<String, String> run = Figures.read(line);
      byWorkload.computeIfAbsent(run.remove("workload"), name -> new ArrayList<>()).add(run);
    }
    var page = new StringBuilder();
    byWorkload.forEach(
        (workload, runs) -> {
          var columns = new LinkedHashSet<String>();
          runs.forEach(run -> columns.addAll(run.keySet()));
          page.append("\n### ").append(workload).append("\n\n");
          page.append(row(columns.stream()));
          page.append(row(columns.stream().map(column -> "---")));
          for (Map<String, String> run : runs) {
            page.append(row(columns.stream().map(column -> run.getOrDefault(column, ""))));
          }
        });
    return page.toString();
  }

  private static String row(Stream<String> cells) {
    return cells.collect(Collectors.joining(" | ", "| ", " |\n"));
  }
}
