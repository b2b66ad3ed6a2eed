package io.millrace.benchmarks.yarn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Flink in application mode, by the class that its command runs: as it comes, and with what makes
 * it faster. Its distribution is put together from its published jars.
 */
final class FlinkCommands {
  private static final String PROGRAMS = "io.millrace.benchmarks.flink.";

  /** Large, and of no use to a job that keeps no state. */
  private static final Pattern ROCKSDB = Pattern.compile("rocksdb");

  /** Of the configuration that comes with it, what matters to a start on YARN. */
  private static final String CONFIGURATION =
      """
      jobmanager.memory.process.size: 1600m
      taskmanager.memory.process.size: 1728m
      taskmanager.numberOfTaskSlots: 1
      parallelism.default: 1
      env.java.opts.all: --add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.net=ALL-UNNAMED \
      --add-opens=java.base/java.io=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED \
      --add-opens=java.base/sun.nio.ch=ALL-UNNAMED --add-opens=java.base/java.lang.reflect=ALL-UNNAMED \
      --add-opens=java.base/java.text=ALL-UNNAMED --add-opens=java.base/java.time=ALL-UNNAMED \
      --add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.util.concurrent=ALL-UNNAMED \
      --add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED
      """;

  /** The same for containers and the command; its path is a property as in Flink's own. */
  private static final String LOGGING =
      """
      rootLogger.level = INFO
      rootLogger.appenderRef.file.ref = file
      appender.file.name = file
      appender.file.type = FILE
      appender.file.fileName = ${sys:log.file}
      appender.file.layout.type = PatternLayout
      appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss.SSS} %-5p %c [] - %m%n
      """;

  /** Those that our own processes have. */
  private static final List<String> QUICK_JVM =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");

  private final YarnCluster cluster;
  private final String name;
  private final Path distribution;
  private final Path program;
  private final Path configuration;

  private FlinkCommands(YarnCluster cluster, String name) {
    this.cluster = cluster;
    this.name = name;
    this.distribution = cluster.directory().resolve("flink-dist.jar");
    this.program = cluster.directory().resolve("program-flink.jar");
    this.configuration = cluster.directory().resolve("flink-conf");
  }

  /**
   * @param name of the program's class
   */
  static List<Contender> of(Path root, YarnCluster cluster, String name) throws IOException {
    var commands = new FlinkCommands(cluster, name);
    commands.assemble(root.resolve("benchmarks"), jar -> !ROCKSDB.matcher(jar).find());
    return List.of(
        commands.contender("flink-application", List.of(), List.of(), commands.program.toString()),
        commands.atItsBest(List.of()));
  }

  /** The same with state in RocksDB and checkpoints in HDFS. */
  static List<Contender> withState(Path root, YarnCluster cluster, String name) throws IOException {
    var commands = new FlinkCommands(cluster, name);
    commands.assemble(root.resolve("benchmarks"), jar -> true);
    var settings =
        List.of(
            "-Dstate.backend.type=rocksdb",
            "-Dexecution.checkpointing.incremental=true",
            "-Dexecution.checkpointing.dir=hdfs:///flink/checkpoints");
    var best = new ArrayList<>(settings);
    best.addAll(
        List.of(
            "-Drestart-strategy.type=fixed-delay",
            "-Drestart-strategy.fixed-delay.attempts=1000",
            "-Drestart-strategy.fixed-delay.delay=0 ms",
            "-Dslotmanager.redundant-taskmanager-num=1",
            "-Dheartbeat.interval=1000",
            "-Dheartbeat.timeout=5000"));
    return List.of(
        commands.contender("flink-application", List.of(), settings, commands.program.toString()),
        commands.atItsBest(best));
  }

  static String version(Path root) throws IOException {
    String classPath = Files.readString(root.resolve("benchmarks/flink/target/class-path"));
    return classPath.replaceFirst("(?s).*/flink-runtime-([\\d.]+)\\.jar.*", "$1");
  }

  private void assemble(Path benchmarks, Predicate<String> needed) throws IOException {
    Path target = benchmarks.resolve("flink/target");
    var jars = new ArrayList<Path>();
    for (String file : List.of("class-path", "class-path-on-yarn")) {
      for (String jar : Files.readString(target.resolve(file)).strip().split(":")) {
        if (needed.test(jar.substring(jar.lastIndexOf('/') + 1))) {
          jars.add(Path.of(jar));
        }
      }
    }
    Archive.merge(jars, distribution);
    Archive.merge(
        List.of(target.resolve("classes"), benchmarks.resolve("workloads/target/classes")),
        program);
    Files.createDirectories(configuration);
    Files.writeString(configuration.resolve("config.yaml"), CONFIGURATION.replace("\\\n", ""));
    Files.writeString(configuration.resolve("log4j.properties"), LOGGING);
  }

  /** Nothing is uploaded but what belongs to the one application, and nothing waits for a clock. */
  private Contender atItsBest(List<String> more) throws IOException {
    String libraries = cluster.publish(distribution, "flink/lib");
    String published = cluster.publish(program, "flink/usr") + "/" + program.getFileName();
    var settings =
        new ArrayList<>(
            List.of(
                "-Dyarn.heartbeat.interval=1",
                "-Dyarn.heartbeat.container-request-interval=20 ms",
                "-Dyarn.provided.lib.dirs=" + libraries,
                "-Denv.java.opts.jobmanager=" + String.join(" ", QUICK_JVM),
                "-Denv.java.opts.taskmanager=-XX:+UseSerialGC -Xshare:auto"));
    settings.addAll(more);
    return contender("flink-application-best", QUICK_JVM, settings, published);
  }

  private Contender contender(String label, List<String> flags, List<String> settings, String jar) {
    var words = new ArrayList<String>();
    words.add(YarnCluster.java());
    words.addAll(flags);
    words.add("-Dlog.file=" + cluster.directory().resolve(label + ".log"));
    words.add("-Dlog4j.configurationFile=" + configuration.resolve("log4j.properties").toUri());
    words.add("-cp");
    words.add(distribution + ":" + cluster.clientJars() + "/*:" + cluster.configuration());
    words.addAll(
        List.of("org.apache.flink.client.cli.CliFrontend", "run", "-t", "yarn-application"));
    words.addAll(settings);
    words.addAll(List.of("-c", PROGRAMS + name, jar));
    return new Contender(
        label,
        words,
        Map.of(
            "HADOOP_CONF_DIR",
            cluster.configuration().toString(),
            "FLINK_CONF_DIR",
            configuration.toString()),
        Pattern.compile("Recovered \\d+ containers"));
  }
}
