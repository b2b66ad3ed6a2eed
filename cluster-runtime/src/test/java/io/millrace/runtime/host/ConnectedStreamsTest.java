package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedCoProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ConnectedStreamsTest {
  private static final int KEYS = 7;
  private static final int RECORDS = 5_000;
  private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
  private static final AtomicLong SEEN = new AtomicLong();

  /** Counts both streams of a key; fails now and then. */
  static final class CountBoth extends KeyedCoProcessFunction<Long, Long, Long, String> {
    private transient ValueState<Long> first;
    private transient ValueState<Long> second;

    @Override
    public void open(OpenContext context) {
      first = getRuntimeContext().getState(new ValueStateDescriptor<>("first", Long.class));
      second = getRuntimeContext().getState(new ValueStateDescriptor<>("second", Long.class));
    }

    @Override
    public void processElement1(Long value, Context context, Collector<String> out)
        throws Exception {
      count(first, context);
    }

    @Override
    public void processElement2(Long value, Context context, Collector<String> out)
        throws Exception {
      count(second, context);
    }

    private static void count(ValueState<Long> state, Context context) throws Exception {
      if (SEEN.incrementAndGet() % 2_500 == 0 && FAILURES_LEFT.getAndDecrement() > 0) {
        throw new IllegalStateException("injected");
      }
      state.update(state.value() == null ? 1 : state.value() + 1);
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
      out.collect(context.getCurrentKey() + ": " + first.value() + " " + second.value());
    }
  }

  @Test
  void sharedStateCountsEachRecordOfBothStreamsOnceAcrossFailures() throws Exception {
    var output = new CommittedOutput("connected");
    FAILURES_LEFT.set(2);
    SEEN.set(0);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("execution.checkpointing.interval", "50 ms");
    env.set("restart-strategy.type", "fixed-delay");
    env.set("restart-strategy.fixed-delay.attempts", "10");
    env.set("restart-strategy.fixed-delay.delay", "10 ms");
    env.setParallelism(2);
    var once = env.fromGenerator(index -> index, RECORDS, 10_000);
    var twice = env.fromGenerator(index -> index / 2, 2 * RECORDS, 20_000);
    once.connect(twice).keyBy(n -> n % KEYS, n -> n % KEYS).process(new CountBoth()).sinkTo(output);

    env.execute();

    List<String> expected = new ArrayList<>();
    for (int key = 0; key < KEYS; key++) {
      long count = (RECORDS + KEYS - 1 - key) / KEYS;
      expected.add(key + ": " + count + " " + 2 * count);
    }
    assertThat(FAILURES_LEFT.get()).isLessThanOrEqualTo(0);
    assertThat(output.records()).containsExactlyInAnyOrderElementsOf(expected);
  }
}
