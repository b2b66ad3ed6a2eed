package io.millrace.yarn;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.config.Setting;
import io.millrace.hdfs.HdfsOrigin;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.host.HostSettings;
import io.millrace.runtime.host.LocalFolders;
import io.millrace.runtime.host.ProcessEnd;
import io.millrace.runtime.host.RollingOutput;
import io.millrace.runtime.host.TaskManagerProcess;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.TaskManagerId;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.yarn.api.ApplicationConstants.Environment;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TaskManager's process in a YARN container. Arguments: host:port of the JobManager, the
 * application's id, its staging directory, then settings as key=value.
 */
public final class YarnTaskManager {
  private static final Logger LOG = LoggerFactory.getLogger(YarnTaskManager.class);
  private static final int BEFORE_SETTINGS = 3;

  public static void main(String[] arguments) {
    try {
      RollingOutput.install(System.getProperty("millrace.log.file"));
      start(List.of(arguments), System.getenv());
    } catch (Exception | LinkageError e) {
      LOG.error("The TaskManager could not start", e);
      System.err.println("The TaskManager could not start: " + e + "; its log has the stack trace");
      System.exit(1);
    }
  }

  /** Whether a TaskManager's configuration has use for the key. */
  static boolean reads(String key) {
    return Stream.of(ClusterSettings.all(), HostSettings.all(), JobSettings.all())
        .flatMap(List::stream)
        .anyMatch(setting -> named(setting, key));
  }

  private static boolean named(Setting<?> setting, String key) {
    return setting.key().equals(key) || setting.olderKeys().contains(key);
  }

  private static void start(List<String> arguments, Map<String, String> environment)
      throws Exception {
    if (arguments.size() < BEFORE_SETTINGS) {
      throw new IllegalArgumentException(
          "usage: YarnTaskManager <host:port> <application> <staging directory> [key=value]...");
    }
    String address = arguments.get(0);
    int colon = address.lastIndexOf(':');
    // Not resolved here: each attempt to connect looks the name up anew.
    var jobManager =
        InetSocketAddress.createUnresolved(
            address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    String application = arguments.get(1);
    var configuration = settings(arguments.subList(BEFORE_SETTINGS, arguments.size()));
    var id = new TaskManagerId(environment.get(Environment.CONTAINER_ID.key()));
    LOG.info("TaskManager {} of {}, JobManager at {}", id, application, jobManager);
    LOG.info("Configuration: {}", configuration);

    var conf = new YarnConfiguration();
    TaskManagerProcess process =
        TaskManagerProcess.start(
            new TaskManagerProcess.Setup(
                ClusterIdentity.fromBytes(YarnJobManager.identity()),
                application,
                id,
                environment.get(Environment.NM_HOST.key()),
                "",
                0,
                jobManager,
                Optional.empty(),
                YarnJobManager.store(configuration, new Path(arguments.get(2)), conf),
                YarnJobManager.classes(conf),
                new HdfsOrigin(conf),
                folders(id, environment.get(Environment.LOCAL_DIRS.key())),
                configuration));
    process.watchThreads();
    tellEndsOfLogs(process, System.getProperty("millrace.log.file"));
    Practice.whileIdle(
        process,
        new Path(arguments.get(2), "practice-" + id),
        conf,
        // Only where jobs may want it there is memory for it.
        configuration.find(ClusterSettings.MANAGED_MEMORY).isPresent() ? "rocksdb" : "hashmap",
        java.nio.file.Path.of("practice").toAbsolutePath());
    ProcessEnd end = process.await();
    LOG.info("The TaskManager ends: {}", end.reason());
    // Threads of the program must not keep the process alive.
    System.exit(end.code() == 0 ? 0 : 1);
  }

  private static void tellEndsOfLogs(TaskManagerProcess process, String log) {
    if (log != null && log.endsWith(".log")) {
      String err = log.substring(0, log.length() - "log".length()) + "err";
      process.tellEndsOf(List.of(java.nio.file.Path.of(err), java.nio.file.Path.of(log)));
      // Who exceeds its memory, or whose place another queue gets, is asked first.
      Runtime.getRuntime().addShutdownHook(new Thread(process::tellEndsNow, "last-lines"));
    }
  }

  /**
   * What the process needs is in the container's own directory, which YARN deletes with it; copies
   * are in those of the application, of which a node has one on each disk, and which stay until the
   * application has ended.
   *
   * @param ofApplication these directories, with commas between them
   */
  static LocalFolders folders(TaskManagerId id, String ofApplication) {
    var work = java.nio.file.Path.of("work").toAbsolutePath();
    List<java.nio.file.Path> shelves =
        Stream.of((ofApplication == null ? "" : ofApplication).split(","))
            .filter(each -> !each.isBlank())
            .map(each -> java.nio.file.Path.of(each.trim(), "state-copies"))
            .toList();
    return shelves.stream()
        .filter(shelf -> work.startsWith(shelf.getParent()))
        .findFirst()
        .map(shelf -> new LocalFolders(work, shelf.resolve(id.value()), shelves))
        .orElseGet(() -> LocalFolders.alone(work));
  }

  private static Configuration settings(List<String> pairs) {
    var values = new TreeMap<String, String>();
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      values.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return new Configuration(values);
  }

  private YarnTaskManager() {}
}
