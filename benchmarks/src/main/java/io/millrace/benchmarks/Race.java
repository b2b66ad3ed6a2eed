package io.millrace.benchmarks;

import io.millrace.benchmarks.workloads.Conditions;
import io.millrace.benchmarks.workloads.Figures;
import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Tally;
import io.millrace.benchmarks.workloads.limit.Limit;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Engines that take turns at workloads, each run in a process of its own under the same flags. The
 * lines that they print go into a file for each workload, behind one that says under which
 * conditions they were measured.
 *
 * @param results the folder of those files
 */
record Race(
    Path root,
    int runs,
    List<Contestant> engines,
    List<Workload> workloads,
    Path results,
    String command) {
  private static final int RUNS = 5;
  private static final long MINUTES = 10;

  /** Below the root of the repository. */
  static final String RESULTS = "benchmarks/results/peers";

  private static final String FLAGS = "-Xmx4g -XX:+UseG1GC";
  private static final Pattern LIBRARY =
      Pattern.compile("/(flink-runtime|hazelcast)-([\\d.]+)\\.jar");

  /** Whether the first of these words could begin a race. */
  static boolean isMeant(String[] words) {
    return words.length == 0
        || words[0].startsWith("--")
        || Arrays.stream(Workload.values()).anyMatch(each -> each.label().equals(words[0]));
  }

  /**
   * @param words {@code [--runs n] [--engines a,b] [--results folder] [workload...]}
   * @throws IllegalArgumentException if they are others
   */
  static Race of(Path root, String[] words) {
    int options = 0;
    while (options < words.length && words[options].startsWith("--")) {
      options += 2;
    }
    Options given = Options.of(Arrays.copyOf(words, Math.min(options, words.length)), 0);
    List<Workload> workloads =
        Arrays.stream(words).skip(options).map(Workload::of).collect(Collectors.toList());
    List<Contestant> engines =
        Arrays.stream(given.text("engines", "").split(","))
            .filter(label -> !label.isEmpty())
            .map(Contestant::of)
            .toList();
    if (!List.of("engines", "results", "runs").containsAll(given.values().keySet())) {
      throw new IllegalArgumentException(
          "--runs, --engines or --results expected, found " + given.values().keySet());
    }
    return new Race(
        root,
        (int) given.number("runs", RUNS),
        engines.isEmpty() ? List.of(Contestant.values()) : engines,
        workloads.isEmpty() ? List.of(Workload.values()) : workloads,
        root.resolve(given.text("results", RESULTS)),
        String.join(" ", words));
  }

  /**
   * @return whether all runs came to the right checksums
   */
  boolean run() throws Exception {
    boolean right = true;
    Files.createDirectories(results);
    for (Workload workload : workloads) {
      Map<Long, String> expected = expected(workload);
      Path file = results.resolve(workload.label() + ".jsonl");
      Files.writeString(file, conditions(workload, expected).json() + "\n");
      for (int run = 0; run < runs; run++) {
        for (Contestant engine : engines) {
          if (!engine.takesPart(workload)) {
            continue;
          }
          long events = engine.events(workload);
          String line = trial(engine, workload, events);
          if (line.isEmpty()) {
            right = false;
            continue;
          }
          System.out.println(line);
          Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
          if (!expected.get(events).equals(Figures.read(line).get("checksum"))) {
            right = false;
            System.err.println("the checksum should be " + expected.get(events));
          }
        }
      }
    }
    return right;
  }

  /** The right checksums, by number of events. */
  private Map<Long, String> expected(Workload workload) throws InterruptedException {
    var expected = new TreeMap<Long, String>();
    for (Contestant engine : engines) {
      long events = engine.events(workload);
      if (!expected.containsKey(events)) {
        Tally.total();
        new Limit().run(workload, events);
        expected.put(events, HexFormat.of().toHexDigits(Tally.total()));
      }
    }
    return expected;
  }

  private Figures conditions(Workload workload, Map<Long, String> expected) throws Exception {
    Figures figures =
        Conditions.of(root, workload.label(), ("scripts/bench " + command).strip())
            .text("flags", flags());
    for (Contestant engine : engines) {
      Matcher library = LIBRARY.matcher(String.join(" ", engine.words(root)));
      if (library.find()) {
        figures.text(library.group(1), library.group(2));
      }
    }
    expected.forEach((events, checksum) -> figures.text("of_" + events, checksum));
    return figures;
  }

  private static String flags() {
    String given = System.getenv("JAVA_OPTS");
    return given == null ? FLAGS : given;
  }

  /** The line that a run has printed; empty if it failed, and why is on the error stream. */
  private String trial(Contestant engine, Workload workload, long events) throws Exception {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags().split(" ")));
    command.addAll(engine.words(root));
    command.add(workload.label());
    command.add(Long.toString(events));
    Path errors = Files.createTempFile("errors", ".txt");
    Path output = Files.createTempFile("output", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(Redirect.to(output.toFile()))
              .redirectError(Redirect.to(errors.toFile()))
              .start();
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly().waitFor();
      }
      List<String> lines = Files.readAllLines(output);
      if (process.exitValue() == 0 && !lines.isEmpty()) {
        return lines.get(lines.size() - 1);
      }
      System.err.println(
          engine.label() + " failed at " + workload.label() + ":\n" + Files.readString(errors));
      return "";
    } finally {
      Files.delete(errors);
      Files.delete(output);
    }
  }
}
