package io.millrace.yarn;

import io.millrace.api.config.Setting;
import io.millrace.api.config.Settings;
import java.time.Duration;
import java.util.List;

/** The settings of an application on YARN; the client reads them, and the ApplicationMaster. */
public final class YarnSettings {
  public static final Setting<String> NAME =
      Settings.string(
          "yarn.application.name",
          "Millrace per-job cluster",
          "Name of the application as YARN shows it.");
  public static final Setting<String> TYPE =
      Settings.string("yarn.application.type", "Millrace", "Type of the application.");
  public static final Setting<String> QUEUE =
      Settings.string(
          "yarn.application.queue", null, "Queue of the application; YARN's default if absent.");
  public static final Setting<String> APPLICATION_ID =
      Settings.string(
          "yarn.application.id",
          null,
          "Application that list, cancel and clean speak to; session that run gives its jobs to.");
  public static final Setting<String> NODE_LABEL =
      Settings.string(
          "yarn.application.node-label", null, "Label of the nodes that run the application.");
  public static final Setting<String> TASK_MANAGER_NODE_LABEL =
      Settings.string(
          "yarn.taskmanager.node-label",
          null,
          "Label of the nodes that run TaskManagers; the application's if absent.");
  public static final Setting<Integer> PRIORITY =
      Settings.integer(
          "yarn.application.priority",
          "-1",
          -1,
          Integer.MAX_VALUE,
          "Priority of the application; -1 leaves it to YARN.");
  public static final Setting<String> TAGS =
      Settings.string("yarn.tags", "", "Tags of the application, separated by commas.");
  public static final Setting<String> VIEW_ACLS =
      Settings.string("yarn.view.acls", "", "Who may look at the application.");
  public static final Setting<String> MODIFY_ACLS =
      Settings.string("yarn.modify.acls", "", "Who may change the application.");
  public static final Setting<Integer> ATTEMPTS =
      Settings.integer(
          "yarn.application-attempts",
          null,
          1,
          1000,
          "How often YARN starts the ApplicationMaster; YARN's maximum if absent.");
  public static final Setting<Duration> ATTEMPTS_VALIDITY =
      Settings.duration(
          "yarn.application-attempt-failures-validity-interval",
          "60 s",
          "Failures of the ApplicationMaster older than this do not count.");
  public static final Setting<Integer> JOB_MANAGER_VCORES =
      Settings.integer("yarn.appmaster.vcores", "1", 1, 1024, "Cores of the ApplicationMaster.");
  public static final Setting<Integer> TASK_MANAGER_VCORES =
      Settings.integer(
          "yarn.containers.vcores",
          "-1",
          -1,
          1024,
          "Cores of a TaskManager; -1 means one for each slot.");
  public static final Setting<String> STAGING_DIRECTORY =
      Settings.string(
          "yarn.staging-directory",
          null,
          "Folder in which .millrace lies; the user's home directory if absent.");
  public static final Setting<String> SHIP_FILES =
      Settings.string(
          "yarn.ship-files",
          "",
          "Files and folders, separated by semicolons, that every container finds in its working"
              + " directory.");
  public static final Setting<Boolean> CLASS_ARCHIVE =
      Settings.bool(
          "yarn.class-archive",
          "true",
          "Ships the classes of engine and Hadoop as archives that JVMs map into memory, so that"
              + " containers start faster; the client makes them once for each version.");
  public static final Setting<Duration> HEARTBEAT =
      Settings.duration(
          "yarn.heartbeat.interval", "1 s", "Time between two calls to the ResourceManager.");
  public static final Setting<Duration> REQUEST_HEARTBEAT =
      Settings.duration(
          "yarn.heartbeat.container-request-interval",
          "100 ms",
          "The same while containers are awaited; at most 20 ms for the first two seconds of that.");
  public static final Setting<Long> JOB_MANAGER_MEMORY =
      Settings.bytes(
          "jobmanager.memory.process.size",
          "1600m",
          "Memory of the JobManager's container, everything included.");
  public static final Setting<Long> TASK_MANAGER_MEMORY =
      Settings.bytes(
          "taskmanager.memory.process.size",
          "1728m",
          "Memory of a TaskManager's container, everything included.");
  public static final Setting<Double> MANAGED_FRACTION =
      Settings.decimal(
          "taskmanager.memory.managed.fraction",
          "0.4",
          0,
          1,
          "Share of RocksDB in what it and the heap have together, if its size is not set.");
  public static final Setting<String> JAVA_OPTIONS =
      Settings.string("env.java.opts.all", "", "Further JVM flags of all containers.");
  public static final Setting<String> JOB_MANAGER_JAVA_OPTIONS =
      Settings.string("env.java.opts.jobmanager", "", "Further JVM flags of the JobManager.");
  public static final Setting<String> TASK_MANAGER_JAVA_OPTIONS =
      Settings.string("env.java.opts.taskmanager", "", "Further JVM flags of TaskManagers.");

  /** Keys that begin so put a variable into the environment of the JobManager's container. */
  public static final String JOB_MANAGER_ENVIRONMENT = "containerized.master.env.";

  /** Keys that begin so put a variable into the environment of TaskManagers' containers. */
  public static final String TASK_MANAGER_ENVIRONMENT = "containerized.taskmanager.env.";

  /** All of them, in the order of the documentation. */
  public static List<Setting<?>> all() {
    return List.of(
        NAME,
        TYPE,
        QUEUE,
        APPLICATION_ID,
        NODE_LABEL,
        TASK_MANAGER_NODE_LABEL,
        PRIORITY,
        TAGS,
        VIEW_ACLS,
        MODIFY_ACLS,
        ATTEMPTS,
        ATTEMPTS_VALIDITY,
        JOB_MANAGER_VCORES,
        TASK_MANAGER_VCORES,
        STAGING_DIRECTORY,
        SHIP_FILES,
        CLASS_ARCHIVE,
        HEARTBEAT,
        REQUEST_HEARTBEAT,
        JOB_MANAGER_MEMORY,
        TASK_MANAGER_MEMORY,
        MANAGED_FRACTION,
        JAVA_OPTIONS,
        JOB_MANAGER_JAVA_OPTIONS,
        TASK_MANAGER_JAVA_OPTIONS);
  }

  /** Beginnings of keys whose rest the user chooses. */
  public static List<String> prefixes() {
    return List.of(JOB_MANAGER_ENVIRONMENT, TASK_MANAGER_ENVIRONMENT);
  }

  private YarnSettings() {}
}
