package io.millrace.yarn;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.protocol.ClusterSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.io.DataOutputBuffer;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.security.Credentials;
import org.apache.hadoop.yarn.api.records.ApplicationAccessType;
import org.apache.hadoop.yarn.api.records.ContainerLaunchContext;
import org.apache.hadoop.yarn.api.records.LocalResource;

/** How a container of ours starts. */
final class ContainerLaunch {
  /** Under which name YARN's credentials carry the application's key and certificate. */
  static final Text IDENTITY = new Text("millrace.identity");

  /**
   * Files that nobody writes to any more. A NodeManager that is told to uploads them while the
   * container runs, and deletes them; of a container that has ended it then uploads all.
   */
  static final String ROLLED_LOGS = "\\.(log|out|err)\\.[0-9]+(\\.gz)?$";

  private static final String LOG_CONFIGURATION = "log4j2.properties";

  /** A JobManager decides seldom and is missed while it starts: compile fast rather than best. */
  private static final String QUICK_START = "-XX:TieredStopAtLevel=1";

  /** The ApplicationMaster's. */
  static ContainerLaunchContext ofJobManager(
      StagedCluster cluster, ContainerSizes sizes, String stagingDirectory, byte[] identity) {
    var configuration = new Configuration(cluster.configuration());
    return context(
        cluster,
        environment(cluster, YarnSettings.JOB_MANAGER_ENVIRONMENT),
        new LaunchCommand(
            YarnJobManager.class.getName(),
            flags(
                cluster,
                sizes.jobManager(),
                "jobmanager",
                QUICK_START,
                configuration.get(YarnSettings.JAVA_OPTIONS),
                configuration.get(YarnSettings.JOB_MANAGER_JAVA_OPTIONS)),
            List.of(stagingDirectory),
            "jobmanager",
            cluster.shared()),
        identity,
        Map.of(
            ApplicationAccessType.VIEW_APP, configuration.get(YarnSettings.VIEW_ACLS),
            ApplicationAccessType.MODIFY_APP, configuration.get(YarnSettings.MODIFY_ACLS)));
  }

  /**
   * A TaskManager's.
   *
   * @param each what its slots are made for, if for anything special; the sizes are for that then
   */
  static ContainerLaunchContext ofTaskManager(
      StagedCluster cluster,
      ContainerSizes sizes,
      Optional<SlotResources> each,
      String host,
      int port,
      String applicationId,
      String stagingDirectory,
      byte[] identity) {
    var configuration = new Configuration(cluster.configuration());
    var arguments = new ArrayList<>(List.of(host + ":" + port, applicationId, stagingDirectory));
    cluster.configuration().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .filter(entry -> YarnTaskManager.reads(entry.getKey()))
        .filter(entry -> !entry.getKey().equals(ClusterSettings.MANAGED_MEMORY.key()))
        .filter(entry -> each.isEmpty() || !entry.getKey().equals(ClusterSettings.SLOTS.key()))
        .forEach(entry -> arguments.add(entry.getKey() + "=" + entry.getValue()));
    if (sizes.taskManager().managed() > 0) {
      arguments.add(
          ClusterSettings.MANAGED_MEMORY.key() + "=" + sizes.taskManager().managed() + "m");
    }
    each.ifPresent(
        one -> {
          arguments.add(ClusterSettings.SLOTS.key() + "=" + sizes.slots());
          arguments.add(ClusterSettings.SLOT_RESOURCES.key() + "=" + one.text());
        });
    return context(
        cluster,
        environment(cluster, YarnSettings.TASK_MANAGER_ENVIRONMENT),
        new LaunchCommand(
            YarnTaskManager.class.getName(),
            flags(
                cluster,
                sizes.taskManager(),
                "taskmanager",
                configuration.get(YarnSettings.JAVA_OPTIONS),
                configuration.get(YarnSettings.TASK_MANAGER_JAVA_OPTIONS)),
            arguments,
            "taskmanager",
            cluster.shared()),
        identity,
        Map.of());
  }

  private static ContainerLaunchContext context(
      StagedCluster cluster,
      Map<String, String> environment,
      LaunchCommand command,
      byte[] identity,
      Map<ApplicationAccessType, String> acls) {
    var resources = new LinkedHashMap<String, LocalResource>();
    cluster.files().forEach(file -> resources.put(file.link(), file.resource()));
    return ContainerLaunchContext.newInstance(
        resources, environment, List.of(command.text()), Map.of(), tokens(identity), acls);
  }

  private static List<String> flags(
      StagedCluster cluster, ContainerMemory memory, String logName, String... further) {
    var flags = new ArrayList<>(memory.jvmFlags());
    if (has(cluster, LOG_CONFIGURATION)) {
      flags.add("-Dlog4j2.configurationFile=" + LOG_CONFIGURATION);
    }
    flags.add("-Dslf4j.internal.verbosity=ERROR");
    // Which part of the memory was full belongs to the last lines, and not among what jobs print.
    flags.add("-XX:+DisplayVMOutputToStderr");
    // Buffers are counted against the limit that the JVM keeps.
    flags.add("-Dio.netty.maxDirectMemory=0");
    for (String options : further) {
      flags.addAll(LaunchCommand.split(options));
    }
    return flags;
  }

  private static boolean has(StagedCluster cluster, String link) {
    return cluster.files().stream().anyMatch(file -> file.link().equals(link));
  }

  private static Map<String, String> environment(StagedCluster cluster, String prefix) {
    var environment = new LinkedHashMap<String, String>();
    environment.put("CLASSPATH", cluster.classPath());
    // glibc's arenas, one for each thread, are the usual reason for memory that nobody counts.
    environment.put("MALLOC_ARENA_MAX", "2");
    environment.put("HADOOP_USER_NAME", cluster.user());
    cluster
        .configuration()
        .forEach(
            (key, value) -> {
              if (key.startsWith(prefix)) {
                // The launch script writes values between double quotes.
                environment.put(
                    key.substring(prefix.length()), LaunchCommand.insideDoubleQuotes(value));
              }
            });
    return environment;
  }

  private static ByteBuffer tokens(byte[] identity) {
    var credentials = new Credentials();
    credentials.addSecretKey(IDENTITY, identity);
    try (var out = new DataOutputBuffer()) {
      credentials.writeTokenStorageToStream(out);
      return ByteBuffer.wrap(out.getData(), 0, out.getLength());
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
  }

  private ContainerLaunch() {}
}
