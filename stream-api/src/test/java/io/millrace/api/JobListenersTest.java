package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.executor.JobClient.Result;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.executor.JobListener;
import io.millrace.api.executor.JobStatus;
import io.millrace.api.executor.SavepointFormatType;
import io.millrace.api.graph.JobGraph;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // the executor stays installed for the block
class JobListenersTest {
  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();
  private final List<String> heard = new ArrayList<>();

  /** Submits what it is asked to, unless a refusal is set; the jobs end as is set, too. */
  private static final class Scripted implements JobExecutor {
    Exception refusal;
    JobFailedException failure;

    @Override
    public int priority() {
      return 0;
    }

    @Override
    public JobClient submit(JobGraph graph, Program program) throws Exception {
      if (refusal != null) {
        throw refusal;
      }
      return new Ended(failure);
    }
  }

  private record Ended(JobFailedException failure) implements JobClient {
    @Override
    public String getJobID() {
      return "1".repeat(32);
    }

    @Override
    public CompletableFuture<JobStatus> getJobStatus() {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> cancel() {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<String> stopWithSavepoint(
        boolean advanceToEndOfEventTime, String directory, SavepointFormatType format) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<String> triggerSavepoint(
        String directory, SavepointFormatType format) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Map<String, Object>> getAccumulators() {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Result> getJobExecutionResult() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Result await() throws JobFailedException {
      if (failure != null) {
        throw failure;
      }
      return new Result(getJobID(), Duration.ofMillis(7));
    }
  }

  private final class Noting implements JobListener {
    private final String name;
    private final boolean fails;

    Noting(String name, boolean fails) {
      this.name = name;
      this.fails = fails;
    }

    @Override
    public void onJobSubmitted(JobClient jobClient, Throwable throwable) {
      note("submitted " + (jobClient == null ? throwable : jobClient.getJobID()));
    }

    @Override
    public void onJobExecuted(Result result, Throwable throwable) {
      note("executed " + (result == null ? throwable : result.getNetRuntime()));
    }

    private void note(String what) {
      heard.add(name + " " + what);
      if (fails) {
        throw new IllegalStateException(name + " cannot listen");
      }
    }
  }

  private final Scripted executor = new Scripted();

  private Result execute() throws Exception {
    try (var open = ExecutionDoor.install(executor)) {
      env.fromElements(1).print();
      return env.execute();
    }
  }

  @Test
  void hearOfEachJobThatIsWaitedForTwice() throws Exception {
    env.registerJobListener(new Noting("a", false));
    env.registerJobListener(new Noting("b", false));
    String id = "1".repeat(32);

    execute();
    assertThat(heard)
        .containsExactly("a submitted " + id, "b submitted " + id, "a executed 7", "b executed 7");

    heard.clear();
    try (var open = ExecutionDoor.install(executor)) {
      env.fromElements(1).print();
      env.executeAsync();
    }
    assertThat(heard).containsExactly("a submitted " + id, "b submitted " + id);
  }

  @Test
  void hearWhyAJobWasRefusedOrHasFailed() {
    env.registerJobListener(new Noting("a", false));
    executor.refusal = new Exception("no room");
    assertThatThrownBy(this::execute).isSameAs(executor.refusal);

    executor.refusal = null;
    executor.failure = new JobFailedException("it broke", false);
    assertThatThrownBy(this::execute).isSameAs(executor.failure);

    assertThat(heard)
        .containsExactly(
            "a submitted " + new Exception("no room"),
            "a submitted " + "1".repeat(32),
            "a executed " + executor.failure);
  }

  @Test
  void hideNoOutcomeByWhatTheyThrow() throws Exception {
    env.registerJobListener(new Noting("bad", true));
    env.registerJobListener(new Noting("good", false));

    assertThat(execute().getNetRuntime()).isEqualTo(7);
    assertThat(heard).hasSize(4).endsWith("bad executed 7", "good executed 7");

    executor.failure = new JobFailedException("it broke", false);
    assertThat(catchThrowable(this::execute))
        .isSameAs(executor.failure)
        .satisfies(
            failure ->
                assertThat(failure.getSuppressed())
                    .extracting(Throwable::getMessage)
                    .containsExactly("bad cannot listen"));
  }

  @Test
  void whatAListenerThrowsAgainIsNotAddedToItself() {
    env.registerJobListener(
        new JobListener() {
          @Override
          public void onJobSubmitted(JobClient jobClient, Throwable throwable) {
            if (throwable instanceof RuntimeException again) {
              throw again;
            }
          }

          @Override
          public void onJobExecuted(Result result, Throwable throwable) {}
        });
    executor.refusal = new IllegalArgumentException("no room");

    assertThatThrownBy(this::execute).isSameAs(executor.refusal).hasNoSuppressedExceptions();
  }

  @Test
  void areForgottenWhenTheyAreCleared() throws Exception {
    var listener = new Noting("a", false);
    env.registerJobListener(listener);
    assertThat(env.getJobListeners()).containsExactly(listener);

    env.clearJobListeners();
    execute();

    assertThat(env.getJobListeners()).isEmpty();
    assertThat(heard).isEmpty();
  }
}
