package io.millrace.benchmarks.yarn;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Ours, as it comes: the distribution that {@code scripts/build} leaves. */
final class MillraceCommands {
  static final String PER_JOB = "millrace-per-job";
  private static final String APPLICATION = "millrace-application";
  private static final String RESERVE = "millrace-per-job-reserve";

  /**
   * For jobs that start and end, with no setting.
   *
   * @param name of the program's class
   */
  static List<Contender> of(Path root, YarnCluster cluster, String name) throws IOException {
    Path program = program(root, cluster);
    return List.of(
        contender(root, cluster, program, name, PER_JOB, "run -m yarn-cluster"),
        contender(
            root, cluster, program, name, APPLICATION, "run-application -t yarn-application"));
  }

  /** For jobs that are struck, with no setting, and with a TaskManager in reserve. */
  static List<Contender> withState(Path root, YarnCluster cluster, String name) throws IOException {
    Path program = program(root, cluster);
    return List.of(
        contender(root, cluster, program, name, PER_JOB, "run -m yarn-cluster"),
        contender(
            root,
            cluster,
            program,
            name,
            RESERVE,
            "run -m yarn-cluster -D slotmanager.redundant-taskmanager-num=1"));
  }

  private static Path program(Path root, YarnCluster cluster) throws IOException {
    Path program = cluster.directory().resolve("program-millrace.jar");
    Archive.merge(
        List.of(
            root.resolve("benchmarks/target/classes"),
            root.resolve("benchmarks/workloads/target/classes")),
        program);
    return program;
  }

  private static Contender contender(
      Path root, YarnCluster cluster, Path program, String name, String label, String action) {
    var words = new ArrayList<String>();
    words.add(root.resolve("target/millrace/bin/millrace").toAbsolutePath().toString());
    words.addAll(List.of(action.split(" ")));
    words.addAll(
        List.of("-c", MillraceCommands.class.getPackageName() + "." + name, program.toString()));
    return new Contender(
        label,
        words,
        Map.of(
            "HADOOP_CONF_DIR",
            cluster.configuration().toString(),
            "HADOOP_CLASSPATH",
            cluster.clientJars() + "/*",
            "MILLRACE_LOG_DIR",
            cluster.directory().resolve("client-logs").toString()),
        Pattern.compile("Registered with YARN"));
  }

  private MillraceCommands() {}
}
