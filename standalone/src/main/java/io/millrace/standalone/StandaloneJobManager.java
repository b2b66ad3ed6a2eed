package io.millrace.standalone;

import io.millrace.api.config.Configuration;
import io.millrace.hdfs.HdfsOrigin;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.host.JarClasses;
import io.millrace.runtime.host.JobManagerProcess;
import io.millrace.runtime.host.ProcessEnd;
import io.millrace.runtime.jobmanager.JobManager;
import io.millrace.runtime.jobmanager.Lease;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The JobManager's process of a cluster that people start. */
public final class StandaloneJobManager {
  private static final Logger LOG = LoggerFactory.getLogger(StandaloneJobManager.class);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  /** Nobody tells a JobManager that it has been succeeded, so it looks every three seconds. */
  private static final Lease LEASE = new Lease(Duration.ofSeconds(30));

  /**
   * Returns once the JobManager has ended, with the code to exit with.
   *
   * @param key of the cluster
   * @param work folder on local disk, of this process alone
   * @param ready told once it answers, where it listens
   * @throws IOException if it cannot start; the message is one line
   */
  public static int run(Configuration configuration, KeyFile key, Path work, Consumer<String> ready)
      throws IOException, InterruptedException {
    ClusterFolder folder = ClusterFolder.of(configuration);
    String host = configuration.get(StandaloneSettings.ADDRESS);
    int attempt = folder.nextAttempt();
    LOG.info("JobManager {} of the cluster in {}", attempt, folder);
    LOG.info("Configuration: {}", configuration);
    try (JobManagerProcess process =
        JobManagerProcess.open(
            new JobManagerProcess.Setup(
                key.read(),
                clusterName(configuration),
                attempt,
                host,
                listenOn(configuration.find(StandaloneSettings.BIND_HOST), host),
                configuration.get(StandaloneSettings.PORT),
                folder.checkpoints(),
                new JarClasses(
                    StandaloneJobManager.class.getClassLoader(),
                    new HdfsOrigin(folder.conf()),
                    work.resolve("fetched")),
                configuration,
                JobManager.Lifetime.SESSION,
                Optional.of(folder.docket()),
                LEASE))) {
      process.start(new StartedByPeople(new Ending(process, folder))).watchThreads();
      announce(process, () -> ready.accept(host + ":" + process.controlPort()));
      ProcessEnd end = process.await();
      LOG.info("The JobManager ends: {}", end.reason());
      return end.code() == 0 ? 0 : 2;
    }
  }

  /** What members of the cluster call it among each other. */
  static String clusterName(Configuration configuration) {
    return "standalone-" + configuration.get(StandaloneSettings.CLUSTER_ID);
  }

  /** An address as the ports want it: empty for all. */
  static String listenOn(Optional<String> configured, String host) {
    return configured.map(each -> each.equals("0.0.0.0") ? "" : each).orElse(host);
  }

  /** In a thread of its own: it may take long until the jobs of the JobManager before are known. */
  private static void announce(JobManagerProcess process, Runnable ready) {
    var waits =
        new Thread(
            () -> {
              try (ClusterClient client = process.client(ANSWER)) {
                while (!answers(client)) {
                  Thread.sleep(100);
                }
                ready.run();
              } catch (InterruptedException e) {
                LOG.debug("The process ends");
              }
            },
            "announcement");
    waits.setDaemon(true);
    waits.start();
  }

  private static boolean answers(ClusterClient client) throws InterruptedException {
    try {
      client.listJobs();
      return true;
    } catch (IOException e) {
      LOG.info("Not ready yet: {}", e.getMessage());
      return false;
    }
  }

  private record Ending(JobManagerProcess process, ClusterFolder folder)
      implements StartedByPeople.End {
    @Override
    public void finished(JobStatus status, String diagnostics) {
      new Thread(
              () -> {
                try {
                  folder.clear();
                } catch (IOException e) {
                  LOG.warn("{} keeps what the cluster has left there", folder, e);
                }
                process.end(diagnostics);
              },
              "end")
          .start();
    }

    @Override
    public void fenced(String reason) {
      process.end("another one commands: " + reason);
    }
  }

  private StandaloneJobManager() {}
}
