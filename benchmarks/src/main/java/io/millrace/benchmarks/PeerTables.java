package io.millrace.benchmarks;

import io.millrace.benchmarks.workloads.Figures;
import io.millrace.benchmarks.workloads.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What {@link Race races} came to, as Markdown: a table for each workload. */
final class PeerTables {
  private static final String CPU = "cpu_s_per_M";
  private static final String SPEED = "events_per_s";

  /** Of the conditions, what the tables themselves say. */
  private static final List<String> TOLD = List.of("workload", "engine");

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
    page.append('\n').append(told(conditions)).append('\n');
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
            spread(values(runs, CPU)),
            ratios(runs, ours, CPU),
            spread(values(runs, SPEED).map(speed -> speed / 1e6)),
            ratios(runs, ours, SPEED),
            spread(values(runs, "rss_mb")),
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
    DoubleStream pairs =
        IntStream.range(0, Math.min(theirs.length, own.length))
            .mapToDouble(i -> theirs[i] / own[i]);
    return own.length == 0 ? "" : spread(pairs);
  }

  private static DoubleStream values(List<Map<String, String>> runs, String figure) {
    return runs.stream().mapToDouble(run -> Double.parseDouble(run.get(figure)));
  }

  /** Median, minimum and maximum; of an even number the lower one in the middle. */
  private static String spread(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    Function<Double, String> short3 =
        value -> {
          String text = String.format(Locale.ROOT, "%.3g", value);
          return text.contains("e") ? String.format(Locale.ROOT, "%,.0f", value) : text;
        };
    String middle = short3.apply(sorted[(sorted.length - 1) / 2]);
    return sorted.length == 1
        ? middle
        : middle
            + " ("
            + short3.apply(sorted[0])
            + "–"
            + short3.apply(sorted[sorted.length - 1])
            + ")";
  }

  private static String told(Map<String, String> conditions) {
    return conditions.entrySet().stream()
        .filter(each -> !TOLD.contains(each.getKey()) && !each.getKey().startsWith("of_"))
        .map(each -> each.getKey() + ": `" + each.getValue() + "`")
        .collect(Collectors.joining(", ", "", ""));
  }

  private PeerTables() {}
}
