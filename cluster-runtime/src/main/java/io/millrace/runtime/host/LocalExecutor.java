package io.millrace.runtime.host;

import io.millrace.api.config.Configuration;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.Source;
import io.millrace.api.executor.Collected;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.executor.JobClient.Result;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.client.JobLine;
import io.millrace.runtime.client.PromisedJob;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.ClientRequest.Then;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Runs a program's jobs in the program's own JVM, each in a {@link LocalCluster} of its own: what
 * happens when it is started from an IDE or a test.
 */
public final class LocalExecutor implements JobExecutor {
  @Override
  public int priority() {
    return 0;
  }

  @Override
  public JobClient submit(JobGraph graph, Program program) throws Exception {
    for (Vertex vertex : graph.vertices()) {
      validate(vertex, program);
    }
    int slots = JobPlan.of(graph, Configuration.EMPTY).slotsNeeded();
    LocalCluster cluster =
        LocalCluster.start(
            Configuration.EMPTY.with(ClusterSettings.SLOTS.key(), Integer.toString(slots)));
    try {
      JobLine job = cluster.client().line(cluster.begin(graph), Duration.ZERO);
      return new PromisedJob(OwnClusterJob.of(job, cluster));
    } catch (Exception e) {
      cluster.close();
      throw e;
    }
  }

  @Override
  public <T> Optional<Collected<T>> collected(TypeInformation<T> type) {
    return Optional.of(new LocalCollected<>(type));
  }

  private static void validate(Vertex vertex, Program program) throws Exception {
    Object connector = program.connector(vertex);
    // The enumerator and the readers of a source hold the same object.
    if (connector instanceof Source<?, ?> source && vertex.role() == Vertex.Role.ENUMERATOR) {
      source.validate();
    } else if (connector instanceof Sink<?> sink) {
      sink.validate(
          new Sink.Scope(
              vertex.uid(), "0".repeat(32), "0".repeat(32), connector.getClass().getClassLoader()));
    }
  }

  /** A job whose cluster ends with it, whether anybody waits for it or not. */
  private static final class OwnClusterJob implements JobLine {
    /** A savepoint lies nowhere else, whatever directory was named, and its path says so. */
    private static final String IN_MEMORY = "memory:";

    private final JobLine job;
    private final LocalCluster cluster;
    private final CompletableFuture<Result> end = new CompletableFuture<>();

    /** Questions share it; the cluster closes when none is open. */
    private final ReadWriteLock questions = new ReentrantReadWriteLock();

    private OwnClusterJob(JobLine job, LocalCluster cluster) {
      this.job = job;
      this.cluster = cluster;
    }

    static OwnClusterJob of(JobLine job, LocalCluster cluster) {
      var own = new OwnClusterJob(job, cluster);
      var waiter = new Thread(own::awaitEnd, "local-job-" + job.jobId());
      waiter.setDaemon(true);
      waiter.start();
      return own;
    }

    private void awaitEnd() {
      try {
        Result result = job.await();
        closeAnd(() -> end.complete(result));
      } catch (JobFailedException | InterruptedException | RuntimeException e) {
        closeAnd(() -> end.completeExceptionally(e));
      }
    }

    private void closeAnd(Runnable then) {
      questions.writeLock().lock();
      try {
        cluster.close();
        then.run();
      } finally {
        questions.writeLock().unlock();
      }
    }

    private interface Question<T> {
      T ask() throws IOException, InterruptedException;
    }

    /** What the cluster says as long as there is one. */
    private <T> T ask(Question<T> question, Question<T> afterTheEnd)
        throws IOException, InterruptedException {
      questions.readLock().lock();
      try {
        if (!end.isDone()) {
          return question.ask();
        }
      } finally {
        questions.readLock().unlock();
      }
      return afterTheEnd.ask();
    }

    @Override
    public String jobId() {
      return job.jobId();
    }

    @Override
    public Result await() throws InterruptedException, JobFailedException {
      try {
        return end.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof JobFailedException failed) {
          throw failed;
        }
        throw new JobFailedException("job " + jobId() + " was lost: " + e.getCause(), false);
      }
    }

    @Override
    public JobStatus status() throws IOException, InterruptedException {
      return ask(job::status, this::lastStatus);
    }

    private JobStatus lastStatus() throws InterruptedException {
      try {
        await();
        return JobStatus.FINISHED;
      } catch (JobFailedException e) {
        return e.cancelled() ? JobStatus.CANCELED : JobStatus.FAILED;
      }
    }

    @Override
    public Map<String, Object> accumulators() throws IOException, InterruptedException {
      return ask(job::accumulators, this::lastAccumulators);
    }

    private Map<String, Object> lastAccumulators() throws InterruptedException {
      try {
        return await().accumulators();
      } catch (JobFailedException e) {
        return e.accumulators();
      }
    }

    @Override
    public void cancel() throws IOException, InterruptedException {
      ask(
          () -> {
            job.cancel();
            return true;
          },
          () -> false);
    }

    @Override
    public String savepoint(Optional<String> folder, Then then)
        throws IOException, InterruptedException {
      return ask(
          () -> job.savepoint(Optional.of(IN_MEMORY + folder.orElse("/savepoints")), then),
          () -> {
            throw new IOException(
                "there is no savepoint of job " + jobId() + ": it is " + lastStatus());
          });
    }
  }
}
