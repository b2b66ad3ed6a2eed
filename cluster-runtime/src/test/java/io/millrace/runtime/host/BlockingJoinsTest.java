package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.function.BroadcastProcessFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedCoProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.function.RichJoinFunction;
import io.millrace.api.source.Sources;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions of two inputs that wait, on threads of their own, among failures. */
@Timeout(180)
class BlockingJoinsTest {
  private static final int RECORDS = 1_500;
  private static final long KEYS = 7;
  private static final long WINDOW = 20;
  private static final MapStateDescriptor<Long, Long> RULES =
      new MapStateDescriptor<>("rules", Long.class, Long.class);

  private static final AtomicInteger CALLS = new AtomicInteger();
  private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
  private static final Set<String> THREADS = ConcurrentHashMap.newKeySet();

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();

  /** What each of the functions does when it is called: waits now and then, fails sometimes. */
  private static void called() {
    THREADS.add(Thread.currentThread().getName());
    int calls = CALLS.incrementAndGet();
    if (calls % 50 == 0) {
      LockSupport.parkNanos(1_000_000); // the fault itself
    }
    if (calls % 2_500 == 0) {
      // Each of another kind: a slow machine may complete no checkpoint between two.
      switch (FAILURES_LEFT.getAndDecrement()) {
        case 4 -> throw new IllegalStateException("injected");
        case 3 -> throw new IllegalArgumentException("injected");
        case 2 -> throw new UnsupportedOperationException("injected");
        case 1 -> throw new ArithmeticException("injected");
        default -> {}
      }
    }
  }

  private static final class Sums extends KeyedCoProcessFunction<Long, Long, Long, String> {
    private transient ValueState<Long> sum;

    @Override
    public void open(OpenContext context) {
      called();
      sum = getRuntimeContext().getState(new ValueStateDescriptor<>("sum", Long.class, 0L));
    }

    @Override
    public void processElement1(Long n, Context context, Collector<String> out) throws Exception {
      add(n, context);
    }

    @Override
    public void processElement2(Long n, Context context, Collector<String> out) throws Exception {
      add(1_000_000 * n, context);
    }

    private void add(long n, Context context) throws Exception {
      called();
      sum.update(sum.value() + n);
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
      called();
      out.collect("sum of " + context.getCurrentKey() + ": " + sum.value());
    }

    @Override
    public void close() {
      THREADS.add(Thread.currentThread().getName());
    }
  }

  private static final class Pairs extends ProcessJoinFunction<Long, Long, String> {
    @Override
    public void processElement(Long left, Long right, Context context, Collector<String> out) {
      called();
      out.collect("pair " + left + " " + right);
    }
  }

  private static final class Windowed extends RichJoinFunction<Long, Long, String> {
    @Override
    public String join(Long left, Long right) {
      called();
      return "window " + left + " " + right;
    }
  }

  private static final class Passes extends BroadcastProcessFunction<Long, Long, String> {
    @Override
    public void processElement(Long n, ReadOnlyContext context, Collector<String> out) {
      called();
      out.collect("passed " + n);
    }

    @Override
    public void processBroadcastElement(Long n, Context context, Collector<String> out)
        throws Exception {
      called();
      context.getBroadcastState(RULES).put(n % KEYS, n);
    }
  }

  private static DataStream<Long> source(StreamExecutionEnvironment env, String name) {
    var strategy =
        WatermarkStrategy.<Long>forMonotonousTimestamps().withTimestampAssigner((n, old) -> n);
    return env.fromSource(Sources.generator(n -> n, RECORDS, 3_000), strategy, name)
        .returns(Long.class);
  }

  private static List<String> expected() {
    var all = new ArrayList<String>();
    var sums = new long[(int) KEYS];
    for (long n = 0; n < RECORDS; n++) {
      sums[(int) (n % KEYS)] += n + 1_000_000 * n;
      all.add("pair " + n + " " + n);
      all.add("passed " + n);
      for (long other = n - n % WINDOW; other < n - n % WINDOW + WINDOW; other++) {
        if (other % KEYS == n % KEYS && other < RECORDS) {
          all.add("window " + n + " " + other);
        }
      }
    }
    for (int key = 0; key < KEYS; key++) {
      all.add("sum of " + key + ": " + sums[key]);
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void loseAndRepeatNothingWhateverFails(boolean unaligned, TestInfo test) throws Exception {
    CALLS.set(0);
    FAILURES_LEFT.set(4);
    THREADS.clear();
    var output = new CommittedOutput(test.getDisplayName());
    StreamExecutionEnvironment env = LocalJobs.restarting(2);
    env.set("execution.checkpointing.unaligned.enabled", "" + unaligned);
    env.set("exchange.batch.records", "10");
    DataStream<Long> left = source(env, "left");
    DataStream<Long> right = source(env, "right");
    DataStream<String> sums =
        left.connect(right).keyBy(n -> n % KEYS, n -> n % KEYS).process(new Sums()).blocking();
    DataStream<String> pairs =
        left.keyBy(n -> n % KEYS)
            .intervalJoin(right.keyBy(n -> n % KEYS))
            .between(Duration.ZERO, Duration.ZERO)
            .process(new Pairs())
            .blocking();
    DataStream<String> windows =
        left.join(right)
            .where(n -> n % KEYS)
            .equalTo(n -> n % KEYS)
            .window(TumblingEventTimeWindows.of(Duration.ofMillis(WINDOW)))
            .apply(new Windowed())
            .blocking();
    DataStream<String> passed =
        left.connect(right.broadcast(RULES)).process(new Passes()).blocking();
    sums.union(pairs, windows, passed).sinkTo(output);
    env.execute();

    assertThat(output.records()).containsExactlyInAnyOrderElementsOf(expected());
    assertThat(FAILURES_LEFT.get()).isNotPositive();
    assertThat(THREADS).isNotEmpty().allMatch(name -> name.contains("-task-"));
  }

  /** Waits for ever in a record of its second input. */
  private static final class Waits extends KeyedCoProcessFunction<Long, Long, Long, String> {
    static volatile CountDownLatch entered;
    static final AtomicInteger INTERRUPTS = new AtomicInteger();
    static final AtomicInteger CLOSED = new AtomicInteger();

    @Override
    public void processElement1(Long n, Context context, Collector<String> out) {}

    @Override
    public void processElement2(Long n, Context context, Collector<String> out)
        throws InterruptedException {
      entered.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        INTERRUPTS.incrementAndGet();
        throw e;
      }
    }

    @Override
    public void close() {
      CLOSED.addAndGet(Thread.currentThread().isInterrupted() ? 100 : 1);
    }
  }

  @Test
  void cancellingInterruptsACallForTheSecondInput() throws Exception {
    Waits.entered = new CountDownLatch(1);
    Waits.INTERRUPTS.set(0);
    Waits.CLOSED.set(0);
    StreamExecutionEnvironment env = LocalJobs.restarting(1);
    source(env, "left")
        .connect(source(env, "right"))
        .keyBy(n -> n % KEYS, n -> n % KEYS)
        .process(new Waits())
        .blocking()
        .print();
    try (var jobs = new LocalJobs(store, getClass().getClassLoader())) {
      JobClient job = jobs.start(LocalJobs.id('5'), env.getJobGraph());
      Waits.entered.await();
      job.cancel().get();
      assertThatThrownBy(job::await).isInstanceOf(JobFailedException.class);
      Eventually.holds("closed", () -> Waits.CLOSED.get() == 1);
    }
    assertThat(Waits.INTERRUPTS).hasValue(1);
  }
}
