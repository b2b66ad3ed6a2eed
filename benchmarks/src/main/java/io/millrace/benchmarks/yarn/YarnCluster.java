package io.millrace.benchmarks.yarn;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;

/** HDFS and YARN with one node, in a process of their own, which ends with this one. */
final class YarnCluster implements AutoCloseable {
  private static final String HADOOP = "it-yarn/hadoop/target";

  private final Path directory;
  private final Path clientJars;
  private final Process daemons;
  private final YarnClient yarn;
  private final FileSystem files;
  private boolean keep;
  private final Set<ApplicationId> known = new HashSet<>();

  private YarnCluster(Path directory, Path clientJars, Process daemons, boolean keep)
      throws IOException {
    this.directory = directory;
    this.clientJars = clientJars;
    this.daemons = daemons;
    this.keep = keep;
    var conf = new YarnConfiguration();
    for (String file : List.of("core-site.xml", "hdfs-site.xml", "yarn-site.xml")) {
      conf.addResource(configuration().resolve(file).toUri().toURL());
    }
    this.yarn = YarnClient.createYarnClient();
    yarn.init(conf);
    yarn.start();
    this.files = FileSystem.newInstance(conf);
  }

  /**
   * @param logs new folder in which everything stays; without one it goes
   * @param heartbeatMillis between two calls of the NodeManager to the ResourceManager, which
   *     decides at such a call what runs on the node
   */
  static YarnCluster start(Path root, Optional<Path> logs, long heartbeatMillis)
      throws IOException {
    Path directory =
        logs.isPresent()
            ? Files.createDirectories(logs.get().toAbsolutePath())
            : Files.createTempDirectory("millrace-yarn");
    Path hadoop = root.resolve(HADOOP).toAbsolutePath();
    Path clientJars = folder(hadoop, "client-*");
    var words =
        new ProcessBuilder(
                java(),
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                hadoop.resolve("classes") + ":" + folder(hadoop, "daemons-*") + "/*",
                "io.millrace.it.hadoop.EmbeddedHadoop",
                "--dir",
                directory.toString(),
                "--hadoop-jars",
                clientJars.toString(),
                // Jobs are struck more often than by chance.
                "--max-am-attempts",
                "100",
                "--heartbeat",
                Long.toString(heartbeatMillis))
            .redirectError(directory.resolve("daemons.log").toFile());
    words.environment().put("JAVA_HOME", System.getProperty("java.home"));
    words.environment().put("HADOOP_CONF_DIR", directory.resolve("conf").toString());
    Process daemons = words.start();
    String ready = new BufferedReader(new InputStreamReader(daemons.getInputStream())).readLine();
    if (ready == null || !ready.startsWith("ready ")) {
      throw new IOException("the daemons ended; see " + directory.resolve("daemons.log"));
    }
    return new YarnCluster(directory, clientJars, daemons, logs.isPresent());
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static Path folder(Path parent, String pattern) throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, pattern)) {
      return found.iterator().next();
    }
  }

  Path directory() {
    return directory;
  }

  Path configuration() {
    return directory.resolve("conf");
  }

  Path clientJars() {
    return clientJars;
  }

  /**
   * Puts a file where everybody may read it, so that nodes keep it across applications.
   *
   * @return the folder in which it is
   */
  String publish(Path file, String folder) throws IOException {
    var path = new org.apache.hadoop.fs.Path("/" + folder);
    files.mkdirs(path);
    for (var each = path; each.getParent() != null; each = each.getParent()) {
      files.setPermission(each, new FsPermission((short) 0755));
    }
    var copy = new org.apache.hadoop.fs.Path(path, file.getFileName().toString());
    files.copyFromLocalFile(new org.apache.hadoop.fs.Path(file.toUri()), copy);
    files.setPermission(copy, new FsPermission((short) 0644));
    return files.makeQualified(path).toString();
  }

  /** One that was not seen before. */
  ApplicationId newApplication() throws IOException, YarnException {
    return yarn.getApplications().stream()
        .map(ApplicationReport::getApplicationId)
        .filter(known::add)
        .findFirst()
        .orElseThrow(() -> new IOException("YARN has no new application"));
  }

  void kill(ApplicationId application) throws IOException, YarnException {
    yarn.killApplication(application);
  }

  /** The process of an application's JobManager, which has the first container of its attempt. */
  Optional<ProcessHandle> jobManager(ApplicationId application) {
    String number = application.toString().substring("application".length());
    Pattern mark =
        Pattern.compile("\\x00CONTAINER_ID=container(_e\\d+)?" + number + "_\\d+_000001\\x00");
    return ProcessHandle.allProcesses()
        .filter(process -> content(process, "cmdline").matches("(?s)[^\\x00]*/java\\x00.*"))
        .filter(process -> mark.matcher("\0" + content(process, "environ")).find())
        .findFirst();
  }

  /** Nothing if it has ended or is another's. */
  private static String content(ProcessHandle process, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), file), ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  /** What the cluster has written stays. */
  void keep() {
    keep = true;
  }

  ApplicationReport report(ApplicationId application) throws IOException, YarnException {
    return yarn.getApplicationReport(application);
  }

  /** The log folders of its containers, in the order of their numbers: the JobManager's first. */
  List<Path> logs(ApplicationId application) throws IOException {
    Path folder = directory.resolve("node-0/logs").resolve(application.toString());
    var logs = new ArrayList<Path>();
    try (DirectoryStream<Path> containers = Files.newDirectoryStream(folder, "container_*")) {
      containers.forEach(logs::add);
    }
    logs.sort(null);
    return logs;
  }

  @Override
  public void close() throws IOException {
    yarn.stop();
    files.close();
    daemons.getOutputStream().close();
    daemons.onExit().join();
    if (keep) {
      System.err.println("logs of the cluster are in " + directory);
      return;
    }
    try (Stream<Path> written = Files.walk(directory)) {
      for (Path file : written.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
