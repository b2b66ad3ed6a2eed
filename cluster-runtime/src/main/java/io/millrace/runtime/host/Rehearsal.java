package io.millrace.runtime.host;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.jobmanager.JobManager;
import io.millrace.runtime.jobmanager.Lease;
import io.millrace.runtime.jobmanager.ResourceManager;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Runs a small job on a whole cluster inside one JVM, whose parts speak with each other as they do
 * between machines, so that this JVM comes to load what the processes of a cluster load while they
 * start. Whoever runs it asks the JVM for an archive of these classes.
 */
public final class Rehearsal {
  private static final String APPLICATION = "rehearsal";
  private static final String HOST = "localhost";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ClusterIdentity identity;
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final OneLoader classes = new OneLoader(Rehearsal.class.getClassLoader());
  private final ConcurrentSkipListMap<TaskManagerId, TaskManagerProcess> taskManagers =
      new ConcurrentSkipListMap<>();
  private final JobManagerProcess jobManager;

  private Rehearsal(ClusterIdentity identity) throws IOException {
    this.identity = identity;
    this.jobManager =
        JobManagerProcess.open(
            new JobManagerProcess.Setup(
                identity,
                APPLICATION,
                1,
                HOST,
                HOST,
                0,
                store,
                classes,
                Configuration.EMPTY,
                JobManager.Lifetime.PER_JOB,
                Optional.empty(),
                Lease.DEFAULT));
  }

  /**
   * @param arguments none; standard input holds the bytes of an identity, or nothing where
   *     certificates can be made
   */
  public static void main(String[] arguments) throws Exception {
    byte[] given = System.in.readAllBytes();
    run(given.length > 0 ? ClusterIdentity.fromBytes(given) : ClusterIdentity.create(APPLICATION));
    System.exit(0);
  }

  /** Returns once the job has ended as it should. */
  public static void run(ClusterIdentity identity) throws Exception {
    var rehearsal = new Rehearsal(identity);
    try {
      rehearsal.run();
    } finally {
      rehearsal.taskManagers.values().forEach(TaskManagerProcess::close);
      rehearsal.jobManager.close();
    }
  }

  private void run() throws Exception {
    jobManager.start(new Sockets());
    var job = new JobId("0".repeat(32));
    try (ClusterClient client =
        ControlLine.client(identity, APPLICATION, this::address, PATIENCE)) {
      client.submit(
          new JobSpec(job, job.hex(), SmallJob.graph("hashmap"), List.of(), Optional.empty()));
      client.follow(job, PATIENCE).await();
    }
    jobManager.await();
  }

  private InetSocketAddress address() {
    return InetSocketAddress.createUnresolved(HOST, jobManager.controlPort());
  }

  /** TaskManagers in this JVM, with sockets like any other. */
  private final class Sockets implements ResourceManager {
    @Override
    public void want(int wanted) {
      while (taskManagers.size() < wanted) {
        var id = new TaskManagerId("container_" + taskManagers.size());
        try {
          taskManagers.put(
              id,
              TaskManagerProcess.start(
                  new TaskManagerProcess.Setup(
                      identity,
                      APPLICATION,
                      id,
                      HOST,
                      HOST,
                      0,
                      address(),
                      Optional.empty(),
                      store,
                      classes,
                      new LocalOrigin(),
                      LocalFolders.alone(Path.of("work")),
                      Configuration.EMPTY)));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }

    @Override
    public void release(TaskManagerId taskManager) {}

    @Override
    public void finish(JobStatus status, String diagnostics) {
      jobManager.end(status.toString());
    }

    @Override
    public void fenced(String reason) {
      jobManager.end(reason);
    }
  }
}
