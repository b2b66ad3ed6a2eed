package io.millrace.yarn;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.graph.JobGraph;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.client.ClusterClient.RequestRefusedException;
import io.millrace.runtime.host.Inspection;
import io.millrace.runtime.host.Inspection.RefusedException;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Submits the jobs of a main() to the JobManager of this process. The n-th job has the same id in
 * every run of main(), under whichever JobManager: a run that repeats an earlier one finds its jobs
 * as they are, ended or running, and starts only those that are new.
 */
final class ProgramExecutor implements JobExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(ProgramExecutor.class);
  private static final int FIRST = 100;

  /** Between two tries of what failed at the file system. */
  private static final long PAUSE_MILLIS = 500;

  /** The JobManager is in this process: nobody survives it. */
  private static final Duration PATIENCE = Duration.ofDays(10_000);

  private final Thread mainThread = Thread.currentThread();
  private final Cluster cluster;
  private final ClusterClient client;
  private final ClassLoader loader;
  private final TreeSet<JobId> before;
  private final TreeSet<JobId> submitted = new TreeSet<>();
  private final SecureRandom random = new SecureRandom();
  private int calls;
  private RefusedException refusal;

  /**
   * What holds for all jobs.
   *
   * @param configuration of the cluster, and default for its jobs
   * @param jars of the program
   * @param restore where each job starts
   */
  record Cluster(
      String applicationId,
      Configuration configuration,
      List<JarRef> jars,
      Optional<Restored> restore,
      Files files) {}

  /** Where files that come with a job go. */
  interface Files {
    List<FileRef> put(JobGraph graph) throws IOException;

    /** Whether there is no outage now; takes its time to find out that there is one. */
    boolean reachable();
  }

  /**
   * To be made by the thread that runs main().
   *
   * @param before jobs that an earlier run of main() has submitted
   */
  ProgramExecutor(Cluster cluster, ClusterClient client, ClassLoader loader, List<JobId> before) {
    this.cluster = cluster;
    this.client = client;
    this.loader = loader;
    this.before = new TreeSet<>(before);
  }

  /** The id of the n-th job of an application, from 1. */
  static JobId idOf(String applicationId, int number) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((applicationId + "/" + number).getBytes(StandardCharsets.UTF_8));
      return new JobId(HexFormat.of().formatHex(hash, 0, 16));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  @Override
  public int priority() {
    return FIRST;
  }

  @Override
  public Map<String, String> defaults() {
    return cluster.configuration().asMap();
  }

  /** Why a job was not submitted, if one was not. */
  Optional<RefusedException> refusal() {
    return Optional.ofNullable(refusal);
  }

  int submitted() {
    return submitted.size();
  }

  /** Whether an earlier run of main() has submitted a job that this one has not. */
  boolean hasLeftOut() {
    return !submitted.containsAll(before);
  }

  @Override
  public JobClient submit(JobGraph graph, Program live) throws InterruptedException {
    try {
      return start(graph, live);
    } catch (RefusedException e) {
      refusal = e;
      throw e;
    }
  }

  private JobClient start(JobGraph graph, Program live) throws InterruptedException {
    if (Thread.currentThread() != mainThread) {
      throw new RefusedException(
          "execute() was called by the thread "
              + Thread.currentThread().getName()
              + "; jobs are told apart by the order in which main() submits them, so call it in the"
              + " thread of main(); executeAsync() lets jobs run side by side");
    }
    // Counts also what is refused: the numbers must be those of every other run.
    JobId job = idOf(cluster.applicationId(), ++calls);
    // Of a job that is there already, what it reads may be gone, and what it writes is its own.
    JobSpec spec = before.contains(job) ? known(job, graph) : checked(job, graph, live);
    hand(spec);
    submitted.add(job);
    LOG.info("Job {} '{}' is number {} of main()", job, graph.name(), calls);
    return client.follow(job, PATIENCE);
  }

  /** Only compared with what the JobManager has. */
  private JobSpec known(JobId job, JobGraph graph) {
    return new JobSpec(job, hex(), graph, cluster.jars(), Optional.empty());
  }

  private JobSpec checked(JobId job, JobGraph graph, Program live) throws InterruptedException {
    String backend =
        Inspection.plan(graph, cluster.configuration()).settings().get(JobSettings.STATE_BACKEND);
    String ours = cluster.configuration().get(JobSettings.STATE_BACKEND);
    if (backend.equals("rocksdb") && !ours.equals("rocksdb")) {
      throw new RefusedException(
          "the job keeps its state in rocksdb, for which the containers have no memory; start the"
              + " application with -D "
              + JobSettings.STATE_BACKEND.key()
              + "=rocksdb");
    }
    Inspection.link(graph, loader);
    String lineage = cluster.restore().map(Restored::lineage).orElseGet(this::hex);
    if (cluster.restore().isPresent()) {
      checkNoneRuns();
    }
    List<FileRef> files =
        despiteOutages(
            () -> {
              Inspection.validate(graph, live, job, lineage, loader);
              return put(graph);
            });
    return new JobSpec(
        job, lineage, graph, cluster.jars(), files, cluster.restore().map(Restored::from));
  }

  private List<FileRef> put(JobGraph graph) {
    try {
      return cluster.files().put(graph);
    } catch (IOException e) {
      throw new RefusedException(
          "the files of the job cannot be put where TaskManagers find them: " + e.getMessage(), e);
    }
  }

  /**
   * Jobs outlive an outage of HDFS, so one that begins during an outage waits. What still fails
   * when HDFS is there, and has been there since the last try, fails for a reason of its own.
   */
  private List<FileRef> despiteOutages(Supplier<List<FileRef>> attempt)
      throws InterruptedException {
    boolean confirmed = false;
    boolean told = false;
    while (true) {
      try {
        return attempt.get();
      } catch (RefusedException e) {
        if (!isOfFiles(e)) {
          throw e;
        }
        boolean reachable = cluster.files().reachable();
        if (reachable && confirmed) {
          throw e;
        }
        confirmed = reachable;
        if (!reachable && !told) {
          told = true;
          LOG.warn("HDFS is away; a job waits for it: {}", e.getMessage());
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private static boolean isOfFiles(RefusedException refusal) {
    for (Throwable each = refusal.getCause(); each != null; each = each.getCause()) {
      if (each instanceof IOException) {
        return true;
      }
    }
    return false;
  }

  /** Two jobs that start from the same checkpoint would write to the same places. */
  private void checkNoneRuns() throws InterruptedException {
    try {
      for (JobSummary each : client.listJobs()) {
        if (!each.status().terminal()) {
          throw new RefusedException(
              "job "
                  + each.job()
                  + " has begun at the same checkpoint and still runs; wait for its end with"
                  + " execute(), or start without -s");
        }
      }
    } catch (IOException e) {
      throw new RefusedException(
          "whether an earlier job still runs is not known: " + e.getMessage());
    }
  }

  private void hand(JobSpec spec) throws InterruptedException {
    while (true) {
      try {
        client.submit(spec);
        return;
      } catch (RequestRefusedException e) {
        throw new RefusedException(
            before.contains(spec.job())
                ? "main() runs again after a failure of its JobManager, and its job number "
                    + calls
                    + " is not what it was: "
                    + e.getMessage()
                    + "; main() must build the same jobs in the same order in every run"
                : e.getMessage());
      } catch (IOException e) {
        // Not durable yet: HDFS may be out of reach for a while.
        LOG.warn("Job {} is not accepted yet: {}", spec.job(), e.getMessage());
      }
    }
  }

  private String hex() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
