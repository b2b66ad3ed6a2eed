package io.millrace.api.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import io.millrace.api.connector.SourceOutput;
import io.millrace.api.eventtime.WatermarkGenerator;
import io.millrace.api.eventtime.WatermarkOutput;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.OutputTag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReaderTimeTest {
  private final List<String> events = new ArrayList<>();
  private ReaderTime<Long> time;

  private final Output<Long> output =
      new Output<>() {
        @Override
        public void collect(Long value, long timestamp) {
          events.add(timestamp == Timestamps.NONE ? "" + value : value + "@" + timestamp);
        }

        @Override
        public <X> void output(OutputTag<X> tag, X value, long timestamp) {
          throw new AssertionError("readers have no side outputs");
        }

        @Override
        public void watermark(long watermark) {
          events.add("W(" + watermark + ")");
        }

        @Override
        public void idle(boolean idle) {
          events.add(idle ? "idle" : "awake");
        }
      };

  private Configuration settings = Configuration.EMPTY;

  private ReaderTime<Long> time(WatermarkStrategy<Long> strategy) {
    time = new ReaderTime<>(strategy, output, 0, settings);
    return time;
  }

  private static WatermarkStrategy<Long> byValue() {
    return WatermarkStrategy.<Long>forMonotonousTimestamps()
        .withTimestampAssigner((value, old) -> value);
  }

  /** A watermark with each record. */
  private static WatermarkStrategy<Long> punctuated() {
    return WatermarkStrategy.<Long>forGenerator(context -> new WithEach())
        .withTimestampAssigner((value, old) -> value);
  }

  private static final class WithEach implements WatermarkGenerator<Long> {
    @Override
    public void onEvent(Long value, long timestampMillis, WatermarkOutput output) {
      output.emitWatermark(timestampMillis);
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {}
  }

  private void ticks(int from, int to) {
    for (int tick = from; tick <= to; tick++) {
      time.wake(200L * tick);
    }
  }

  @Test
  void theLowestOfTheSplitsCounts() {
    time(byValue());
    SourceOutput<Long> a = time.createOutputForSplit("a");
    SourceOutput<Long> b = time.createOutputForSplit("b");

    a.collect(100L);
    ticks(1, 1);
    assertThat(events).as("b may be behind").containsExactly("100@100");
    b.collect(40L);
    ticks(2, 2);
    a.collect(110L);
    ticks(3, 3);
    b.collect(90L);
    ticks(4, 4);

    assertThat(events).containsExactly("100@100", "40@40", "W(39)", "110@110", "90@90", "W(89)");
    assertThat(time.createOutputForSplit("b")).isSameAs(b);
  }

  @Test
  void generatorsAreAskedAsOftenAsTheSettingSays() {
    settings = Configuration.EMPTY.with("pipeline.auto-watermark-interval", "600 ms");
    time(byValue());
    time.createOutputForSplit("a").collect(100L);
    ticks(1, 2);
    assertThat(time.nextWakeMillis()).isEqualTo(600);
    assertThat(events).containsExactly("100@100");
    ticks(3, 3);
    assertThat(events).containsExactly("100@100", "W(99)");
    assertThat(time.nextWakeMillis()).isEqualTo(1_200);
  }

  @Test
  void generatorsMayBeAskedNever() {
    settings = Configuration.EMPTY.with("pipeline.auto-watermark-interval", "0");
    time(byValue());
    time.createOutputForSplit("a").collect(100L);
    ticks(1, 20);
    assertThat(time.nextWakeMillis()).isEqualTo(Long.MAX_VALUE);
    assertThat(events).containsExactly("100@100");
  }

  @Test
  void aGeneratorThatSpeaksWithEachRecordIsHeardAtOnce() {
    time(punctuated());
    SourceOutput<Long> a = time.createOutputForSplit("a");
    SourceOutput<Long> b = time.createOutputForSplit("b");

    a.collect(5L);
    b.collect(3L);
    b.collect(4L);
    b.collect(9L);
    a.collect(6L);

    assertThat(events)
        .containsExactly("5@5", "3@3", "W(3)", "4@4", "W(4)", "9@9", "W(5)", "6@6", "W(6)");
  }

  @Test
  void aSplitThatHasEndedHoldsBackNobody() {
    time(punctuated());
    SourceOutput<Long> a = time.createOutputForSplit("a");
    SourceOutput<Long> b = time.createOutputForSplit("b");
    a.collect(50L);
    b.collect(7L);

    time.releaseOutputForSplit("b");
    assertThat(events).endsWith("W(7)", "W(50)");
    time.releaseOutputForSplit("a");
    time.releaseOutputForSplit("a");
    ticks(1, 10);
    time.createOutputForSplit("c").collect(60L);

    assertThat(events).containsExactly("50@50", "7@7", "W(7)", "W(50)", "60@60", "W(60)");
  }

  @Test
  void aNewSplitHoldsBackWithoutTakingBack() {
    time(punctuated());
    time.createOutputForSplit("a").collect(50L);
    SourceOutput<Long> b = time.createOutputForSplit("b");

    time.createOutputForSplit("a").collect(80L);
    b.collect(20L);
    b.collect(70L);

    assertThat(events).containsExactly("50@50", "W(50)", "80@80", "20@20", "70@70", "W(70)");
  }

  @Test
  void quietSplitsAreIdleEachByItself() {
    time(byValue().withIdleness(Duration.ofMillis(400)));
    SourceOutput<Long> a = time.createOutputForSplit("a");
    SourceOutput<Long> b = time.createOutputForSplit("b");
    b.collect(10L);
    ticks(1, 1);
    for (int tick = 2; tick <= 4; tick++) {
      a.collect(100L + tick);
      ticks(tick, tick);
    }
    assertThat(events)
        .as("b is quiet for two periods, then out of the way")
        .containsExactly("10@10", "102@102", "W(9)", "103@103", "W(102)", "104@104", "W(103)");

    events.clear();
    ticks(5, 9);
    b.collect(200L);
    ticks(10, 10);
    assertThat(events).as("a is still quiet").containsExactly("idle", "awake", "200@200", "W(199)");
  }

  @Test
  void comesToTheHighestOnceAllSplitsAreIdleWhicheverFellAsleepFirst() {
    for (boolean furtherFirst : List.of(true, false)) {
      events.clear();
      time(WatermarkStrategy.noWatermarks());
      SourceOutput<Long> further = time.createOutputForSplit("a");
      SourceOutput<Long> lagging = time.createOutputForSplit("b");
      further.emitWatermark(5);
      lagging.emitWatermark(4);
      (furtherFirst ? further : lagging).markIdle();
      (furtherFirst ? lagging : further).markIdle();
      assertThat(events).containsExactly("W(4)", "W(5)", "idle");

      events.clear();
      lagging.emitWatermark(4);
      time.releaseOutputForSplit("a");
      lagging.emitWatermark(6);
      assertThat(events).endsWith("W(6)");
    }
  }

  @Test
  void aReaderWithoutSplitsIsQuietToo() {
    time(byValue().withIdleness(Duration.ofSeconds(1)));
    ticks(1, 10);
    time.createOutputForSplit("a");

    assertThat(events).containsExactly("idle", "awake");
  }

  /** However many there are: what counts is how long it has gone without one. */
  @Test
  void breaksBetweenSplitsAreNotAddedUp() {
    time(byValue().withIdleness(Duration.ofSeconds(1)));
    for (int split = 1; split < 20; split++) {
      time.createOutputForSplit("s" + split).collect((long) split);
      time.releaseOutputForSplit("s" + split);
      ticks(split, split);
    }
    assertThat(events).doesNotContain("idle");

    ticks(20, 23);
    assertThat(events).doesNotContain("idle");
    ticks(24, 24);
    assertThat(events).endsWith("idle");
    time.createOutputForSplit("last").collect(30L);
    time.releaseOutputForSplit("last");
    assertThat(events).as("it has only just ended").endsWith("awake", "30@30");
  }

  @Test
  void beingHeldUpIsNotBeingQuiet() {
    time(byValue().withIdleness(Duration.ofSeconds(1)));
    time.createOutputForSplit("a").collect(1L);
    ticks(1, 1);

    time.wake(60_000);
    assertThat(events).as("no step was made for a minute").containsExactly("1@1", "W(0)");
    time.wake(60_200);
    time.wake(60_400);
    time.wake(60_600);

    assertThat(events).containsExactly("1@1", "W(0)", "idle");
  }

  @Test
  void anIdleSplitIsNotAskedPeriodically() {
    var clock = new long[1];
    WatermarkGenerator<Long> ofTheClock =
        new WatermarkGenerator<>() {
          @Override
          public void onEvent(Long value, long timestampMillis, WatermarkOutput output) {}

          @Override
          public void onPeriodicEmit(WatermarkOutput output) {
            output.emitWatermark(++clock[0]);
          }
        };
    WatermarkStrategy<Long> strategy = context -> ofTheClock;
    time(strategy.withIdleness(Duration.ofMillis(400)));
    ticks(1, 9);

    assertThat(events).containsExactly("W(1)", "idle");
  }

  @Test
  void withoutNamesTheReaderIsOneSplit() {
    time(byValue());
    time.collect(30L);
    time.collect(20L, 5);
    ticks(1, 1);

    assertThat(events).containsExactly("30@30", "20@20", "W(29)");
  }

  @Test
  void whatTheSourceKnowsOfTimeCountsBesideTheStrategy() {
    time(WatermarkStrategy.noWatermarks());
    SourceOutput<Long> a = time.createOutputForSplit("a");
    SourceOutput<Long> b = time.createOutputForSplit("b");
    a.collect(1L, 17);
    a.collect(2L);
    a.emitWatermark(17);
    b.emitWatermark(4);
    b.markIdle();
    a.markIdle();
    b.markActive();

    assertThat(events).containsExactly("1@17", "2", "W(4)", "W(17)", "idle", "awake");
    assertThat(time.nextWakeMillis()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aRecordOfNoSplitIsRefusedWhereSplitsHaveNames() {
    time(byValue());
    time.createOutputForSplit("part 7");

    assertThatThrownBy(() -> time.collect(1L))
        .hasMessageContaining("part 7")
        .hasMessageContaining("createOutputForSplit");
  }

  private static WatermarkStrategy<Long> aligned() {
    return byValue().withWatermarkAlignment("all", Duration.ofMillis(100));
  }

  @Test
  void whatIsNotAlignedIsNeverHeld() {
    time(byValue());
    time.createOutputForSplit("a").collect(1_000_000L);
    ticks(1, 1);

    assertThat(time.holdsAll()).isFalse();
    assertThat(time.changes()).isEmpty();
  }

  @Test
  void aSplitIsHeldOnceItIsFurtherAheadThanTheDrift() {
    time(aligned());
    SourceOutput<Long> a = time.createOutputForSplit("a");
    SourceOutput<Long> b = time.createOutputForSplit("b");
    time.alignTo(1_000);
    a.collect(1_050L);
    b.collect(1_000L);
    ticks(1, 1);
    a.collect(1_101L);
    assertThat(time.changes()).as("would have the watermark 1100").isEmpty();

    a.collect(1_102L);
    assertThat(time.changes()).contains(new ReaderTime.Change(List.of("a"), List.of()));
    assertThat(time.changes()).as("told already").isEmpty();
    assertThat(time.holdsAll()).isFalse();
    b.collect(1_200L);
    assertThat(time.holdsAll()).isTrue();

    time.alignTo(1_001);
    assertThat(time.holdsAll()).isFalse();
    assertThat(time.changes()).contains(new ReaderTime.Change(List.of("b"), List.of("a")));
    time.alignToNobody();
    assertThat(time.changes()).contains(new ReaderTime.Change(List.of(), List.of("b")));
  }

  @Test
  void aGeneratorWhoseWatermarksLagFarBehindHoldsNothingUpForEver() {
    WatermarkStrategy<Long> lagging =
        WatermarkStrategy.<Long>forBoundedOutOfOrderness(Duration.ofSeconds(10))
            .withTimestampAssigner((value, old) -> value)
            .withWatermarkAlignment("all", Duration.ofMillis(100));
    time(lagging);
    SourceOutput<Long> a = time.createOutputForSplit("a");
    a.collect(20_000L);
    ticks(1, 1);
    time.alignTo(9_999);
    a.collect(20_050L);
    assertThat(time.holdsAll()).isFalse();
    a.collect(20_101L);
    assertThat(time.holdsAll()).as("its watermark follows").isTrue();
    assertThat(time.reached()).isEqualTo(9_999);
    ticks(2, 2);
    assertThat(time.reached()).isEqualTo(10_100);
    time.alignTo(10_100);
    assertThat(time.holdsAll()).isFalse();
  }

  /** Between two of its watermarks nothing would set the estimate right again. */
  @Test
  void aGeneratorThatIsNeverAskedIsJudgedByItsWatermarksAlone() {
    settings = Configuration.EMPTY.with("pipeline.auto-watermark-interval", "0");
    time(
        WatermarkStrategy.<Long>forGenerator(context -> new WithEachThousand())
            .withTimestampAssigner((value, old) -> value)
            .withWatermarkAlignment("all", Duration.ofMillis(100)));
    SourceOutput<Long> a = time.createOutputForSplit("a");
    a.collect(1_000L);
    time.alignTo(1_000);
    a.collect(2_500L);
    assertThat(time.holdsAll()).as("it is the lowest itself").isFalse();
    a.collect(3_000L);
    assertThat(time.holdsAll()).isTrue();
    time.alignTo(2_900);
    assertThat(time.holdsAll()).isFalse();
  }

  private static final class WithEachThousand implements WatermarkGenerator<Long> {
    @Override
    public void onEvent(Long value, long timestampMillis, WatermarkOutput output) {
      if (value % 1_000 == 0) {
        output.emitWatermark(timestampMillis);
      }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {}
  }

  @Test
  void timesAtTheEndsOfTheScaleDoNotWrap() {
    time(aligned());
    SourceOutput<Long> a = time.createOutputForSplit("a");
    a.collect(Long.MIN_VALUE + 1);
    a.collect(Long.MAX_VALUE);
    time.alignTo(Long.MAX_VALUE - 1);
    assertThat(time.holdsAll()).isFalse();
    time.alignTo(0);
    assertThat(time.holdsAll()).isTrue();
    time.alignTo(Timestamps.MAX_WATERMARK);
    assertThat(time.holdsAll()).isFalse();
  }

  @Test
  void aSplitThatIsHeldIsNotQuietAndAQuietOneIsNotHeld() {
    time(aligned().withIdleness(Duration.ofMillis(400)));
    SourceOutput<Long> a = time.createOutputForSplit("a");
    a.collect(500L);
    ticks(1, 1);
    time.alignTo(300);
    for (int tick = 2; tick < 20; tick++) {
      assertThat(time.holdsAll()).isTrue();
      ticks(tick, tick);
    }
    assertThat(events).containsExactly("500@500", "W(499)");
    assertThat(time.reached()).isEqualTo(499);

    time.alignTo(400);
    assertThat(time.holdsAll()).isFalse();
    ticks(20, 22);
    assertThat(events).endsWith("W(499)", "idle");
    assertThat(time.reached()).isEqualTo(Timestamps.MAX_WATERMARK);
    time.alignTo(0);
    assertThat(time.holdsAll()).as("it would never come to life again").isFalse();
    a.collect(501L);
    assertThat(time.holdsAll()).isTrue();
  }

  /** As of one that has nothing else to read, and waits for longer than a period. */
  @Test
  void norIsOneWhoseReaderIsNotPolled() {
    time(aligned().withIdleness(Duration.ofMillis(400)));
    time.createOutputForSplit("ahead").collect(5_000L);
    time.createOutputForSplit("slow").collect(100L);
    ticks(1, 1);
    time.alignTo(99);
    ticks(2, 9);

    assertThat(events)
        .as("the slow one is quiet, the other one has more")
        .containsExactly("5000@5000", "100@100", "W(99)", "W(4999)");
    assertThat(time.reached()).isEqualTo(4_999);
  }
}
