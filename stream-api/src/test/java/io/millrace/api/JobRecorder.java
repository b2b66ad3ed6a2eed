package io.millrace.api;

import io.millrace.api.connector.Sink;
import io.millrace.api.executor.CloseableIterator;
import io.millrace.api.executor.Collected;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.executor.JobStatus;
import io.millrace.api.executor.SavepointFormatType;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.api.type.TypeInformation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Accepts every job and says at once that it has finished. */
final class JobRecorder implements JobExecutor {
  final List<JobGraph> graphs = new ArrayList<>();
  final List<Program> programs = new ArrayList<>();
  Map<String, String> defaults = Map.of();

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Map<String, String> defaults() {
    return defaults;
  }

  @Override
  public JobClient submit(JobGraph graph, Program program) {
    graphs.add(graph);
    programs.add(program);
    return new Finished();
  }

  @Override
  public <T> Optional<Collected<T>> collected(TypeInformation<T> type) {
    return Optional.of(new Nothing<>());
  }

  /** No record. */
  private record Nothing<T>() implements Collected<T> {
    @Override
    public Sink<T> sink() {
      return new DiscardingSink<>();
    }

    @Override
    public CloseableIterator<T> of(JobClient job) {
      return new CloseableIterator<>() {
        @Override
        public boolean hasNext() {
          return false;
        }

        @Override
        public T next() {
          throw new NoSuchElementException();
        }

        @Override
        public void close() {}
      };
    }
  }

  /** A job that has finished at once. */
  private record Finished() implements JobClient {
    @Override
    public String getJobID() {
      return "0".repeat(32);
    }

    @Override
    public CompletableFuture<JobStatus> getJobStatus() {
      return CompletableFuture.completedFuture(JobStatus.FINISHED);
    }

    @Override
    public CompletableFuture<Void> cancel() {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<String> stopWithSavepoint(
        boolean advanceToEndOfEventTime, String directory, SavepointFormatType format) {
      return CompletableFuture.completedFuture(
          directory + (advanceToEndOfEventTime ? "/drained-" : "/stopped-") + format);
    }

    @Override
    public CompletableFuture<String> triggerSavepoint(
        String directory, SavepointFormatType format) {
      return CompletableFuture.completedFuture(directory + "/taken-" + format);
    }

    @Override
    public CompletableFuture<Map<String, Object>> getAccumulators() {
      return CompletableFuture.completedFuture(Map.of());
    }

    @Override
    public CompletableFuture<Result> getJobExecutionResult() {
      return CompletableFuture.completedFuture(await());
    }

    @Override
    public Result await() {
      return new Result(getJobID(), Duration.ZERO);
    }
  }
}
