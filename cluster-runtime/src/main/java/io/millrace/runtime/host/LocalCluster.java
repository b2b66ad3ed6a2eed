package io.millrace.runtime.host;

import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobClient;
import io.millrace.api.graph.CachedFile;
import io.millrace.api.graph.JobGraph;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.exchange.LocalExchange;
import io.millrace.runtime.jobmanager.JobManager;
import io.millrace.runtime.jobmanager.Lease;
import io.millrace.runtime.jobmanager.ResourceManager;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole cluster inside this JVM: the same JobManager and TaskManagers as elsewhere, connected by
 * references instead of sockets, with checkpoints in memory. TaskManagers come as jobs need them. A
 * broken invariant fails the jobs and closes the cluster, but spares the JVM.
 */
public final class LocalCluster implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);
  private static final Address RESOURCES = new Address("local-resources");
  private static final String COPIES = "copies";
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration CANCELLING = Duration.ofSeconds(10);

  private final Configuration configuration;
  private final CheckpointStore store;
  private final UserClasses classes;
  private final Switchboard switchboard = new Switchboard();
  private final FileOrigin files = new LocalOrigin();
  private final LocalExchange exchange = new LocalExchange();

  /** Of no other cluster; made when it is needed. */
  private final Path workFolder;

  private final SystemEnv jobManager;
  private final ClusterClient client;
  private volatile String broken = "";

  // Guarded by this.
  private final Map<TaskManagerId, Worker> workers = new TreeMap<>();
  private int started;
  private boolean closed;

  /** A cluster for programs whose classes the calling thread knows. */
  public static LocalCluster start(Configuration configuration) {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return start(
        configuration,
        new MemoryCheckpointStore(),
        new OneLoader(context != null ? context : LocalCluster.class.getClassLoader()));
  }

  public static LocalCluster start(
      Configuration configuration, CheckpointStore store, UserClasses classes) {
    Path folder =
        Path.of(System.getProperty("java.io.tmpdir"), "millrace-" + hex(new SecureRandom()));
    return start(configuration, store, classes, folder);
  }

  /**
   * The same.
   *
   * @param workFolder of no other cluster
   */
  static LocalCluster start(
      Configuration configuration, CheckpointStore store, UserClasses classes, Path workFolder) {
    var cluster = new LocalCluster(configuration, store, classes, workFolder);
    cluster.open();
    return cluster;
  }

  private LocalCluster(
      Configuration configuration, CheckpointStore store, UserClasses classes, Path workFolder) {
    this.configuration = configuration;
    this.workFolder = workFolder;
    this.store = store;
    this.classes = classes;
    this.jobManager =
        new SystemEnv(
            "jobmanager",
            switchboard.from(Address.JOB_MANAGER),
            SystemEnv.DEADLINES,
            this::crashed);
    this.client = switchboard.client(ANSWER, () -> broken);
  }

  private void open() {
    switchboard.plug(Address.JOB_MANAGER, jobManager);
    jobManager.start(
        new JobManager(
            new JobManager.Setup(
                "local",
                1,
                Optional.empty(),
                configuration,
                JobManager.Lifetime.SESSION,
                Optional.empty(),
                Lease.DEFAULT),
            new Here(),
            store,
            classes));
  }

  /** Submits a job; returns once it was accepted. */
  public JobClient submit(JobGraph graph) throws IOException, InterruptedException {
    return client.follow(begin(graph), Duration.ZERO);
  }

  /**
   * The same with a job that goes on from what another one, of this cluster too, has left.
   *
   * @param savepoint as {@link JobClient#stopWithSavepoint} or {@link JobClient#triggerSavepoint}
   *     answered; where it cannot be restored the job fails and says why
   */
  public JobClient submit(JobGraph graph, String savepoint)
      throws IOException, InterruptedException {
    var from = new RestoreFrom(savepoint, false);
    return client.follow(begin(graph, Optional.of(from)), Duration.ZERO);
  }

  /** As {@link #submit(JobGraph)}; its id. */
  JobId begin(JobGraph graph) throws IOException, InterruptedException {
    return begin(graph, Optional.empty());
  }

  private JobId begin(JobGraph graph, Optional<RestoreFrom> from)
      throws IOException, InterruptedException {
    var random = new SecureRandom();
    var job = new JobId(hex(random));
    var refs = new ArrayList<FileRef>();
    for (CachedFile file : graph.files()) {
      refs.add(locate(file));
    }
    client.submit(new JobSpec(job, hex(random), graph, List.of(), refs, from));
    return job;
  }

  private FileRef locate(CachedFile file) throws IOException {
    try {
      FileOrigin.State state = files.state(file.path());
      return new FileRef(file, file.path(), state.length(), state.modifiedMillis());
    } catch (IOException e) {
      throw new IOException("the cached file '" + file.name() + "': " + e.getMessage(), e);
    }
  }

  /** For everything that can be asked of a cluster; closed with it. */
  public ClusterClient client() {
    return client;
  }

  /** The longest step of each slot so far. */
  List<StepTimes.Longest> longestSteps() {
    synchronized (this) {
      return workers.values().stream().flatMap(worker -> worker.longestSteps().stream()).toList();
    }
  }

  /** Where state is that does not fit into memory. */
  Path workFolder() {
    return workFolder;
  }

  /** Cancels what runs, waits for it for a while, and ends all threads. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    if (broken.isEmpty()) {
      try {
        cancelAll();
      } catch (IOException e) {
        LOG.info("Jobs could not be cancelled: {}", e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    stop();
  }

  /** Ends a TaskManager as if its process had died; the test of everything else. */
  synchronized Optional<TaskManagerId> killOne() {
    Optional<TaskManagerId> victim = workers.keySet().stream().findFirst();
    victim.ifPresent(id -> end(id, "it was killed"));
    return victim;
  }

  private void cancelAll() throws IOException, InterruptedException {
    for (JobSummary job : client.listJobs()) {
      if (!job.status().terminal()) {
        client.cancel(job.job());
      }
    }
    long end = System.nanoTime() + CANCELLING.toNanos();
    while (System.nanoTime() < end
        && client.listJobs().stream().anyMatch(job -> !job.status().terminal())) {
      Thread.sleep(10);
    }
  }

  private void stop() {
    List<Worker> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(workers.values());
      workers.clear();
    }
    jobManager.close();
    all.forEach(Worker::close);
    Folders.delete(workFolder);
    client.close();
  }

  private void crashed(Throwable failure) {
    LOG.error("The local cluster is broken and closes", failure);
    broken = "the local cluster is broken: " + failure;
    // Not on the thread that has crashed: it is one of those that are to end.
    var closer = new Thread(this::stop, "local-cluster-closer");
    closer.setDaemon(true);
    closer.start();
  }

  private synchronized void startWorker() {
    if (closed) {
      return;
    }
    var id = new TaskManagerId("local-taskmanager-" + ++started);
    Address address = id.address();
    var worker =
        new Worker(
            new TaskManagerLocation(id, "localhost", 1),
            switchboard.from(address),
            exchange,
            store,
            classes,
            files,
            new LocalFolders(
                workFolder.resolve(id.value()),
                workFolder.resolve(COPIES).resolve(id.value()),
                List.of(workFolder.resolve(COPIES))),
            configuration,
            Optional.empty(),
            at -> {}, // there is but one JobManager
            reason -> end(id, reason),
            this::crashed);
    workers.put(id, worker);
    switchboard.plug(address, worker);
    worker.start();
  }

  private void end(TaskManagerId id, String reason) {
    Worker worker;
    synchronized (this) {
      worker = workers.remove(id);
    }
    if (worker != null) {
      switchboard.unplug(id.address());
      worker.close();
      jobManager.deliver(RESOURCES, new ResourceManager.TaskManagerEnded(id, reason));
    }
  }

  private static String hex(SecureRandom random) {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** TaskManagers are threads of this JVM; called on the JobManager's thread. */
  private final class Here implements ResourceManager {
    @Override
    public void want(int taskManagers) {
      synchronized (LocalCluster.this) {
        while (workers.size() < taskManagers && !closed) {
          startWorker();
        }
      }
    }

    @Override
    public void release(TaskManagerId taskManager) {
      var ender = new Thread(() -> end(taskManager, "it was released"), "local-cluster-release");
      ender.setDaemon(true);
      ender.start();
    }

    @Override
    public void finish(JobStatus status, String diagnostics) {
      // A session ends when it is closed.
    }

    @Override
    public void fenced(String reason) {
      crashed(new IllegalStateException(reason));
    }
  }
}
