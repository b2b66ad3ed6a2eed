package io.millrace.api.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.eventtime.Watermark;
import io.millrace.api.eventtime.WatermarkGenerator;
import io.millrace.api.eventtime.WatermarkOutput;
import io.millrace.api.eventtime.WatermarkStrategy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimestampsTest {
  /** Records behind which there is a watermark in any case. */
  private static final int MANY = 16_384;

  private static Bench<Long, Long> bench(WatermarkStrategy<Long> strategy) throws Exception {
    return new Bench<>(Operators.timestamps(strategy)).open();
  }

  @Test
  void monotonousTimestampsLetTheWatermarkFollowCloseBehind() throws Exception {
    var bench =
        bench(
            WatermarkStrategy.<Long>forMonotonousTimestamps()
                .withTimestampAssigner((value, recordTimestamp) -> value));

    bench.take(5L).take(9L).monotonicTo(199);
    assertThat(bench.events).containsExactly("5@5", "9@9");
    bench.monotonicTo(1_000);

    assertThat(bench.events).containsExactly("5@5", "9@9", "W(8)");
  }

  @Test
  void boundedOutOfOrdernessStaysBehindByTheBound() throws Exception {
    var bench = bench(WatermarkStrategy.forBoundedOutOfOrderness(Duration.ofSeconds(2)));

    bench.monotonicTo(200).take(1L, 10_000).take(2L, 9_000).monotonicTo(400);
    bench.take(3L, 11_000).monotonicTo(600);

    assertThat(bench.events).containsExactly("1@10000", "2@9000", "W(7999)", "3@11000", "W(8999)");
  }

  @Test
  void manyRecordsBringAWatermarkBeforeThePeriodIsOver() throws Exception {
    var bench = bench(WatermarkStrategy.forBoundedOutOfOrderness(Duration.ofMillis(10)));

    for (long i = 1; i < 2 * MANY; i++) {
      bench.take(i, i);
    }
    bench.monotonicTo(200);
    for (long i = 1; i < MANY; i++) {
      bench.take(i, 3 * MANY);
    }
    bench.take(0L, 1);

    bench.events.removeIf(event -> !event.startsWith("W"));
    assertThat(bench.events)
        .as("each period begins a new count")
        .containsExactly(
            "W(" + (MANY - 11) + ")",
            "W(" + (2 * MANY - 1 - 11) + ")",
            "W(" + (3 * MANY - 11) + ")");
  }

  @Test
  void onlyTheLastWatermarkPassesFromUpstream() throws Exception {
    var bench = bench(WatermarkStrategy.forMonotonousTimestamps());

    bench.take(1L, 50).watermarkTo(40).watermarkTo(Timestamps.MAX_WATERMARK).monotonicTo(900);

    assertThat(bench.events).containsExactly("1@50", "W(max)");
    assertThat(bench.operator.nextWakeMillis()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void noWatermarksMeansNoneUntilTheEnd() throws Exception {
    var bench =
        bench(WatermarkStrategy.<Long>noWatermarks().withTimestampAssigner((v, t) -> v * 10));

    bench.take(1L).monotonicTo(1_000).watermarkTo(Timestamps.MAX_WATERMARK);

    assertThat(bench.events).containsExactly("1@10", "W(max)");
    assertThat(WatermarkStrategy.noWatermarks().leavesTimeAlone()).isTrue();
    assertThat(
            WatermarkStrategy.noWatermarks().withTimestampAssigner((v, t) -> 1).leavesTimeAlone())
        .isFalse();
  }

  @Test
  void aQuietSubtaskIsIdleUntilItsNextRecord() throws Exception {
    var bench =
        bench(
            WatermarkStrategy.<Long>forMonotonousTimestamps().withIdleness(Duration.ofSeconds(1)));

    bench.take(1L, 5).monotonicTo(2_000).take(2L, 6);

    assertThat(bench.events).containsExactly("1@5", "W(4)", "idle", "awake", "2@6");
  }

  @Test
  void whatUpstreamSaysOfIdlenessEndsHere() throws Exception {
    var bench = bench(WatermarkStrategy.forMonotonousTimestamps());

    bench.take(1L, 5);
    bench.operator.idle(true, bench);
    bench.monotonicTo(400);
    bench.operator.idle(false, bench);

    assertThat(bench.events).containsExactly("1@5", "W(4)");
  }

  /** A watermark behind each even number; idle from 100 on, until the period is over. */
  private static final class OfItsOwn implements WatermarkGenerator<Long> {
    @Override
    public void onEvent(Long value, long timestampMillis, WatermarkOutput output) {
      if (value % 2 == 0) {
        output.emitWatermark(new Watermark(timestampMillis));
      }
      if (value >= 100) {
        output.markIdle();
      }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
      output.markActive();
    }
  }

  @Test
  void aGeneratorOfOnesOwnSpeaksWithAnyRecordAndMayBeIdle() throws Exception {
    var bench =
        bench(
            WatermarkStrategy.<Long>forGenerator(context -> new OfItsOwn())
                .withTimestampAssigner((value, old) -> value));

    bench.take(1L).take(2L).take(101L).take(102L).monotonicTo(200);

    assertThat(bench.events)
        .containsExactly(
            "1@1", "2@2", "W(2)", "101@101", "idle", "102@102", "awake", "W(102)", "idle", "awake");
  }

  @Test
  void anInputThatWakesUpWakesAQuietSubtaskOnlyWithARecord() throws Exception {
    var bench =
        bench(
            WatermarkStrategy.<Long>forMonotonousTimestamps().withIdleness(Duration.ofSeconds(1)));

    bench.monotonicTo(2_000);
    bench.operator.idle(true, bench);
    bench.operator.idle(false, bench);
    bench.take(1L, 5);

    assertThat(bench.events).containsExactly("idle", "awake", "1@5");
  }

  @Test
  void recordsWithoutTimestampMakeNoWatermark() throws Exception {
    var bench = bench(WatermarkStrategy.forMonotonousTimestamps());

    assertThat(bench.take(1L).monotonicTo(1_000).events).containsExactly("1");
  }

  @Test
  void impossibleTimesAreRefused() {
    assertThatThrownBy(() -> WatermarkStrategy.forBoundedOutOfOrderness(Duration.ofMillis(-1)))
        .hasMessageContaining("at least 0");
    assertThatThrownBy(() -> WatermarkStrategy.noWatermarks().withIdleness(Duration.ZERO))
        .hasMessageContaining("more than 0");
  }
}
