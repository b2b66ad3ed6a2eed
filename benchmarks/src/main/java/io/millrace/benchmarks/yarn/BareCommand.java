package io.millrace.benchmarks.yarn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The floor: a {@link BareApplication}, whose command and ApplicationMaster have archives of their
 * classes.
 */
final class BareCommand {
  private static final String LABEL = "yarn-floor";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  static Contender of(Path root, YarnCluster cluster) throws Exception {
    Path program = cluster.directory().resolve("program-bare.jar");
    Archive.merge(
        List.of(
            root.resolve("benchmarks/target/classes"),
            root.resolve("benchmarks/workloads/target/classes")),
        program);
    String classPath = program + ":" + jars(cluster.clientJars());
    makeArchives(cluster, classPath);
    return contender(cluster, classPath, "-XX:SharedArchiveFile=");
  }

  /** One by one, because an archive goes with just these. */
  private static String jars(Path folder) throws IOException {
    try (Stream<Path> jars = Files.list(folder)) {
      return jars.map(Path::toString).sorted().collect(Collectors.joining(":"));
    }
  }

  /** By a run that counts for nothing. */
  private static void makeArchives(YarnCluster cluster, String classPath) throws Exception {
    String name = cluster.directory().resolve(LABEL + "-made").toString();
    Contender making = contender(cluster, classPath, "-XX:ArchiveClassesAtExit=");
    Command command = making.start(Path.of(name + ".out"), PATIENCE, name);
    command.until(() -> !command.process().isAlive() && command.process().exitValue() == 0);
    var application = cluster.newApplication();
    command.until(
        () ->
            cluster.report(application).getFinishTime() > 0
                && Files.exists(archive(cluster, "master")));
  }

  private static Path archive(YarnCluster cluster, String role) {
    return cluster.directory().resolve(LABEL + "-" + role + ".jsa");
  }

  private static Contender contender(YarnCluster cluster, String classPath, String flag) {
    var words = new ArrayList<String>();
    words.add(YarnCluster.java());
    words.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
    words.add(flag + archive(cluster, "submit"));
    words.addAll(List.of("-cp", classPath, BareApplication.class.getName(), "submit"));
    words.addAll(List.of(flag + archive(cluster, "master"), classPath));
    return new Contender(
        LABEL,
        words,
        Map.of("HADOOP_CONF_DIR", cluster.configuration().toString()),
        Pattern.compile("registered"));
  }

  private BareCommand() {}
}
