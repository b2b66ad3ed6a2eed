package io.millrace.benchmarks;

import io.millrace.benchmarks.workloads.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** An engine, or one way to set it up, in the order of tables. */
enum Contestant {
  MILLRACE("millrace"),
  MILLRACE_REUSE("millrace-reuse"),
  FLINK_BEST("flink-best"),
  FLINK_DEFAULT("flink-default"),
  JET_CORE("jet-core"),
  JET_PIPELINE("jet-pipeline"),
  LIMIT("limit");

  static final String COMPILED = "benchmarks/workloads/target/classes";

  private final String label;

  Contestant(String label) {
    this.label = label;
  }

  static Contestant of(String label) {
    return Arrays.stream(values())
        .filter(contestant -> contestant.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown engine "
                        + label
                        + ", known are "
                        + Arrays.stream(values())
                            .map(Contestant::label)
                            .collect(Collectors.joining(", "))));
  }

  String label() {
    return label;
  }

  /** Whether it can do that at all. */
  boolean takesPart(Workload workload) {
    boolean jet = this == JET_CORE || this == JET_PIPELINE;
    return !jet || workload != Workload.KEYED_ROCKSDB;
  }

  /**
   * How many events a run reads: so many that it takes some seconds on two cores. Where what lies
   * in state decides, all engines read the same.
   */
  long events(Workload workload) {
    long millions =
        switch (workload) {
          case PASSTHROUGH -> of(100, 100, 15, 40, 150);
          case SHUFFLE -> of(40, 25, 10, 30, 150);
          case TUMBLING -> of(30, 18, 8, 30, 100);
          case SLIDING -> of(15, 2, 2, 15, 60);
          case JOIN -> of(30, 25, 15, 30, 120);
          case SESSION -> of(2, 2, 2, 2, 20);
          case KEYED, KEYED_CHECKPOINTS -> of(10, 10, 10, 10, 60);
          case KEYED_ROCKSDB -> of(1, 1, 1, 1, 40);
        };
    return millions * 1_000_000;
  }

  private long of(long millrace, long flinkBest, long flinkDefault, long jet, long limit) {
    return switch (this) {
      case MILLRACE, MILLRACE_REUSE -> millrace;
      case FLINK_BEST -> flinkBest;
      case FLINK_DEFAULT -> flinkDefault;
      case JET_CORE, JET_PIPELINE -> jet;
      case LIMIT -> limit;
    };
  }

  /** What follows {@code java} and its flags: class path, main class and this variant. */
  List<String> words(Path root) throws IOException {
    return switch (this) {
      case MILLRACE, MILLRACE_REUSE ->
          List.of(
              "-cp", System.getProperty("java.class.path"), MillraceTrial.class.getName(), label);
      case FLINK_BEST, FLINK_DEFAULT ->
          List.of(
              "-cp", classPath(root, "flink"), "io.millrace.benchmarks.flink.FlinkTrial", label);
      case JET_CORE, JET_PIPELINE ->
          List.of("-cp", classPath(root, "jet"), "io.millrace.benchmarks.jet.JetTrial", label);
      case LIMIT ->
          List.of(
              "-cp",
              root.resolve(COMPILED).toString(),
              "io.millrace.benchmarks.workloads.limit.Limit",
              label);
    };
  }

  private static String classPath(Path root, String module) throws IOException {
    Path target = root.resolve("benchmarks").resolve(module).resolve("target");
    return String.join(
        ":",
        target.resolve("classes").toString(),
        root.resolve(COMPILED).toString(),
        Files.readString(target.resolve("class-path")));
  }
}
