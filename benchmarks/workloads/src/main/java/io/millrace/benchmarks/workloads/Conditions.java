package io.millrace.benchmarks.workloads;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Under which conditions runs were measured: the first line of their file. */
public final class Conditions {
  /** What tables themselves say. */
  private static final List<String> IN_TABLES = List.of("workload", "engine");

  /**
   * As they are now.
   *
   * @param root of the repository
   * @param command with which somebody else measures the same
   */
  public static Figures of(Path root, String workload, String command)
      throws IOException, InterruptedException {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new Figures()
        .text("workload", workload)
        .text("begun", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
        .text("command", command)
        .text("java", Runtime.version().toString())
        .text("system", system.getName() + " " + system.getVersion())
        .text("processor", processor())
        .number("processors", system.getAvailableProcessors())
        .number("memory_mb", system.getTotalMemorySize() >> 20)
        .number("load", system.getSystemLoadAverage())
        .text("millrace", commit(root));
  }

  /** As Markdown, but for what stands in tables and the checksums. */
  public static String told(Map<String, String> conditions) {
    return conditions.entrySet().stream()
        .filter(each -> !IN_TABLES.contains(each.getKey()) && !each.getKey().startsWith("of_"))
        .map(each -> each.getKey() + ": `" + each.getValue() + "`")
        .collect(Collectors.joining(", "));
  }

  private static String processor() throws IOException {
    return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }

  /** Which version of Millrace this is, in short; {@code unknown} outside of a repository. */
  public static String commit(Path root) throws IOException, InterruptedException {
    Process git =
        new ProcessBuilder("git", "rev-parse", "--short", "HEAD")
            .directory(root.toAbsolutePath().toFile())
            .start();
    String commit = new String(git.getInputStream().readAllBytes()).strip();
    return git.waitFor() == 0 ? commit : "unknown";
  }

  private Conditions() {}
}
