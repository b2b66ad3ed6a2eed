package io.millrace.standalone;

import io.millrace.api.config.Configuration;
import io.millrace.hdfs.HdfsOrigin;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.host.JarClasses;
import io.millrace.runtime.host.LocalFolders;
import io.millrace.runtime.host.ProcessEnd;
import io.millrace.runtime.host.TaskManagerProcess;
import io.millrace.runtime.protocol.TaskManagerId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TaskManager's process of a cluster that people start. Who was given up, or hears from no
 * JobManager for long, begins anew under another name: nobody would start another process.
 */
public final class StandaloneTaskManager {
  private static final Logger LOG = LoggerFactory.getLogger(StandaloneTaskManager.class);
  private static final long PAUSE_MILLIS = 300;
  private static final String LOOPBACK = "localhost";

  private final Configuration configuration;
  private final ClusterIdentity identity;
  private final ClusterFolder folder;
  private final Path work;
  private final String host;

  private StandaloneTaskManager(Configuration configuration, KeyFile key, Path work)
      throws IOException {
    this.configuration = configuration;
    this.identity = key.read();
    this.folder = ClusterFolder.of(configuration);
    this.work = work;
    this.host = hostOf(configuration);
  }

  /**
   * Returns once this process cannot go on, with the code to exit with.
   *
   * @param key of the cluster
   * @param work folder on local disk, of this process alone
   * @param ready told once it has begun to look for a JobManager
   * @throws IOException if it cannot start; the message is one line
   */
  public static int run(Configuration configuration, KeyFile key, Path work, Runnable ready)
      throws IOException, InterruptedException {
    var taskManager = new StandaloneTaskManager(configuration, key, work);
    LOG.info("TaskManager of the cluster in {}, as {}", taskManager.folder, taskManager.host);
    LOG.info("Configuration: {}", configuration);
    ready.run();
    while (true) {
      Optional<String> obstacle = taskManager.serve();
      if (obstacle.isPresent()) {
        LOG.error("The TaskManager ends: {}", obstacle.get());
        return 1;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** Once, until it is sent home; why it cannot begin anew then, if it cannot. */
  private Optional<String> serve() throws IOException, InterruptedException {
    ControlAddress first = awaitJobManager();
    String name = UUID.randomUUID().toString().substring(0, 8);
    var id = new TaskManagerId("taskmanager-" + host + "-" + name);
    LOG.info("{} goes to the JobManager at {}:{}", id, first.host(), first.port());
    ProcessEnd end;
    try (TaskManagerProcess process =
        TaskManagerProcess.start(
            new TaskManagerProcess.Setup(
                identity,
                StandaloneJobManager.clusterName(configuration),
                id,
                host,
                StandaloneJobManager.listenOn(
                    configuration.find(StandaloneSettings.TASK_MANAGER_BIND_HOST), host),
                configuration.get(StandaloneSettings.DATA_PORT),
                InetSocketAddress.createUnresolved(first.host(), first.port()),
                Optional.of(folder.docket()),
                folder.checkpoints(),
                new JarClasses(
                    StandaloneTaskManager.class.getClassLoader(),
                    new HdfsOrigin(folder.conf()),
                    work.resolve(name).resolve("fetched")),
                new HdfsOrigin(folder.conf()),
                LocalFolders.alone(work.resolve(name)),
                configuration))) {
      String log = System.getProperty("millrace.log.file");
      if (log != null) {
        process.tellEndsOf(List.of(Path.of(log)));
      }
      end = process.watchThreads().await();
    }
    LOG.info("{} ends: {}", id, end.reason());
    WorkFolder.delete(work.resolve(name));
    if (end.code() != 0) {
      return Optional.of(end.reason());
    }
    return stuck(id).map(thread -> "the thread " + thread + " of a task does not end");
  }

  private static Optional<String> stuck(TaskManagerId id) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.contains(id.value()))
        .findFirst();
  }

  private ControlAddress awaitJobManager() throws InterruptedException {
    boolean told = false;
    while (true) {
      String obstacle = "no JobManager has said there where it is";
      try {
        Optional<ControlAddress> found = folder.address();
        if (found.isPresent()) {
          return found.get();
        }
      } catch (IOException e) {
        obstacle = e.getMessage();
      }
      if (!told) {
        told = true;
        LOG.info("Waits for a JobManager in {}: {}", folder, obstacle);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** Under which others reach it: those of a cluster on one machine need not leave that. */
  private static String hostOf(Configuration configuration) throws IOException {
    Optional<String> configured = configuration.find(StandaloneSettings.TASK_MANAGER_HOST);
    if (configured.isPresent()) {
      return configured.get();
    }
    String jobManager = configuration.get(StandaloneSettings.ADDRESS);
    return jobManager.equals(LOOPBACK) || jobManager.equals("127.0.0.1")
        ? jobManager
        : InetAddress.getLocalHost().getCanonicalHostName();
  }
}
