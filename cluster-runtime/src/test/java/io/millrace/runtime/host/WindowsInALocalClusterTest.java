package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.KeyedStream;
import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.executor.JobClient;
import io.millrace.api.tuple.Tuple2;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingProcessingTimeWindows;
import io.millrace.api.window.WindowFunction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Windows in whole jobs that fail on the way. A record's number is its time. */
@Timeout(120)
class WindowsInALocalClusterTest {
  private static final int RECORDS = 20_000;
  private static final int KEYS = 3;
  private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
  private static final AtomicLong SEEN = new AtomicLong();

  private static StreamExecutionEnvironment environment() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("execution.checkpointing.interval", "50 ms");
    env.set("restart-strategy.type", "fixed-delay");
    env.set("restart-strategy.fixed-delay.attempts", "10");
    env.set("restart-strategy.fixed-delay.delay", "10 ms");
    env.setParallelism(2);
    return env;
  }

  /** Numbers by their remainder, with pauses behind each thousand. */
  private static KeyedStream<Tuple2<Integer, Long>, Integer> numbers(
      StreamExecutionEnvironment env) {
    return env.fromGenerator(n -> n, RECORDS, 20_000)
        .assignTimestampsAndWatermarks(
            WatermarkStrategy.<Long>forBoundedOutOfOrderness(Duration.ofMillis(50))
                .withTimestampAssigner((n, old) -> time(n)))
        .map(
            n -> {
              if (SEEN.incrementAndGet() % 4_000 == 0 && FAILURES_LEFT.getAndDecrement() > 0) {
                throw new IllegalStateException("injected");
              }
              return Tuple2.of((int) (n % KEYS), 1L);
            })
        .keyBy(pair -> pair.f0);
  }

  private static long time(long n) {
    return n + n / 1_000 * 500;
  }

  private static WindowFunction<Tuple2<Integer, Long>, String, Integer, TimeWindow> lines() {
    return (key, window, sums, out) ->
        out.collect(
            key + " " + window.start() + ".." + window.end() + " " + sums.iterator().next().f1);
  }

  private static List<String> expected(List<TimeWindow> windows) {
    var lines = new ArrayList<String>();
    for (TimeWindow window : windows) {
      for (int key = 0; key < KEYS; key++) {
        int k = key;
        long count =
            LongStream.range(0, RECORDS)
                .filter(n -> n % KEYS == k && time(n) >= window.start() && time(n) < window.end())
                .count();
        if (count > 0) {
          lines.add(key + " " + window.start() + ".." + window.end() + " " + count);
        }
      }
    }
    return lines;
  }

  private static void run(
      TestInfo test,
      Function<KeyedStream<Tuple2<Integer, Long>, Integer>, SingleOutputStreamOperator<String>>
          windows,
      List<String> expected)
      throws Exception {
    // A third one without a checkpoint between would end the job.
    FAILURES_LEFT.set(2);
    SEEN.set(0);
    var output = new CommittedOutput(test.getDisplayName());
    var env = environment();
    windows.apply(numbers(env)).sinkTo(output);
    env.execute();

    assertThat(FAILURES_LEFT.get()).as("all failures happened").isLessThanOrEqualTo(0);
    assertThat(output.records()).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static List<TimeWindow> sliding() {
    var all = new ArrayList<TimeWindow>();
    for (long start = -750; start < time(RECORDS); start += 250) {
      all.add(new TimeWindow(start, start + 1_000));
    }
    return all;
  }

  @Test
  void slidingWindowsSurviveFailures(TestInfo test) throws Exception {
    run(
        test,
        pairs ->
            pairs
                .window(
                    SlidingEventTimeWindows.of(Duration.ofMillis(1_000), Duration.ofMillis(250)))
                .reduce((x, y) -> Tuple2.of(x.f0, x.f1 + y.f1), lines()),
        expected(sliding()));
  }

  @Test
  void sessionsSurviveFailures(TestInfo test) throws Exception {
    var sessions = new ArrayList<String>();
    for (int key = 0; key < KEYS; key++) {
      for (long burst = 0; burst < RECORDS / 1_000; burst++) {
        int k = key;
        long[] mine =
            LongStream.range(burst * 1_000, (burst + 1) * 1_000)
                .filter(n -> n % KEYS == k)
                .toArray();
        sessions.add(
            key
                + " "
                + time(mine[0])
                + ".."
                + (time(mine[mine.length - 1]) + 100)
                + " "
                + mine.length);
      }
    }
    run(
        test,
        pairs ->
            pairs
                .window(EventTimeSessionWindows.withGap(Duration.ofMillis(100)))
                .reduce((x, y) -> Tuple2.of(x.f0, x.f1 + y.f1), lines()),
        sessions);
  }

  /** Records come in the last millisecond of each window, too, and belong to it. */
  @Test
  void aWindowOfProcessingTimeIsComputedOnce(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    WindowFunction<Long, String, Long, TimeWindow> line =
        (key, window, records, out) -> out.collect(key + " " + window.start());
    env.fromGenerator(n -> n, 20_000, 40_000)
        .keyBy(n -> n % KEYS)
        .window(TumblingProcessingTimeWindows.of(Duration.ofMillis(5)))
        .reduce(Long::sum, line)
        .sinkTo(output);
    env.execute();

    assertThat(output.records()).isNotEmpty().doesNotHaveDuplicates();
  }

  @Test
  void windowsSurviveTheDeathOfATaskManager(TestInfo test) throws Exception {
    FAILURES_LEFT.set(0);
    var output = new CommittedOutput(test.getDisplayName());
    var env = environment();
    numbers(env)
        .window(SlidingEventTimeWindows.of(Duration.ofMillis(1_000), Duration.ofMillis(250)))
        .reduce((x, y) -> Tuple2.of(x.f0, x.f1 + y.f1), lines())
        .sinkTo(output);
    try (var cluster = LocalCluster.start(Configuration.EMPTY)) {
      JobClient job = cluster.submit(env.getJobGraph());
      Eventually.holds("something is committed", () -> !output.records().isEmpty());
      assertThat(cluster.killOne()).isPresent();
      job.await();
    }
    assertThat(output.records()).containsExactlyInAnyOrderElementsOf(expected(sliding()));
  }
}
