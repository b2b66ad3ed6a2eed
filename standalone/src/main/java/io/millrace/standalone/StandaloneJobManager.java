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

  private final Configuration configuration;
  private final KeyFile key;
  private final ClusterFolder folder;
  private final Path work;
  private final Consumer<String> ready;

  private StandaloneJobManager(
      Configuration configuration, KeyFile key, Path work, Consumer<String> ready)
      throws IOException {
    this.configuration = configuration;
    this.key = key;
    this.folder = ClusterFolder.of(configuration);
    this.work = work;
    this.ready = ready;
  }

  /** How it has ended. */
  private enum End {
    /** The cluster is stopped. */
    STOPPED,
    /** Another one commands. */
    FENCED,
    BROKEN
  }

  /** Whether others may stand by for it, and its death leaves jobs that they take over. */
  public static boolean hasStandbys(Configuration configuration) {
    return configuration.get(StandaloneSettings.HIGH_AVAILABILITY).equals("zookeeper");
  }

  /**
   * @throws io.millrace.api.config.Setting.InvalidSettingException if what is configured lacks
   *     something
   */
  public static void check(Configuration configuration) {
    if (hasStandbys(configuration)) {
      Candidacy.quorum(configuration);
    }
  }

  /**
   * Returns once the JobManager has ended, with the code to exit with. One that has standbys does
   * not end because another one commands, but stands by.
   *
   * @param key of the cluster
   * @param work folder on local disk, of this process alone
   * @param ready told once it answers, where it listens, or that it stands by
   * @throws IOException if it cannot start; the message is one line
   */
  public static int run(Configuration configuration, KeyFile key, Path work, Consumer<String> ready)
      throws IOException, InterruptedException {
    var jobManager = new StandaloneJobManager(configuration, key, work, ready);
    LOG.info("Configuration: {}", configuration);
    End end = hasStandbys(configuration) ? jobManager.inTurn() : jobManager.command();
    return end == End.BROKEN ? 2 : 0;
  }

  private End inTurn() throws IOException, InterruptedException {
    try (Candidacy candidacy = Candidacy.of(configuration)) {
      while (true) {
        candidacy.awaitTurn(this::tellOfAnother);
        End end = command();
        if (end != End.FENCED) {
          return end;
        }
      }
    }
  }

  private boolean tellOfAnother() {
    try {
      if (folder.address().isPresent()) {
        ready.accept("to stand by");
        return true;
      }
    } catch (IOException e) {
      LOG.info("Whether there is a JobManager is not known: {}", e.getMessage());
    }
    return false;
  }

  private End command() throws IOException, InterruptedException {
    String host = configuration.get(StandaloneSettings.ADDRESS);
    int attempt = folder.nextAttempt();
    LOG.info("JobManager {} of the cluster in {}", attempt, folder);
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
                    work.resolve("fetched-" + attempt)),
                configuration,
                JobManager.Lifetime.SESSION,
                Optional.of(folder.docket()),
                LEASE))) {
      var ending = new Ending(process, folder);
      process.start(new StartedByPeople(ending)).watchThreads();
      announce(process, () -> ready.accept("at " + host + ":" + process.controlPort()));
      ProcessEnd end = process.await();
      LOG.info("The JobManager ends: {}", end.reason());
      return end.code() != 0 ? End.BROKEN : ending.fenced ? End.FENCED : End.STOPPED;
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

  private static final class Ending implements StartedByPeople.End {
    private final JobManagerProcess process;
    private final ClusterFolder folder;
    private volatile boolean fenced;

    Ending(JobManagerProcess process, ClusterFolder folder) {
      this.process = process;
      this.folder = folder;
    }

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
      fenced = true;
      process.end("another one commands: " + reason);
    }
  }
}
