package io.millrace.it.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.hdfs.server.namenode.EditLogFileOutputStream;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;

/**
 * HDFS and YARN on loopback: the real NameNode, DataNode, ResourceManager and NodeManagers in this
 * process, on ports that the system chooses. Containers are processes of their own.
 *
 * <p>As a program it writes the client's configuration folder, prints {@code ready <folder>} on
 * standard output, stops, starts, decommissions and labels daemons as its standard input says, and
 * runs until that ends or it is asked to terminate. However it ends, the processes of its
 * containers end with it; only SIGKILL prevents that.
 */
public final class EmbeddedHadoop {
  private final ClusterOptions options;
  private final DaemonSettings settings;
  private final HdfsDaemons hdfs;
  private final YarnDaemons yarn;
  private volatile boolean ready;

  private EmbeddedHadoop(ClusterOptions options) {
    this.options = options;
    this.settings = new DaemonSettings(options);
    this.hdfs = new HdfsDaemons(settings);
    this.yarn = new YarnDaemons(options, settings);
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
      cluster.obey(new BufferedReader(new InputStreamReader(System.in, UTF_8)));
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
    CompletableFuture<Void> files = CompletableFuture.runAsync(() -> unchecked(hdfs::start));
    yarn.startResourceManager();
    files.get(2, TimeUnit.MINUTES);
    for (int node = 0; node < options.nodes(); node++) {
      yarn.startNode(node, hdfs.fileSystem());
    }
    writeConfiguration();
    yarn.awaitNodes();
    ready = true;
  }

  /**
   * One order a line, answered in kind: {@code stop} or {@code start}, then a daemon; {@code
   * decommission}, then a node and how many seconds its containers have; {@code label}, then a node
   * and its label.
   */
  private void obey(BufferedReader orders) throws Exception {
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      obey(order.split(" "));
      System.out.println("done " + order);
      System.out.flush();
    }
  }

  private void obey(String... words) throws Exception {
    if (words[0].equals("decommission")) {
      yarn.decommissionNode(Integer.parseInt(words[2]), Integer.parseInt(words[3]));
      return;
    }
    if (words[0].equals("label")) {
      yarn.labelNode(Integer.parseInt(words[2]), words[3]);
      return;
    }
    boolean start = words[0].equals("start");
    switch (words[1]) {
      case "namenode" -> run(start, hdfs::startNameNode, hdfs::stopNameNode);
      case "datanode" -> run(start, hdfs::startDataNode, hdfs::stopDataNode);
      case "resourcemanager" -> run(start, yarn::startResourceManager, yarn::stopResourceManager);
      case "node" -> {
        int number = Integer.parseInt(words[2]);
        run(start, () -> yarn.startNode(number, hdfs.fileSystem()), () -> yarn.stopNode(number));
      }
      default -> throw new IllegalArgumentException("unknown daemon " + words[1]);
    }
  }

  private static void run(boolean starts, Step start, Step stop) throws Exception {
    (starts ? start : stop).run();
  }

  private void writeConfiguration() throws IOException {
    Files.createDirectories(options.configuration());
    Map<String, String> core = settings.common();
    Map<String, String> rest = settings.yarn();
    core.put("fs.defaultFS", hdfs.fileSystem());
    rest.putAll(yarn.addresses());
    options
        .properties()
        .forEach((key, value) -> (key.startsWith("yarn.") ? rest : core).put(key, value));
    write("core-site.xml", core);
    write("hdfs-site.xml", settings.hdfs());
    write("yarn-site.xml", rest);
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
    yarn.stopResourceManager();
    int quietLooks = 0;
    while (quietLooks < 2) {
      List<ContainerProcess> left = ContainerProcesses.below(options.nodeDirectories());
      left.forEach(process -> ContainerProcesses.killHard(process.pid()));
      quietLooks = left.isEmpty() ? quietLooks + 1 : 0;
      pause();
    }
    Runtime.getRuntime().halt(ready ? 0 : 1);
  }

  static void pause() {
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
