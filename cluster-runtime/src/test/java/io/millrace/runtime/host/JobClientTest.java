package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.executor.JobClient.Result;
import io.millrace.api.executor.JobStatus;
import io.millrace.api.executor.SavepointFormatType;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.RichMapFunction;
import io.millrace.api.sink.DiscardingSink;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a program asks about a job that it has submitted, in its own JVM. */
class JobClientTest {
  private static final AtomicBoolean FAIL = new AtomicBoolean();
  private static final AtomicInteger SEEN = new AtomicInteger();
  private static final AtomicInteger ENDED = new AtomicInteger();

  private static final class Count extends RichMapFunction<Long, Long> {
    @Override
    public Long map(Long value) {
      getRuntimeContext().getLongCounter("count").add(1);
      if (FAIL.get()) {
        throw new NoClassDefFoundError("there is no second try");
      }
      return value;
    }
  }

  private static JobClient endless() throws Exception {
    FAIL.set(false);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.enableCheckpointing(20);
    env.fromGenerator(index -> index, 1_000).map(new Count()).sinkTo(new DiscardingSink<>());
    JobClient job = env.executeAsync("endless");
    Eventually.holds("it runs", () -> job.getJobStatus().join() == JobStatus.RUNNING);
    return job;
  }

  private static <T> T soon(CompletableFuture<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(30, TimeUnit.SECONDS);
  }

  @Test
  void aStoppedJobHasASavepointAndAResult() throws Exception {
    JobClient job = endless();
    CompletableFuture<Result> result = job.getJobExecutionResult();
    assertThat(job.getJobID()).matches("[0-9a-f]{32}");

    String taken = soon(job.triggerSavepoint("/here", SavepointFormatType.CANONICAL));
    assertThat(taken).startsWith("memory:/here/savepoint-" + job.getJobID().substring(0, 6));
    assertThat(result).isNotDone();
    assertThat(soon(job.getAccumulators())).containsKey("count");

    String stopped = soon(job.stopWithSavepoint(false, null));
    assertThat(stopped).startsWith("memory:/savepoints/savepoint-").isNotEqualTo(taken);
    assertThat(soon(result).getJobID()).isEqualTo(job.getJobID());
    assertThat(soon(result).<Long>getAccumulatorResult("count")).isPositive();
    assertThat(soon(job.getAccumulators())).isEqualTo(soon(result).accumulators());
    assertThat(soon(job.getJobStatus())).isEqualTo(JobStatus.FINISHED);
    assertThat(job.await()).isEqualTo(soon(result));
    assertThat(soon(job.cancel())).isNull();
    assertThatThrownBy(() -> soon(job.triggerSavepoint("/late")))
        .hasCauseInstanceOf(IOException.class)
        .hasMessageContaining("it is FINISHED");
  }

  /** Fires at the end of event time alone. */
  private static final class AtTheEnd extends KeyedProcessFunction<Long, Long, Long> {
    @Override
    public void processElement(Long value, Context context, Collector<Long> out) {
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
      SEEN.incrementAndGet();
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Long> out) {
      ENDED.incrementAndGet();
    }
  }

  @Test
  void onlyAJobThatIsDrainedComesToTheEndOfEventTime() throws Exception {
    for (boolean drain : new boolean[] {false, true}) {
      SEEN.set(0);
      ENDED.set(0);
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.enableCheckpointing(20);
      env.fromGenerator(index -> index % 3, 1_000)
          .keyBy(number -> number)
          .process(new AtTheEnd())
          .sinkTo(new DiscardingSink<>());
      JobClient job = env.executeAsync();
      Eventually.holds("a timer is set", () -> SEEN.get() > 0);

      soon(job.stopWithSavepoint(drain, "/ends", SavepointFormatType.NATIVE));

      assertThat(ENDED.get() > 0).isEqualTo(drain);
    }
  }

  @Test
  void aCancelledJobSaysSo() throws Exception {
    JobClient job = endless();
    CompletableFuture<Result> result = job.getJobExecutionResult();

    soon(job.cancel());

    assertThatThrownBy(() -> soon(result))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            JobFailedException.class, failed -> assertThat(failed.cancelled()).isTrue());
    assertThat(soon(job.getJobStatus())).isEqualTo(JobStatus.CANCELED);
  }

  @Test
  void aFailedJobNamesItsCauseInItsResult() throws Exception {
    JobClient job = endless();
    CompletableFuture<Result> result = job.getJobExecutionResult();

    FAIL.set(true);

    assertThatThrownBy(() -> soon(result))
        .hasCauseInstanceOf(JobFailedException.class)
        .hasMessageContaining("there is no second try");
    assertThat(soon(job.getJobStatus())).isEqualTo(JobStatus.FAILED);
    assertThatThrownBy(() -> soon(job.stopWithSavepoint(true, "/late")))
        .hasMessageContaining("it is FAILED");
  }

  @Test
  void aStatusOfTheEngineIsOneOfTheApi() {
    assertThat(Arrays.stream(JobStatus.values()).map(Enum::name))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(io.millrace.runtime.protocol.JobStatus.values())
                .map(Enum::name)
                .toList());
    for (var each : io.millrace.runtime.protocol.JobStatus.values()) {
      assertThat(JobStatus.valueOf(each.name()).isTerminalState()).isEqualTo(each.terminal());
    }
  }
}
