package io.millrace.benchmarks.workloads;

import com.sun.management.OperatingSystemMXBean;
import io.millrace.benchmarks.workloads.events.Tally;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * One run of a workload in a process of its own: first a sixth of it to warm up, then all of it,
 * measured.
 */
public final class Trial {
  /**
   * What an engine's process does: prints the line of JSON of one run.
   *
   * @param words variant of the engine, workload, number of events
   */
  public static void main(String[] words, Engine.Start start) throws Exception {
    if (words.length != 3) {
      throw new IllegalArgumentException(
          "engine, workload and number of events expected, found " + String.join(" ", words));
    }
    String line;
    try (Engine engine = start.start(words[0])) {
      line = measure(words[0], engine, Workload.of(words[1]), Long.parseLong(words[2])).json();
    }
    System.out.println(line);
    System.exit(0); // Some engines leave threads behind.
  }

  static Figures measure(String name, Engine engine, Workload workload, long events)
      throws Exception {
    engine.run(workload, Math.max(1, events / 6));
    Tally.total();
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpuBefore = system.getProcessCpuTime();
    long before = System.nanoTime();
    engine.run(workload, events);
    double seconds = (System.nanoTime() - before) / 1e9;
    double cpuSeconds = (system.getProcessCpuTime() - cpuBefore) / 1e9;
    return new Figures()
        .text("workload", workload.label())
        .text("engine", name)
        .number("events", events)
        .number("seconds", seconds)
        .number("events_per_s", events / seconds)
        .number("cpu_s_per_M", cpuSeconds / (events / 1e6))
        .number("rss_mb", peakMegabytes())
        .text("checksum", HexFormat.of().toHexDigits(Tally.total()));
  }

  /** The most memory that this process has had resident. */
  public static long peakMegabytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElse(-1);
  }

  private Trial() {}
}
