package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedBroadcastProcessFunction;
import io.millrace.api.state.BroadcastState;
import io.millrace.api.state.MapStateDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class BroadcastStateTest {
  private static final int KEYS = 6;
  private static final long RULES = 2_000;
  private static final MapStateDescriptor<String, Long> SUMS =
      new MapStateDescriptor<>("sums", String.class, Long.class);
  private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
  private static final AtomicLong SEEN = new AtomicLong();

  /** Sums up what is broadcast; every key tells the sum that its subtask has at the end. */
  static final class Tell extends KeyedBroadcastProcessFunction<Long, Long, Long, String> {
    @Override
    public void processElement(Long value, ReadOnlyContext context, Collector<String> out) {
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void processBroadcastElement(Long value, Context context, Collector<String> out) {
      if (SEEN.incrementAndGet() % 1_500 == 0 && FAILURES_LEFT.getAndDecrement() > 0) {
        throw new IllegalStateException("injected");
      }
      BroadcastState<String, Long> sums = context.getBroadcastState(SUMS);
      sums.put("sum", (sums.contains("sum") ? sums.get("sum") : 0) + value);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) {
      out.collect(context.getCurrentKey() + ": " + context.getBroadcastState(SUMS).get("sum"));
    }
  }

  @Test
  void everySubtaskHasEachBroadcastRecordOnceAcrossFailures() throws Exception {
    var output = new CommittedOutput("broadcast");
    FAILURES_LEFT.set(2);
    SEEN.set(0);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("execution.checkpointing.interval", "50 ms");
    env.set("restart-strategy.type", "fixed-delay");
    env.set("restart-strategy.fixed-delay.attempts", "10");
    env.set("restart-strategy.fixed-delay.delay", "10 ms");
    env.setParallelism(2);
    var rules = env.fromGenerator(index -> index, RULES, 4_000).broadcast(SUMS);
    env.fromGenerator(index -> index % KEYS, 1_000, 4_000)
        .keyBy(key -> key)
        .connect(rules)
        .process(new Tell())
        .sinkTo(output);

    env.execute();

    List<String> expected = new ArrayList<>();
    for (int key = 0; key < KEYS; key++) {
      expected.add(key + ": " + RULES * (RULES - 1) / 2);
    }
    assertThat(FAILURES_LEFT.get()).isLessThanOrEqualTo(0);
    assertThat(output.records()).containsExactlyInAnyOrderElementsOf(expected);
  }
}
