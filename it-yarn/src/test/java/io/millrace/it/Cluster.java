package io.millrace.it;

import io.millrace.it.hadoop.ClusterOptions;
import io.millrace.it.hadoop.ContainerProcesses;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;

/**
 * HDFS and YARN in a process of their own, and what a test does with them: run the {@code millrace}
 * command, look at applications, containers and files, kill processes. Closing it ends the daemons
 * and every container; its directory, with all logs, stays below {@code it-yarn/target/clusters}
 * unless the cluster's data is asked to go.
 */
final class Cluster implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(90);

  private final HadoopVersion version;
  private final ClusterOptions options;
  private final Process daemons;
  private final YarnClient yarn;
  private final Hdfs hdfs;

  private Cluster(
      HadoopVersion version, ClusterOptions options, Process daemons, YarnConfiguration conf)
      throws IOException {
    this.version = version;
    this.options = options;
    this.daemons = daemons;
    this.yarn = YarnClient.createYarnClient();
    yarn.init(conf);
    yarn.start();
    this.hdfs = new Hdfs(FileSystem.newInstance(conf));
  }

  /** One node of 8 GB, of the Hadoop version that we build with. */
  static Cluster start() throws Exception {
    return start(HadoopVersion.BUILT_WITH, UnaryOperator.identity());
  }

  static Cluster start(HadoopVersion version, UnaryOperator<ClusterOptions> change)
      throws Exception {
    Path clusters = Files.createDirectories(Repository.root().resolve("it-yarn/target/clusters"));
    Path directory = Files.createTempDirectory(clusters, "cluster-");
    ClusterOptions options = change.apply(ClusterOptions.in(directory, version.clientJars()));
    Process daemons = startDaemons(version, options);
    try {
      Await.until(
          "the cluster in " + directory + " to be ready; see its daemons.log",
          START,
          () -> {
            if (!daemons.isAlive()) {
              throw new AssertionError("the daemons ended; see " + directory + "/daemons.log");
            }
            return Files.readString(directory.resolve("daemons.out")).contains("ready ");
          });
      YarnConfiguration conf = new YarnConfiguration();
      for (String file : List.of("core-site.xml", "hdfs-site.xml", "yarn-site.xml")) {
        conf.addResource(options.configuration().resolve(file).toUri().toURL());
      }
      return new Cluster(version, options, daemons, conf);
    } catch (Throwable e) {
      daemons.destroy();
      throw e;
    }
  }

  private static Process startDaemons(HadoopVersion version, ClusterOptions options)
      throws IOException {
    Path classes = Repository.root().resolve("it-yarn/hadoop/target/classes");
    List<String> words =
        new ArrayList<>(
            List.of(
                java(),
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                // Older Hadoop reads environment variables by reflection.
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-cp",
                Repository.built(classes) + ":" + version.daemonJars() + "/*",
                "io.millrace.it.hadoop.EmbeddedHadoop"));
    words.addAll(options.toArguments());
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .redirectOutput(options.directory().resolve("daemons.out").toFile())
            .redirectError(options.directory().resolve("daemons.log").toFile());
    // What NodeManagers hand on to containers.
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("HADOOP_CONF_DIR", options.configuration().toString());
    return builder.start();
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  Hdfs hdfs() {
    return hdfs;
  }

  YarnClient yarn() {
    return yarn;
  }

  /** The folder that {@code HADOOP_CONF_DIR} points at. */
  Path configuration() {
    return options.configuration();
  }

  /** Everything of this cluster, also the logs of its containers. */
  Path directory() {
    return options.directory();
  }

  // ---- the command

  /** Starts {@code bin/millrace} of the distribution with these arguments. */
  ClientCommand millrace(String... arguments) throws IOException {
    return millrace(Map.of(), arguments);
  }

  /** As above, with further environment variables; an empty value removes one. */
  ClientCommand millrace(Map<String, String> environment, String... arguments) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Repository.distribution().resolve("bin/millrace").toString());
    words.addAll(List.of(arguments));
    Map<String, String> variables = new TreeMap<>(environmentOfClients());
    variables.putAll(environment);
    return ClientCommand.start(words, variables, directory().resolve("commands"));
  }

  /** Starts {@code bin/yarn-session.sh} of the distribution, which may be typed to. */
  ClientCommand yarnSession(String... arguments) throws IOException {
    return yarnSession(Map.of(), arguments);
  }

  /** As above, with further environment variables; an empty value removes one. */
  ClientCommand yarnSession(Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Repository.distribution().resolve("bin/yarn-session.sh").toString());
    words.addAll(List.of(arguments));
    Map<String, String> variables = new TreeMap<>(environmentOfClients());
    variables.putAll(environment);
    return ClientCommand.startInteractive(words, variables, directory().resolve("commands"));
  }

  Map<String, String> environmentOfClients() {
    return Map.of(
        "HADOOP_CONF_DIR",
        configuration().toString(),
        "YARN_CONF_DIR",
        "",
        "MILLRACE_CONF_DIR",
        "",
        "MILLRACE_HOME",
        "",
        "MILLRACE_LOG_DIR",
        directory().resolve("client-logs").toString(),
        "MILLRACE_CACHE_DIR",
        Repository.root().resolve("it-yarn/target/cache").toAbsolutePath().normalize().toString(),
        "HADOOP_CLASSPATH",
        version.clientJars() + "/*",
        "JAVA_HOME",
        System.getProperty("java.home"));
  }

  // ---- applications

  List<ApplicationReport> applications() throws Exception {
    return yarn.getApplications();
  }

  ApplicationReport report(String applicationId) throws Exception {
    return yarn.getApplicationReport(ApplicationId.fromString(applicationId));
  }

  /** Waits until YARN calls the application finished, failed or killed. */
  FinalApplicationStatus awaitEnd(String applicationId, Duration deadline) throws Exception {
    Await.until(
        "the end of " + applicationId,
        deadline,
        () -> {
          YarnApplicationState state = report(applicationId).getYarnApplicationState();
          return state == YarnApplicationState.FINISHED
              || state == YarnApplicationState.FAILED
              || state == YarnApplicationState.KILLED;
        });
    return report(applicationId).getFinalApplicationStatus();
  }

  void kill(String applicationId) throws Exception {
    yarn.killApplication(ApplicationId.fromString(applicationId));
  }

  // ---- processes

  /** All processes of all containers on this cluster, shells included. */
  List<ContainerProcess> processes() {
    return ContainerProcesses.below(options.nodeDirectories());
  }

  List<ContainerProcess> processes(String applicationId) {
    return processes().stream()
        .filter(process -> process.applicationId().equals(applicationId))
        .toList();
  }

  /** The JVMs of an application whose main class has this simple name. */
  List<ContainerProcess> javaProcesses(String applicationId, String simpleMainName) {
    return processes(applicationId).stream()
        .filter(
            process ->
                process.javaMain().filter(name -> name.endsWith("." + simpleMainName)).isPresent())
        .toList();
  }

  void killHard(ContainerProcess process) {
    ContainerProcesses.killHard(process.pid());
  }

  /** Stops it where it is; does nothing if it has ended. */
  void pause(ContainerProcess process) throws IOException, InterruptedException {
    signal("-STOP", process.pid());
  }

  /** Lets a paused one go on; does nothing if it has ended. */
  void wake(ContainerProcess process) throws IOException, InterruptedException {
    signal("-CONT", process.pid());
  }

  void awaitNoProcess(String applicationId, Duration deadline) throws Exception {
    Await.until(
        "the last process of " + applicationId + " to end",
        deadline,
        () -> processes(applicationId).isEmpty());
  }

  /** The log files of one name (such as {@code taskmanager.log}) of an application's containers. */
  Map<Path, String> logs(String applicationId, String fileName) throws IOException {
    Map<Path, String> found = new TreeMap<>();
    for (int node = 0; node < options.nodes(); node++) {
      Path folder = Path.of(options.nodeDirectories() + node, "logs", applicationId);
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path file : files.filter(f -> f.endsWith(fileName)).toList()) {
            // Not readString: what a program prints need not be valid UTF-8.
            found.put(file, new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
          }
        }
      }
    }
    return found;
  }

  // ---- trouble with the cluster itself

  /**
   * Stops one of the daemons, {@code namenode}, {@code datanode}, {@code resourcemanager} or {@code
   * node 0}, as an operator would.
   */
  void stop(String daemon) throws Exception {
    order("stop " + daemon);
  }

  /** Starts one that was stopped, where it listened before. */
  void start(String daemon) throws Exception {
    order("start " + daemon);
  }

  /**
   * Has a node emptied and ended; once more, to give it another time. Started again later, it is as
   * good as new.
   */
  void decommission(int node, Duration patience) throws Exception {
    order("decommission node " + node + " " + patience.toSeconds());
  }

  /** Gives a node a label; the cluster's properties must say which queues may go there. */
  void label(int node, String label) throws Exception {
    order("label node " + node + " " + label);
  }

  private void order(String order) throws Exception {
    Path answers = directory().resolve("daemons.out");
    long before = Files.readString(answers).length();
    OutputStream orders = daemons.getOutputStream();
    orders.write((order + "\n").getBytes(StandardCharsets.UTF_8));
    orders.flush();
    Await.until(
        "the daemons in " + directory() + " to " + order,
        START,
        () -> {
          if (!daemons.isAlive()) {
            throw new AssertionError("the daemons ended; see " + directory() + "/daemons.log");
          }
          return Files.readString(answers).substring((int) before).contains("done " + order);
        });
  }

  /** Stops all daemons where they are: connections stay open and nobody answers. */
  void freeze() throws IOException, InterruptedException {
    signal("-STOP", daemons.pid());
  }

  void thaw() throws IOException, InterruptedException {
    signal("-CONT", daemons.pid());
  }

  private static void signal(String name, long pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", name, Long.toString(pid))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  /**
   * A copy of the client's configuration that differs in some properties, for a client that is told
   * something wrong: an address where nobody listens, retries that take too long.
   */
  Path configurationWith(Map<String, String> changes) throws IOException {
    Path copy = Files.createTempDirectory(directory(), "conf-");
    StringBuilder text = new StringBuilder();
    changes.forEach(
        (key, value) ->
            text.append(
                "<property><name>" + key + "</name><value>" + value + "</value></property>\n"));
    for (String file : List.of("core-site.xml", "hdfs-site.xml", "yarn-site.xml")) {
      String original = Files.readString(configuration().resolve(file));
      // The last of several properties of one name wins.
      Files.writeString(
          copy.resolve(file), original.replace("</configuration>", text + "</configuration>"));
    }
    return copy;
  }

  // ---- end

  /** Removes what takes space (HDFS blocks, localised files); logs and command output stay. */
  @Override
  public void close() throws IOException {
    yarn.stop();
    hdfs.fileSystem().close();
    daemons.getOutputStream().close();
    try {
      thaw();
      if (!daemons.waitFor(30, TimeUnit.SECONDS)) {
        daemons.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      daemons.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    processes().forEach(this::killHard);
    for (String data : List.of("data", "name", "tmp")) {
      deleteTree(directory().resolve(data));
    }
    for (int node = 0; node < options.nodes(); node++) {
      deleteTree(Path.of(options.nodeDirectories() + node, "local"));
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
