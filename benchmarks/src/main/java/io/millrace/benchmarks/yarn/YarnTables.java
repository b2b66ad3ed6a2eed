package io.millrace.benchmarks.yarn;

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

/**
 * What {@link StartRace starts} and {@link KillRace kills} came to, as Markdown: a table for each
 * file.
 */
public final class YarnTables {
  /** A figure of runs; the first one is compared with ours. */
  private record Column(String field, String heading, double unit) {}

  private static final Map<String, List<Column>> COLUMNS =
      Map.of(
          StartRace.WORKLOAD,
          List.of(
              new Column(Phases.TOTAL, "command → first record, s", 1e3),
              new Column(Phases.FIELDS.get(0), "command → submitted, ms", 1),
              new Column(Phases.FIELDS.get(1), "→ JobManager's JVM", 1),
              new Column(Phases.FIELDS.get(2), "→ registered", 1),
              new Column(Phases.FIELDS.get(3), "→ TaskManager's JVM", 1),
              new Column(Phases.FIELDS.get(4), "→ first record", 1),
              new Column("load", "load", 1)),
          KillRace.WORKLOAD,
          List.of(
              new Column("committed_ms", "kill → first newly committed, s", 1e3),
              new Column("written_ms", "kill → first record, s", 1e3),
              new Column("load", "load", 1)));

  /** What is compared with what. */
  private record Row(String engine, String victim) {
    private static Row of(Map<String, String> run) {
      return new Row(run.get("engine"), run.getOrDefault("victim", ""));
    }

    private Row ours() {
      return new Row(MillraceCommands.PER_JOB, victim);
    }

    private String name() {
      return victim.isEmpty() ? engine : engine + ", " + victim;
    }
  }

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
    String workload = conditions.get("workload");
    List<Column> columns = COLUMNS.get(workload);
    var rows = new LinkedHashMap<Row, List<Map<String, String>>>();
    for (String line : lines.subList(1, lines.size())) {
      Map<String, String> run = Figures.read(line);
      rows.computeIfAbsent(Row.of(run), row -> new ArrayList<>()).add(run);
    }
    var headings = new ArrayList<>(List.of("engine"));
    columns.forEach(column -> headings.add(column.heading()));
    headings.add(2, "of millrace-per-job");
    headings.add("runs");
    var page = new StringBuilder();
    page.append("\n### ")
        .append(workload)
        .append(", heartbeat of the node ")
        .append(conditions.get("heartbeat_ms"))
        .append(" ms\n\n")
        .append(line(headings.stream()))
        .append(line(headings.stream().map(heading -> "---")));
    rows.forEach(
        (row, runs) -> {
          List<Map<String, String>> ours = rows.getOrDefault(row.ours(), List.of());
          var cells = new ArrayList<>(List.of(row.name()));
          columns.forEach(column -> cells.add(Spread.of(values(runs, column))));
          cells.add(2, runs == ours ? "" : ratios(runs, ours, columns.get(0)));
          cells.add(Integer.toString(runs.size()));
          page.append(line(cells.stream()));
        });
    return page.append('\n').append(Conditions.told(conditions)).append('\n').toString();
  }

  private static String ratios(
      List<Map<String, String>> runs, List<Map<String, String>> ours, Column column) {
    return Spread.ofRatios(values(runs, column).toArray(), values(ours, column).toArray());
  }

  private static DoubleStream values(List<Map<String, String>> runs, Column column) {
    return runs.stream()
        .mapToDouble(run -> Double.parseDouble(run.get(column.field())) / column.unit());
  }

  private static String line(Stream<String> cells) {
    return cells.collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private YarnTables() {}
}
