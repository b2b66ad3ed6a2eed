package io.millrace.it.hadoop;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/** What the daemons of a cluster are told, but for the places where they listen. */
final class DaemonSettings {
  static final String HOST = "localhost";

  /** The system chooses the port. */
  static final String ANY_PORT = HOST + ":0";

  private final ClusterOptions options;

  DaemonSettings(ClusterOptions options) {
    this.options = options;
  }

  Map<String, String> common() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("hadoop.tmp.dir", options.directory().resolve("tmp").toString());
    return settings;
  }

  Map<String, String> hdfs() {
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

  Map<String, String> yarn() {
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
    // Else in a folder of the user's, where two that start at a time delete each other's files.
    settings.put(
        "yarn.node-attribute.fs-store.root-dir",
        options.directory().resolve("node-attributes").toUri().toString());
    // A test machine's disk may be nearly full without being ill.
    settings.put("yarn.nodemanager.disk-health-checker.min-free-space-per-disk-mb", "0");
    settings.put(
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "99.9");
    settings.put("yarn.log-aggregation-enable", "" + options.logAggregation());
    return settings;
  }

  @SafeVarargs
  final Configuration configuration(Map<String, String>... settings) {
    Configuration conf = new Configuration();
    for (Map<String, String> some : settings) {
      some.forEach(conf::set);
    }
    options.properties().forEach(conf::set);
    return conf;
  }
}
