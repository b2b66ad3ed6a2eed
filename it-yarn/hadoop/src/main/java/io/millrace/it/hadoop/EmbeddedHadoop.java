package io.millrace.it.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.server.datanode.DataNode;
import org.apache.hadoop.hdfs.server.namenode.EditLogFileOutputStream;
import org.apache.hadoop.hdfs.server.namenode.NameNode;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.api.records.NodeState;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.nodemanager.NodeManager;
import org.apache.hadoop.yarn.server.resourcemanager.ResourceManager;
import org.apache.hadoop.yarn.util.resource.ResourceUtils;

/**
 * HDFS and YARN on loopback: the real NameNode, DataNode, ResourceManager and NodeManagers in this
 * process, on ports that the system chooses. Containers are processes of their own.
 *
 * <p>As a program it writes the client's configuration folder, prints {@code ready <folder>} on
 * standard output, and runs until its standard input ends or it is asked to terminate. However it
 * ends, the processes of its containers end with it; only SIGKILL prevents that.
 */
public final class EmbeddedHadoop {
  private static final String HOST = "localhost";
  private static final String ANY_PORT = HOST + ":0";

  /** What clients need to know, besides our own settings: where the daemons listen. */
  private static final List<String> YARN_ADDRESSES =
      List.of(
          YarnConfiguration.RM_ADDRESS,
          YarnConfiguration.RM_SCHEDULER_ADDRESS,
          YarnConfiguration.RM_RESOURCE_TRACKER_ADDRESS,
          YarnConfiguration.RM_ADMIN_ADDRESS,
          YarnConfiguration.RM_WEBAPP_ADDRESS);

  private final ClusterOptions options;
  private final List<NodeManager> nodeManagers = new ArrayList<>();
  private final Map<String, String> addresses = new TreeMap<>();
  private volatile ResourceManager resourceManager;
  private volatile boolean ready;

  private EmbeddedHadoop(ClusterOptions options) {
    this.options = options;
  }

  public static void main(String[] words) {
    ClusterOptions options;
    try {
      options = ClusterOptions.parse(words);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\nusage: EmbeddedHadoop " + ClusterOptions.USAGE);
      System.exit(2);
      return;
    }
    try {
      EmbeddedHadoop cluster = new EmbeddedHadoop(options);
      Runtime.getRuntime().addShutdownHook(new Thread(cluster::end, "end of cluster"));
      cluster.start();
      System.out.println("ready " + options.configuration());
      System.out.flush();
      if (options.detached()) {
        Thread.currentThread().join();
      }
      System.in.transferTo(OutputStream.nullOutputStream());
      System.exit(0);
    } catch (Exception | LinkageError e) {
      // The daemons that did start have threads that would keep this process alive.
      e.printStackTrace();
      System.exit(1);
    }
  }

  private void start() throws Exception {
    Files.createDirectories(options.directory().resolve("tmp"));
    // Daemons of one kind share a process here, so their metrics must not insist on their names.
    DefaultMetricsSystem.setMiniClusterMode(true);
    EditLogFileOutputStream.setShouldSkipFsyncForTesting(true);
    CompletableFuture<Void> hdfs = CompletableFuture.runAsync(() -> unchecked(this::startHdfs));
    startYarn();
    hdfs.get(2, TimeUnit.MINUTES);
    writeConfiguration();
    awaitNodes();
    ready = true;
  }

  private void startHdfs() throws IOException {
    Configuration conf = configuration(commonSettings(), hdfsSettings());
    conf.set("fs.defaultFS", "hdfs://" + ANY_PORT);
    NameNode.format(conf);
    NameNode nameNode = NameNode.createNameNode(new String[0], conf);
    InetSocketAddress address = nameNode.getNameNodeAddress();
    String fileSystem = "hdfs://" + HOST + ":" + address.getPort();
    conf.set("fs.defaultFS", fileSystem);
    DataNode dataNode = DataNode.createDataNode(new String[0], conf);
    while (!dataNode.isDatanodeFullyStarted()) {
      pause();
    }
    try (FileSystem files = FileSystem.newInstance(URI.create(fileSystem), conf)) {
      FsPermission everybody = new FsPermission((short) 01777);
      makeDirectory(files, "/tmp", everybody);
      makeDirectory(files, "/tmp/logs", everybody);
      makeDirectory(
          files,
          "/user/" + UserGroupInformation.getCurrentUser().getShortUserName(),
          new FsPermission((short) 0755));
    }
    synchronized (addresses) {
      addresses.put("fs.defaultFS", fileSystem);
    }
  }

  /** A mkdirs alone would apply the umask. */
  private static void makeDirectory(FileSystem files, String path, FsPermission permission)
      throws IOException {
    var directory = new org.apache.hadoop.fs.Path(path);
    files.mkdirs(directory);
    files.setPermission(directory, permission);
  }

  private void startYarn() {
    Configuration conf =
        new YarnConfiguration(configuration(commonSettings(), hdfsSettings(), yarnSettings()));
    YARN_ADDRESSES.forEach(key -> conf.set(key, ANY_PORT));
    // Kept in a static field that would otherwise take its limits from a configuration file.
    ResourceUtils.resetResourceTypes(conf);
    resourceManager = new ResourceManager();
    resourceManager.init(conf);
    resourceManager.start();
    synchronized (addresses) {
      // The servers have written the ports that they got into their configuration.
      Configuration bound = resourceManager.getConfig();
      for (String key : YARN_ADDRESSES) {
        addresses.put(key, HOST + bound.get(key).substring(bound.get(key).lastIndexOf(':')));
      }
    }
    for (int i = 0; i < options.nodes(); i++) {
      nodeManagers.add(startNode(options.nodeDirectories() + i));
    }
  }

  private NodeManager startNode(String directory) {
    Configuration conf =
        new YarnConfiguration(configuration(commonSettings(), hdfsSettings(), yarnSettings()));
    synchronized (addresses) {
      addresses.forEach(conf::set);
    }
    conf.set(YarnConfiguration.NM_ADDRESS, ANY_PORT);
    conf.set(YarnConfiguration.NM_LOCALIZER_ADDRESS, ANY_PORT);
    conf.set(YarnConfiguration.NM_WEBAPP_ADDRESS, ANY_PORT);
    conf.set(YarnConfiguration.NM_LOCAL_DIRS, directory + "/local");
    conf.set(YarnConfiguration.NM_LOG_DIRS, directory + "/logs");
    NodeManager node = new NodeManager();
    node.init(conf);
    node.start();
    return node;
  }

  private void awaitNodes() {
    while (resourceManager.getResourceScheduler().getNumClusterNodes() < options.nodes()
        || resourceManager.getRMContext().getRMNodes().values().stream()
            .anyMatch(node -> node.getState() != NodeState.RUNNING)) {
      pause();
    }
  }

  private Map<String, String> commonSettings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("hadoop.tmp.dir", options.directory().resolve("tmp").toString());
    return settings;
  }

  private Map<String, String> hdfsSettings() {
    Path directory = options.directory();
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("dfs.namenode.name.dir", directory.resolve("name").toUri().toString());
    settings.put("dfs.datanode.data.dir", directory.resolve("data").toUri().toString());
    settings.put("dfs.replication", "1");
    settings.put("dfs.namenode.http-address", ANY_PORT);
    settings.put("dfs.datanode.address", ANY_PORT);
    settings.put("dfs.datanode.http.address", ANY_PORT);
    settings.put("dfs.datanode.ipc.address", ANY_PORT);
    settings.put("dfs.datanode.hostname", HOST);
    settings.put("dfs.namenode.datanode.registration.ip-hostname-check", "false");
    return settings;
  }

  private Map<String, String> yarnSettings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("yarn.resourcemanager.hostname", HOST);
    settings.put("yarn.nodemanager.hostname", HOST);
    settings.put(
        "yarn.application.classpath", options.configuration() + "," + options.hadoopJars() + "/*");
    settings.put("yarn.resourcemanager.am.max-attempts", "" + options.maxAmAttempts());
    settings.put("yarn.am.liveness-monitor.expiry-interval-ms", "" + options.amExpiry().toMillis());
    settings.put(
        "yarn.resourcemanager.nodemanagers.heartbeat-interval-ms",
        "" + options.nodeHeartbeat().toMillis());
    settings.put("yarn.nodemanager.resource.memory-mb", "" + options.memoryMegabytes());
    settings.put("yarn.nodemanager.resource.cpu-vcores", "16");
    settings.put("yarn.scheduler.minimum-allocation-mb", "128");
    settings.put("yarn.scheduler.maximum-allocation-mb", "" + options.memoryMegabytes());
    settings.put("yarn.scheduler.maximum-allocation-vcores", "16");
    // All nodes share one host name; only their ports tell the scheduler that they are several.
    settings.put("yarn.scheduler.include-port-in-node-name", "true");
    settings.put("yarn.scheduler.capacity.root.queues", "default");
    settings.put("yarn.scheduler.capacity.root.default.capacity", "100");
    settings.put("yarn.scheduler.capacity.maximum-am-resource-percent", "0.9");
    settings.put("yarn.nodemanager.vmem-check-enabled", "false");
    settings.put("yarn.nodemanager.pmem-check-enabled", "" + options.memoryCheck());
    // Leaves the killing to cgroups by default, even where no cgroups are in use.
    settings.put("yarn.nodemanager.resource.memory.enforced", "false");
    settings.put("yarn.nodemanager.container-monitor.interval-ms", "500");
    settings.put("yarn.nodemanager.aux-services", "");
    // A test machine's disk may be nearly full without being ill.
    settings.put("yarn.nodemanager.disk-health-checker.min-free-space-per-disk-mb", "0");
    settings.put(
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "99.9");
    settings.put("yarn.log-aggregation-enable", "" + options.logAggregation());
    return settings;
  }

  @SafeVarargs
  private Configuration configuration(Map<String, String>... settings) {
    Configuration conf = new Configuration();
    for (Map<String, String> some : settings) {
      some.forEach(conf::set);
    }
    options.properties().forEach(conf::set);
    return conf;
  }

  private void writeConfiguration() throws IOException {
    Files.createDirectories(options.configuration());
    Map<String, String> core = commonSettings();
    Map<String, String> yarn = yarnSettings();
    synchronized (addresses) {
      addresses.forEach((key, value) -> (key.startsWith("fs.") ? core : yarn).put(key, value));
    }
    options
        .properties()
        .forEach((key, value) -> (key.startsWith("yarn.") ? yarn : core).put(key, value));
    write("core-site.xml", core);
    write("hdfs-site.xml", hdfsSettings());
    write("yarn-site.xml", yarn);
  }

  private void write(String file, Map<String, String> settings) throws IOException {
    StringBuilder text = new StringBuilder("<?xml version=\"1.0\"?>\n<configuration>\n");
    settings.forEach(
        (key, value) ->
            text.append("  <property><name>")
                .append(escaped(key))
                .append("</name><value>")
                .append(escaped(value))
                .append("</value></property>\n"));
    text.append("</configuration>\n");
    Files.writeString(options.configuration().resolve(file), text, UTF_8);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /**
   * Ends without ceremony: nobody will read what the daemons would still write. First the one who
   * would order new containers, then the containers.
   */
  private void end() {
    if (resourceManager != null) {
      resourceManager.stop();
    }
    int quietLooks = 0;
    while (quietLooks < 2) {
      List<ContainerProcess> left = ContainerProcesses.below(options.nodeDirectories());
      left.forEach(process -> ContainerProcesses.killHard(process.pid()));
      quietLooks = left.isEmpty() ? quietLooks + 1 : 0;
      pause();
    }
    Runtime.getRuntime().halt(ready ? 0 : 1);
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while starting or ending the cluster", e);
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private static void unchecked(Step step) {
    try {
      step.run();
    } catch (Exception e) {
      throw new IllegalStateException("HDFS did not start: " + e, e);
    }
  }
}
