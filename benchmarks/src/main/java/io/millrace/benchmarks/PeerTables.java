package io.millrace.benchmarks;

import io.millrace.benchmarks.workloads.Conditions;
import io.millrace.benchmarks.workloads.Figures;
import io.millrace.benchmarks.workloads.Spread;
import io.millrace.benchmarks.workloads.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** What {@link Race races} came to, as Markdown: a table for each workload. */
final class PeerTables {
  private static final String CPU = "cpu_s_per_M";
  private static final String SPEED = "events_per_s";

  /**
   * @param folder with a file for each workload; those that are missing are left out
   */
  static String of(Path folder) throws IOException {
    var page = new StringBuilder();
    for (Workload workload : Workload.values()) {
      Path file = folder.resolve(workload.label() + ".jsonl");
      if (Files.exists(file)) {
        page.append(table(Files.readAllLines(file)));
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
    for (Contestant engine : Contestant.values()) {
      byEngine.put(engine.label(), new ArrayList<>());
    }
    for (String line : lines.subList(1, lines.size())) {
      Map<String, String> run = Figures.read(line);
      byEngine.get(run.get("engine")).add(run);
    }
    var page = new StringBuilder();
    page.append("\n### ").append(conditions.get("workload")).append("\n\n");
    page.append(
        "| engine | CPU s per million events | of millrace | M events/s | of millrace | peak RSS, MB"
            + " | events | runs |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    List<Map<String, String>> ours = byEngine.get(Contestant.MILLRACE.label());
    byEngine.forEach((engine, runs) -> page.append(row(engine, runs, ours, conditions)));
    page.append('\n').append(Conditions.told(conditions)).append('\n');
    return page.toString();
  }

  private static String row(
      String engine,
      List<Map<String, String>> runs,
      List<Map<String, String>> ours,
      Map<String, String> conditions) {
    if (runs.isEmpty()) {
      return "";
    }
    String events = runs.get(0).get("events");
    String checksum = conditions.get("of_" + events);
    if (!runs.stream().allMatch(run -> run.get("checksum").equals(checksum))) {
      return "| " + engine + " | does not count: a checksum is not " + checksum + " |\n";
    }
    return List.of(
            engine,
            Spread.of(values(runs, CPU)),
            ratios(runs, ours, CPU),
            Spread.of(values(runs, SPEED).map(speed -> speed / 1e6)),
            ratios(runs, ours, SPEED),
            Spread.of(values(runs, "rss_mb")),
            events,
            Integer.toString(runs.size()))
        .stream()
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private static String ratios(
      List<Map<String, String>> runs, List<Map<String, String>> ours, String figure) {
    if (runs == ours) {
      return "";
    }
    double[] theirs = values(runs, figure).toArray();
    double[] own = values(ours, figure).toArray();
    return Spread.ofRatios(theirs, own);
  }

  private static DoubleStream values(List<Map<String, String>> runs, String figure) {
    return runs.stream().mapToDouble(run -> Double.parseDouble(run.get(figure)));
  }

  private PeerTables() {}
}
