package io.millrace.benchmarks.start;

import io.millrace.benchmarks.workloads.Conditions;
import io.millrace.benchmarks.workloads.Figures;
import io.millrace.benchmarks.workloads.Spread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** What {@link StartRace starts} came to, as Markdown: a table for each file. */
public final class StartTables {
  /**
   * @param folder of the files; may be missing
   */
  public static String of(Path folder) throws IOException {
    var page = new StringBuilder();
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.sorted().toList()) {
          page.append(table(Files.readAllLines(file)));
        }
      }
    }
    return page.toString();
  }

  /**
   * @param lines conditions, then runs
   */
  static String table(List<String> lines) {
    Map<String, String> conditions = Figures.read(lines.get(0));
    var byEngine = new LinkedHashMap<String, List<Map<String, String>>>();
    for (String line : lines.subList(1, lines.size())) {
      Map<String, String> run = Figures.read(line);
      byEngine.computeIfAbsent(run.get("engine"), engine -> new ArrayList<>()).add(run);
    }
    var page = new StringBuilder();
    page.append("\n### start, heartbeat of the node ")
        .append(conditions.get("heartbeat_ms"))
        .append(" ms\n\n")
        .append(
            "| engine | command → first record, s | of millrace-per-job | command → submitted, ms"
                + " | → JobManager's JVM | → registered | → TaskManager's JVM | → first record"
                + " | load | runs |\n"
                + "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    List<Map<String, String>> ours = byEngine.getOrDefault(MillraceCommands.PER_JOB, List.of());
    byEngine.forEach((engine, runs) -> page.append(row(engine, runs, ours)));
    return page.append('\n').append(Conditions.told(conditions)).append('\n').toString();
  }

  private static String row(
      String engine, List<Map<String, String>> runs, List<Map<String, String>> ours) {
    var cells = new ArrayList<String>();
    cells.add(engine);
    cells.add(Spread.of(values(runs, Phases.TOTAL).map(millis -> millis / 1e3)));
    cells.add(
        runs == ours
            ? ""
            : Spread.ofRatios(
                values(runs, Phases.TOTAL).toArray(), values(ours, Phases.TOTAL).toArray()));
    Phases.FIELDS.forEach(field -> cells.add(Spread.of(values(runs, field))));
    cells.add(Spread.of(values(runs, "load")));
    cells.add(Integer.toString(runs.size()));
    return cells.stream().collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private static DoubleStream values(List<Map<String, String>> runs, String figure) {
    return runs.stream().mapToDouble(run -> Double.parseDouble(run.get(figure)));
  }

  private StartTables() {}
}
