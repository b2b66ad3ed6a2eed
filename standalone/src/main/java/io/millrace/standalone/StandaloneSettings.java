package io.millrace.standalone;

import io.millrace.api.config.Setting;
import io.millrace.api.config.Settings;
import java.time.Duration;
import java.util.List;

/** The settings of a cluster without YARN. */
public final class StandaloneSettings {
  public static final Setting<String> ADDRESS =
      Settings.string(
          "jobmanager.rpc.address",
          "localhost",
          "Host under which TaskManagers and clients reach the JobManager.");
  public static final Setting<Integer> PORT =
      Settings.integer(
          "jobmanager.rpc.port", "6123", 0, 65_535, "Port of the JobManager; 0 for any.");
  public static final Setting<String> BIND_HOST =
      Settings.string(
          "jobmanager.bind-host",
          null,
          "Address that the JobManager listens on, 0.0.0.0 for all; that of jobmanager.rpc.address if absent.");
  public static final Setting<String> TASK_MANAGER_HOST =
      Settings.string(
          "taskmanager.host",
          null,
          "Host under which TaskManagers reach this one; if absent the machine's name, or localhost where jobmanager.rpc.address is.");
  public static final Setting<String> TASK_MANAGER_BIND_HOST =
      Settings.string(
          "taskmanager.bind-host",
          null,
          "Address that a TaskManager listens on, 0.0.0.0 for all; that of taskmanager.host if absent.");
  public static final Setting<Integer> DATA_PORT =
      Settings.integer(
          "taskmanager.data.port", "0", 0, 65_535, "Port of a TaskManager; 0 for any.");
  public static final Setting<String> HIGH_AVAILABILITY =
      Settings.choice(
          "high-availability.type",
          "none",
          List.of("none", "zookeeper"),
          "Whether JobManagers of a standalone cluster stand by for each other; with zookeeper that says whose turn it is when one has died, and stop-cluster.sh leaves the jobs to the next start.",
          "high-availability");
  public static final Setting<String> ZOOKEEPER_QUORUM =
      Settings.string(
          "high-availability.zookeeper.quorum", null, "ZooKeeper's hosts, as host:port,host:port.");
  public static final Setting<String> ZOOKEEPER_ROOT =
      Settings.string(
          "high-availability.zookeeper.path.root",
          "/millrace",
          "Under which the clusters of one ZooKeeper are.");
  public static final Setting<Duration> ZOOKEEPER_SESSION =
      Settings.duration(
          "high-availability.zookeeper.client.session-timeout",
          "15 s",
          "How long ZooKeeper waits for a JobManager that it does not hear until it is another's turn.");
  public static final Setting<String> CLUSTER_ID =
      Settings.string(
          "high-availability.cluster-id",
          "default",
          "Tells clusters that keep what they share in one folder from each other.");
  public static final Setting<String> STORAGE_DIR =
      Settings.string(
          "high-availability.storageDir",
          null,
          "Folder of what the processes of a standalone cluster share, in a folder of its id; if absent .millrace/standalone in the user's home directory on Hadoop's default file system.");
  public static final Setting<String> KEY_FILE =
      Settings.string(
          "millrace.standalone.key-file",
          null,
          "File of the cluster's key, which every host of it needs and nobody else may read; cluster.key beside the configuration file if absent.");

  /** All of them, in the order of the documentation. */
  public static List<Setting<?>> all() {
    return List.of(
        ADDRESS,
        PORT,
        BIND_HOST,
        TASK_MANAGER_HOST,
        TASK_MANAGER_BIND_HOST,
        DATA_PORT,
        HIGH_AVAILABILITY,
        ZOOKEEPER_QUORUM,
        ZOOKEEPER_ROOT,
        ZOOKEEPER_SESSION,
        CLUSTER_ID,
        STORAGE_DIR,
        KEY_FILE);
  }

  private StandaloneSettings() {}
}
