package io.millrace.runtime.host;

import io.millrace.api.config.Configuration;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.Source;
import io.millrace.api.executor.Collected;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.ClusterSettings;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

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
      return new OwnClusterJob(cluster.submit(graph), cluster);
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
  private static final class OwnClusterJob implements JobClient {
    private final JobClient job;
    private final CompletableFuture<Result> end = new CompletableFuture<>();

    OwnClusterJob(JobClient job, LocalCluster cluster) {
      this.job = job;
      var waiter =
          new Thread(
              () -> {
                try (cluster) {
                  Result result = job.await();
                  cluster.close();
                  end.complete(result);
                } catch (JobFailedException | InterruptedException | RuntimeException e) {
                  cluster.close();
                  end.completeExceptionally(e);
                }
              },
              "local-job-" + job.jobId());
      waiter.setDaemon(true);
      waiter.start();
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
    public Map<String, Object> getAccumulators() throws InterruptedException {
      try {
        if (!end.isDone()) {
          return job.getAccumulators();
        }
      } catch (UncheckedIOException e) {
        if (!end.isDone()) {
          throw e;
        }
        // It has ended meanwhile, and its cluster with it.
      }
      try {
        return await().accumulators();
      } catch (JobFailedException e) {
        return e.accumulators();
      }
    }

    @Override
    public void cancel() {
      if (!end.isDone()) {
        job.cancel();
      }
    }
  }
}
