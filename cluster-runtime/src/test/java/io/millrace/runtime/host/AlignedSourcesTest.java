package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.source.Sources;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** A fast source that waits for a slow one, in whole jobs. A record's number is its time. */
@Timeout(120)
class AlignedSourcesTest {
  private static final int RECORDS = 1_000;
  private static final int DRIFT = 250;
  private static final int BATCH = 10;

  private static final AtomicLong SLOW = new AtomicLong();
  private static final AtomicLong LARGEST_GAP = new AtomicLong();
  private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();

  private static DataStream<Long> source(
      StreamExecutionEnvironment env, String name, double perSecond) {
    // Answers come late on a busy machine: the interval is long enough that five do not get lost.
    WatermarkStrategy<Long> strategy =
        WatermarkStrategy.<Long>forMonotonousTimestamps()
            .withTimestampAssigner((n, old) -> n)
            .withWatermarkAlignment("both", Duration.ofMillis(DRIFT), Duration.ofMillis(300));
    return env.fromSource(Sources.generator(n -> n, RECORDS, perSecond), strategy, name)
        .returns(Long.class);
  }

  private static List<Long> run(TestInfo test, int parallelism, int failures) throws Exception {
    SLOW.set(0);
    LARGEST_GAP.set(0);
    FAILURES_LEFT.set(failures);
    var output = new CommittedOutput(test.getDisplayName());
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("execution.checkpointing.interval", "100 ms");
    env.set("restart-strategy.type", "fixed-delay");
    env.set("restart-strategy.fixed-delay.attempts", "3");
    env.set("restart-strategy.fixed-delay.delay", "10 ms");
    env.set("exchange.batch.records", "" + BATCH);
    env.setParallelism(parallelism);
    DataStream<Long> slow =
        source(env, "slow", 400)
            .map(
                n -> {
                  SLOW.accumulateAndGet(n, Math::max);
                  if (n == RECORDS / 2 && FAILURES_LEFT.getAndDecrement() > 0) {
                    throw new IllegalStateException("injected");
                  }
                  return n;
                });
    source(env, "fast", Double.MAX_VALUE)
        .map(
            n -> {
              LARGEST_GAP.accumulateAndGet(n - SLOW.get(), Math::max);
              return n + RECORDS;
            })
        .union(slow)
        .map(n -> "" + n)
        .sinkTo(output);
    env.execute();
    return output.records().stream().map(Long::valueOf).sorted().toList();
  }

  private static List<Long> all() {
    return LongStream.range(0, 2 * RECORDS).boxed().toList();
  }

  @Test
  void theFastOneKeepsNearTheSlowOne(TestInfo test) throws Exception {
    assertThat(run(test, 1, 0)).isEqualTo(all());
    assertThat(LARGEST_GAP.get()).isPositive().isLessThan(DRIFT + 2L * BATCH);
  }

  @Test
  void andDoesSoAfterAFailureInEachSubtask(TestInfo test) throws Exception {
    assertThat(run(test, 2, 1)).isEqualTo(all());
    assertThat(LARGEST_GAP.get()).isLessThan(DRIFT + 4L * BATCH);
  }
}
