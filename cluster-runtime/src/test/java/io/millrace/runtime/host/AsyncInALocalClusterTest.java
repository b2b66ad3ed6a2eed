package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.AsyncDataStream;
import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.AsyncRetryStrategies.FixedDelayRetryStrategyBuilder;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.function.RetryPredicates;
import io.millrace.api.function.RichAsyncFunction;
import io.millrace.api.function.RichMapFunction;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers from real threads. */
@Timeout(120)
class AsyncInALocalClusterTest {
  private static final int RECORDS = 4_000;
  private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
  private static final AtomicLong SEEN = new AtomicLong();
  private static final AtomicLong MAPPED = new AtomicLong();
  private static final AtomicInteger OPEN_POOLS = new AtomicInteger();
  private static final AtomicInteger MOST_IN_FLIGHT = new AtomicInteger();

  /** Answers from a pool of threads; some requests fail at first. */
  private static final class Double extends RichAsyncFunction<Long, String> {
    private transient ExecutorService pool;
    private transient AtomicInteger inFlight;

    @Override
    public void open(OpenContext context) {
      pool = Executors.newFixedThreadPool(4);
      inFlight = new AtomicInteger();
      OPEN_POOLS.incrementAndGet();
    }

    @Override
    public void asyncInvoke(Long input, ResultFuture<String> future) {
      int now = inFlight.incrementAndGet();
      MOST_IN_FLIGHT.accumulateAndGet(now, Math::max);
      long seen = SEEN.incrementAndGet();
      pool.execute(
          () -> {
            inFlight.decrementAndGet();
            if (seen % 50 == 0) {
              future.completeExceptionally(new IOException("try again"));
            } else {
              future.complete(List.of(input + " " + 2 * input));
            }
          });
    }

    @Override
    public void close() {
      if (pool != null) {
        pool.shutdown();
        OPEN_POOLS.decrementAndGet();
      }
    }
  }

  /** Fails now and then, and if what comes is not in order but should be. */
  private static final class Trip extends RichMapFunction<String, String> {
    private final boolean ordered;
    private transient long last;

    Trip(boolean ordered) {
      this.ordered = ordered;
    }

    @Override
    public void open(OpenContext context) {
      last = -1;
    }

    @Override
    public String map(String value) {
      if (MAPPED.incrementAndGet() % 1_200 == 0 && FAILURES_LEFT.getAndDecrement() > 0) {
        throw new IllegalStateException("injected");
      }
      long number = Long.parseLong(value.substring(0, value.indexOf(' ')));
      if (ordered && number <= last) {
        throw new AssertionError(number + " comes after " + last);
      }
      last = number;
      return value;
    }
  }

  private static List<String> run(String name, boolean ordered) throws Exception {
    var output = new CommittedOutput(name);
    FAILURES_LEFT.set(2);
    SEEN.set(0);
    MAPPED.set(0);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("execution.checkpointing.interval", "50 ms");
    env.set("restart-strategy.type", "fixed-delay");
    env.set("restart-strategy.fixed-delay.attempts", "10");
    env.set("restart-strategy.fixed-delay.delay", "10 ms");
    env.setParallelism(ordered ? 1 : 2);
    DataStream<Long> numbers = env.fromGenerator(index -> index, RECORDS, 10_000);
    var retry =
        new FixedDelayRetryStrategyBuilder<String>(5, 2)
            .ifException(RetryPredicates.HAS_EXCEPTION_PREDICATE)
            .build();
    DataStream<String> doubled =
        ordered
            ? AsyncDataStream.orderedWaitWithRetry(
                numbers, new Double(), 30, TimeUnit.SECONDS, 20, retry)
            : AsyncDataStream.unorderedWaitWithRetry(
                numbers, new Double(), 30, TimeUnit.SECONDS, 20, retry);
    doubled.map(new Trip(ordered)).sinkTo(output);
    env.execute();
    return output.records();
  }

  private static List<String> expected() {
    return LongStream.range(0, RECORDS).mapToObj(n -> n + " " + 2 * n).toList();
  }

  @Test
  void everyRecordIsAnsweredOnceAcrossFailures() throws Exception {
    MOST_IN_FLIGHT.set(0);
    assertThat(run("async-unordered", false)).containsExactlyInAnyOrderElementsOf(expected());
    assertThat(FAILURES_LEFT.get()).isLessThanOrEqualTo(0);
    assertThat(MOST_IN_FLIGHT.get()).isBetween(2, 20);
    Eventually.holds("all closed", Duration.ofSeconds(10), () -> OPEN_POOLS.get() == 0);
  }

  @Test
  void orderedAnswersStayInOrderAcrossFailures() throws Exception {
    assertThat(run("async-ordered", true)).containsExactlyInAnyOrderElementsOf(expected());
    assertThat(FAILURES_LEFT.get()).isLessThanOrEqualTo(0);
  }

  @Test
  void oneRequestThatIsNeverAnsweredEndsTheJobByItsTimeout() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("restart-strategy.type", "none");
    AsyncDataStream.unorderedWait(
            env.fromGenerator(index -> index, 10, 1_000),
            (Long input, ResultFuture<Long> future) -> {
              if (input != 5) {
                future.complete(List.of(input));
              }
            },
            50,
            TimeUnit.MILLISECONDS)
        .sinkTo(new io.millrace.api.sink.DiscardingSink<>());
    org.assertj.core.api.Assertions.assertThatThrownBy(env::execute)
        .hasMessageContaining("was not answered in time");
  }
}
