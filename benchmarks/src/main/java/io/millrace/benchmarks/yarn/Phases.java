package io.millrace.benchmarks.yarn;

import io.millrace.benchmarks.workloads.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * When what happened between a command and the first record of its job, in milliseconds since 1970.
 *
 * @param submitted YARN has taken the application
 * @param jobManager the shell of its container hands over to the JVM
 * @param registered YARN knows the JobManager
 * @param taskManager as that of the JobManager
 * @param firstRecord it has come to the sink
 */
record Phases(
    long submitted, long jobManager, long registered, long taskManager, long firstRecord) {
  /** In the order of the phases that they end; the last one counts from the command. */
  static final List<String> FIELDS =
      List.of("submitted_ms", "jobmanager_ms", "registered_ms", "taskmanager_ms", "record_ms");

  static final String TOTAL = "first_record_ms";

  /**
   * @param logs of the JobManager's container, then of the TaskManager's
   * @param registered in the line of the JobManager's log that says so
   */
  static Phases of(long submitted, List<Path> logs, Pattern registered, long firstRecord)
      throws IOException {
    return new Phases(
        submitted,
        launched(logs.get(0)),
        logged(logs.get(0).resolve("jobmanager.log"), registered),
        launched(logs.get(1)),
        firstRecord);
  }

  /** YARN's launch script writes to that file until it starts the process. */
  private static long launched(Path logs) throws IOException {
    return Files.getLastModifiedTime(logs.resolve("prelaunch.out")).toMillis();
  }

  private static long logged(Path log, Pattern pattern) throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      String line =
          lines
              .filter(each -> pattern.matcher(each).find())
              .findFirst()
              .orElseThrow(() -> new IOException(pattern + " is not in " + log));
      return LocalDateTime.parse(line.substring(0, 23).replace(' ', 'T'))
          .atZone(ZoneId.systemDefault())
          .toInstant()
          .toEpochMilli();
    }
  }

  /**
   * How long each phase took.
   *
   * @param begin of the first one
   */
  Figures figures(long begin, String engine) {
    return new Figures()
        .text("workload", StartRace.WORKLOAD)
        .text("engine", engine)
        .number(TOTAL, firstRecord - begin)
        .number(FIELDS.get(0), submitted - begin)
        .number(FIELDS.get(1), jobManager - submitted)
        .number(FIELDS.get(2), registered - jobManager)
        .number(FIELDS.get(3), taskManager - registered)
        .number(FIELDS.get(4), firstRecord - taskManager);
  }
}
