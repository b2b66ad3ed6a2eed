package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataStream;
import io.millrace.api.KeyedStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeySelector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.tuple.Tuple2;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.ContinuousEventTimeTrigger;
import io.millrace.api.window.ContinuousProcessingTimeTrigger;
import io.millrace.api.window.CountEvictor;
import io.millrace.api.window.CountTrigger;
import io.millrace.api.window.DeltaEvictor;
import io.millrace.api.window.DeltaTrigger;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.GlobalWindows;
import io.millrace.api.window.ProcessAllWindowFunction;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.ProcessingTimeSessionWindows;
import io.millrace.api.window.PurgingTrigger;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.SlidingProcessingTimeWindows;
import io.millrace.api.window.TimeEvictor;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.TumblingProcessingTimeWindows;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowFunction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What programs say about windows, driven by hand. Records are a key and a number. */
class WindowedStreamTest {
  private static final TypeInformation<Tuple2<String, Integer>> PAIRS =
      TypeInformation.of(new TypeHint<Tuple2<String, Integer>>() {});

  private static Duration millis(long count) {
    return Duration.ofMillis(count);
  }

  /** The operator of what a program describes behind a keyBy. */
  private static <O> WindowBench<Tuple2<String, Integer>, O> keyed(
      Function<KeyedStream<Tuple2<String, Integer>, String>, DataStream<O>> program)
      throws Exception {
    return bench(pairs -> program.apply(pairs.keyBy(pair -> pair.f0)), pair -> pair.f0);
  }

  @SuppressWarnings("unchecked") // what the last vertex takes and emits
  private static <O> WindowBench<Tuple2<String, Integer>, O> bench(
      Function<DataStream<Tuple2<String, Integer>>, DataStream<O>> program,
      KeySelector<Tuple2<String, Integer>, ?> key)
      throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    program.apply(env.fromCollection(List.of(), PAIRS));
    List<Vertex> vertices = env.getJobGraph().vertices();
    var factory =
        (OperatorFactory<Tuple2<String, Integer>, O>)
            vertices.get(vertices.size() - 1).code().open(WindowBench.LOADER);
    return new WindowBench<>(factory, key, Object.class);
  }

  private static Tuple2<String, Integer> a(int number) {
    return Tuple2.of("a", number);
  }

  private static Tuple2<String, Integer> b(int number) {
    return Tuple2.of("b", number);
  }

  /** All numbers of a window, in its order. */
  private static <W extends Window>
      WindowFunction<Tuple2<String, Integer>, String, String, W> numbers() {
    return (key, window, pairs, out) -> {
      var text = new StringBuilder(key);
      pairs.forEach(pair -> text.append(' ').append(pair.f1));
      out.collect(text.toString());
    };
  }

  @Test
  void tumblingWindowsAddUpEachKey() throws Exception {
    var bench = keyed(pairs -> pairs.window(TumblingEventTimeWindows.of(millis(10))).sum(1));
    bench.take(a(1), 1).take(b(5), 3).take(a(2), 9).take(a(4), 10);

    bench.watermarkTo(8);
    assertThat(bench.emitted()).isEmpty();
    bench.watermarkTo(9);
    assertThat(bench.emitted()).containsExactlyInAnyOrder("(a,3)@9", "(b,5)@9");
    bench.watermarkTo(Timestamps.MAX_WATERMARK);
    assertThat(bench.emitted()).containsExactly("(a,4)@19");
    assertThat(bench.entries()).isZero();
  }

  @Test
  void theRecordOfAnExtremeStaysWhole() throws Exception {
    var first = keyed(pairs -> pairs.window(TumblingEventTimeWindows.of(millis(10))).maxBy(1));
    first.take(Tuple2.of("a", 1), 1).take(Tuple2.of("a", 7), 2).take(Tuple2.of("a", 3), 3);
    assertThat(first.watermarkTo(9).emitted()).containsExactly("(a,7)@9");

    var least =
        bench(
            pairs -> pairs.windowAll(TumblingEventTimeWindows.of(millis(10))).minBy(1),
            pair -> (byte) 0);
    least.take(Tuple2.of("a", 2), 1).take(Tuple2.of("b", 2), 2);
    assertThat(least.watermarkTo(9).emitted()).containsExactly("(a,2)@9");

    var last =
        bench(
            pairs -> pairs.windowAll(TumblingEventTimeWindows.of(millis(10))).minBy("f1", false),
            pair -> (byte) 0);
    last.take(Tuple2.of("a", 2), 1).take(Tuple2.of("b", 2), 2);
    assertThat(last.watermarkTo(9).emitted()).containsExactly("(b,2)@9");
  }

  @Test
  void whatIsLateGoesAsideAndWhatIsLaterStillIsCounted() throws Exception {
    var late = new OutputTag<Tuple2<String, Integer>>("late", PAIRS);
    var aside =
        keyed(
            pairs ->
                pairs
                    .window(TumblingEventTimeWindows.of(millis(10)))
                    .allowedLateness(millis(5))
                    .sideOutputLateData(late)
                    .sum(1));
    aside.take(a(1), 1).watermarkTo(9).take(a(2), 2).watermarkTo(14).take(a(4), 4);
    assertThat(aside.emitted()).containsExactly("(a,1)@9", "(a,3)@9");
    assertThat(aside.aside).containsExactly("late:(a,4)@4");
    assertThat(aside.dropped()).isZero();

    var dropping = keyed(pairs -> pairs.window(TumblingEventTimeWindows.of(millis(10))).sum(1));
    dropping.take(a(1), 1).watermarkTo(9).take(a(2), 2).take(a(4), 3);
    assertThat(dropping.emitted()).containsExactly("(a,1)@9");
    assertThat(dropping.dropped()).isEqualTo(2);
  }

  @Test
  void whatWasLateBeforeAFailureIsLateAfterIt() throws Exception {
    var bench =
        keyed(pairs -> pairs.window(SlidingEventTimeWindows.of(millis(20), millis(10))).sum(1));
    bench.take(a(1), 5).watermarkTo(12);
    assertThat(bench.emitted()).containsExactly("(a,1)@9");
    bench.restoreAfter(() -> {});
    bench.take(a(2), 6).watermarkTo(3).watermarkTo(19);
    assertThat(bench.emitted()).containsExactly("(a,3)@19");
  }

  @Test
  void emittedRecordsDoNotChangeWithWhatIsKept() throws Exception {
    var bench =
        keyed(
            pairs ->
                pairs
                    .window(TumblingEventTimeWindows.of(millis(10)))
                    .allowedLateness(millis(100))
                    .sum(1));
    bench.take(a(1), 1).watermarkTo(9).take(a(1), 2).take(a(1), 3);
    assertThat(bench.records).containsExactly(a(1), a(2), a(3));
  }

  @Test
  void whatAFunctionDoesToARecordIsSeenInNoOtherWindow() throws Exception {
    WindowFunction<Tuple2<String, Integer>, String, String, TimeWindow> doubling =
        (key, window, pairs, out) -> {
          for (Tuple2<String, Integer> pair : pairs) {
            pair.f1 *= 2;
            out.collect(pair.toString());
          }
        };
    for (boolean evicting : new boolean[] {false, true}) {
      var bench =
          keyed(
              pairs -> {
                var sliding = pairs.window(SlidingEventTimeWindows.of(millis(30), millis(10)));
                return (evicting ? sliding.evictor(CountEvictor.of(9)) : sliding).apply(doubling);
              });
      bench.take(a(1), 5).watermarkTo(9).watermarkTo(19);
      bench.restoreAfter(() -> {});
      bench.watermarkTo(29);
      assertThat(bench.emitted()).containsExactly("(a,2)@9", "(a,2)@19", "(a,2)@29");
    }
  }

  @Test
  void whatAReduceFunctionDoesToARecordIsSeenInNoOtherWindow() throws Exception {
    var bench =
        keyed(
            pairs ->
                pairs
                    .window(SlidingEventTimeWindows.of(millis(20), millis(10)))
                    .trigger(CountTrigger.of(2))
                    .reduce(
                        (left, right) -> {
                          right.f1 += left.f1;
                          return right;
                        }));
    bench.take(a(1), 15).take(a(2), 16);
    assertThat(bench.emitted()).containsExactly("(a,3)@29", "(a,3)@19");
  }

  @Test
  void sessionsGrowMergeAndEnd() throws Exception {
    var bench =
        keyed(
            pairs ->
                pairs
                    .window(EventTimeSessionWindows.withGap(millis(10)))
                    .apply(WindowedStreamTest.<TimeWindow>numbers()));
    bench.take(a(1), 0).take(a(2), 25).take(a(3), 40).watermarkTo(8);
    assertThat(bench.emitted()).isEmpty();
    bench.take(a(4), 10).take(a(5), 32).watermarkTo(19);
    assertThat(bench.emitted()).containsExactly("a 1 4@19");
    bench.watermarkTo(60);
    assertThat(bench.emitted()).containsExactly("a 2 3 5@49");
    assertThat(bench.entries()).isZero();
  }

  @Test
  void aSessionHasOneTimerHoweverManyRecords() throws Exception {
    var bench = keyed(pairs -> pairs.window(EventTimeSessionWindows.withGap(millis(1_000))).sum(1));
    for (int i = 0; i < 500; i++) {
      bench.take(a(1), i);
    }
    assertThat(bench.timer(TimerDomain.EVENT_TIME)).isEqualTo(999);
    bench.watermarkTo(999);
    assertThat(bench.timer(TimerDomain.EVENT_TIME)).isEqualTo(1_498);
    assertThat(bench.watermarkTo(1_498).emitted()).containsExactly("(a,500)@1498");
  }

  @Test
  void eachRecordMaySayHowLongItsSessionLasts() throws Exception {
    var bench =
        keyed(
            pairs ->
                pairs
                    .window(
                        EventTimeSessionWindows.<Tuple2<String, Integer>>withDynamicGap(
                            pair -> pair.f1))
                    .apply(WindowedStreamTest.<TimeWindow>numbers()));
    bench.take(a(5), 0).take(a(30), 4).take(a(2), 20).take(a(7), 50).watermarkTo(100);
    assertThat(bench.emitted()).containsExactly("a 5 30 2@33", "a 7@56");
    assertThatThrownBy(() -> bench.take(a(0), 200)).hasMessageContaining("at least 1 ms, found 0");
  }

  @Test
  void triggersMergeWithTheirSessions() throws Exception {
    var bench =
        keyed(
            pairs ->
                pairs
                    .window(EventTimeSessionWindows.withGap(millis(10)))
                    .trigger(CountTrigger.of(3))
                    .apply(WindowedStreamTest.<TimeWindow>numbers()));
    bench.take(a(1), 0).take(a(2), 18);
    assertThat(bench.emitted()).isEmpty();
    bench.take(a(3), 9); // joins both, and is the third
    assertThat(bench.emitted()).containsExactly("a 1 2 3@27");
    bench.watermarkTo(27);
    assertThat(bench.emitted()).isEmpty();
    assertThat(bench.entries()).isZero();

    assertThatThrownBy(
            () ->
                keyed(
                    pairs ->
                        pairs
                            .window(EventTimeSessionWindows.withGap(millis(10)))
                            .trigger(DeltaTrigger.of(1, (x, y) -> 0, PAIRS))
                            .sum(1)))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContainingAll("EventTimeSessionWindows", "DeltaTrigger", "canMerge");
  }

  @Test
  void countWindowsForgetAndSlide() throws Exception {
    var tumbling = keyed(pairs -> pairs.countWindow(2).sum(1));
    tumbling.take(a(1), 0).take(b(10), 0).take(a(2), 0);
    tumbling.restoreAfter(() -> tumbling.take(a(100), 0));
    tumbling.take(a(3), 0).take(a(4), 0).take(a(5), 0);
    assertThat(tumbling.records).containsExactly(a(3), a(7));

    var sliding = keyed(pairs -> pairs.countWindow(3, 2).apply(WindowedStreamTest.numbers()));
    for (int i = 1; i <= 6; i++) {
      sliding.take(a(i), 0);
    }
    assertThat(sliding.records).containsExactly("a 1 2", "a 2 3 4", "a 4 5 6");
  }

  @Test
  void aPurgedCountWindowLeavesNothingBehind() throws Exception {
    var bench = keyed(pairs -> pairs.countWindow(2).sum(1));
    bench.take(a(1), 0).take(a(2), 0);
    assertThat(bench.entries()).isZero();
  }

  @Test
  void globalWindowsMayFireAtTheEndOfTheStream() throws Exception {
    var bench = keyed(pairs -> pairs.window(GlobalWindows.createWithEndOfStreamTrigger()).sum(1));
    bench.take(a(1), 0).take(a(2), 5).watermarkTo(1_000_000);
    assertThat(bench.emitted()).isEmpty();
    bench.watermarkTo(Timestamps.MAX_WATERMARK);
    assertThat(bench.records).containsExactly(a(3));
  }

  @Test
  void windowsMayFireAtIntervals() throws Exception {
    var byEvents =
        keyed(
            pairs ->
                pairs
                    .window(TumblingEventTimeWindows.of(millis(100)))
                    .trigger(ContinuousEventTimeTrigger.of(millis(30)))
                    .sum(1));
    byEvents.take(a(1), 10).watermarkTo(29);
    assertThat(byEvents.emitted()).isEmpty();
    byEvents.watermarkTo(30).take(a(2), 50).watermarkTo(99);
    assertThat(byEvents.emitted()).containsExactly("(a,1)@99", "(a,3)@99", "(a,3)@99", "(a,3)@99");
    assertThat(byEvents.entries()).isZero();

    var byClock =
        keyed(
            pairs ->
                pairs
                    .window(GlobalWindows.create())
                    .trigger(PurgingTrigger.of(ContinuousProcessingTimeTrigger.of(millis(30))))
                    .sum(1));
    byClock.wallTo(5).take(a(1), 0).take(a(2), 0).wallTo(30);
    assertThat(byClock.records).containsExactly(a(3));
    byClock.take(a(4), 0).wallTo(60).wallTo(90);
    assertThat(byClock.records).containsExactly(a(3), a(4));
  }

  @Test
  void processingTimeWindowsFollowTheWallClock() throws Exception {
    var tumbling =
        keyed(pairs -> pairs.window(TumblingProcessingTimeWindows.of(millis(10))).sum(1));
    tumbling.wallTo(3).take(a(1), 777).wallTo(8).take(a(2), 0).wallTo(9);
    assertThat(tumbling.emitted()).containsExactly("(a,3)@9");
    assertThat(tumbling.entries()).isZero();

    var sliding =
        keyed(pairs -> pairs.window(SlidingProcessingTimeWindows.of(millis(10), millis(5))).sum(1));
    sliding.wallTo(7).take(a(1), 0).wallTo(100);
    assertThat(sliding.emitted()).containsExactly("(a,1)@9", "(a,1)@14");

    var sessions =
        keyed(pairs -> pairs.window(ProcessingTimeSessionWindows.withGap(millis(10))).sum(1));
    sessions.wallTo(0).take(a(1), 0).wallTo(9);
    assertThat(sessions.emitted()).containsExactly("(a,1)@9");
    sessions.wallTo(20).take(a(1), 0).wallTo(25).take(a(2), 0).wallTo(30);
    sessions.restoreAfter(() -> {});
    assertThat(sessions.emitted()).isEmpty();
    assertThat(sessions.wallTo(34).emitted()).containsExactly("(a,3)@34");
  }

  @Test
  void evictorsRemoveBeforeOrAfter() throws Exception {
    var last =
        keyed(
            pairs ->
                pairs
                    .window(TumblingEventTimeWindows.of(millis(100)))
                    .evictor(CountEvictor.of(2))
                    .sum(1));
    last.take(a(1), 1).take(a(2), 2).take(a(4), 3);
    assertThat(last.watermarkTo(99).emitted()).containsExactly("(a,6)@99");

    var after =
        keyed(
            pairs ->
                pairs
                    .window(GlobalWindows.create())
                    .trigger(CountTrigger.of(2))
                    .evictor(CountEvictor.of(1, true))
                    .apply(WindowedStreamTest.numbers()));
    after.take(a(1), 1).take(a(2), 2).take(a(3), 3).take(a(4), 4);
    assertThat(after.records).containsExactly("a 1 2", "a 2 3 4");

    var recent =
        keyed(
            pairs ->
                pairs
                    .window(TumblingEventTimeWindows.of(millis(100)))
                    .evictor(TimeEvictor.of(millis(10)))
                    .apply(WindowedStreamTest.<TimeWindow>numbers()));
    recent.take(a(1), 1).take(a(2), 50).take(a(3), 41).take(a(4), 40);
    assertThat(recent.watermarkTo(99).emitted()).containsExactly("a 2 3@99");

    var near =
        keyed(
            pairs ->
                pairs
                    .window(TumblingEventTimeWindows.of(millis(100)))
                    .evictor(
                        DeltaEvictor.of(
                            5, (x, y) -> Math.abs(x.<Integer>getField(1) - y.<Integer>getField(1))))
                    .apply(WindowedStreamTest.<TimeWindow>numbers()));
    near.take(a(1), 1).take(a(17), 2).take(a(25), 3).take(a(20), 4);
    assertThat(near.watermarkTo(99).emitted()).containsExactly("a 17 20@99");
  }

  @Test
  void deltaTriggersCompareWithWhatFiredLast() throws Exception {
    var bench =
        keyed(
            pairs ->
                pairs
                    .window(GlobalWindows.create())
                    .trigger(DeltaTrigger.of(10, (before, now) -> now.f1 - before.f1, PAIRS))
                    .max(1));
    bench.take(a(5), 0).take(a(15), 0).take(a(16), 0).take(a(20), 0).take(a(27), 0);
    assertThat(bench.records).containsExactly(a(16), a(27));
  }

  /** Counts the firings of each window, and all of the key. */
  private static final class Firings
      extends ProcessWindowFunction<Integer, String, String, TimeWindow> {
    private static final ValueStateDescriptor<Integer> COUNT =
        new ValueStateDescriptor<>("count", Integer.class);
    private static final OutputTag<String> CLEARED =
        new OutputTag<>("cleared", TypeInformation.of(String.class));

    @Override
    public void process(
        String key, Context context, Iterable<Integer> sums, Collector<String> out) {
      ValueState<Integer> ofWindow = context.windowState().getState(COUNT);
      ValueState<Integer> ofKey = context.globalState().getState(COUNT);
      ofWindow.update(ofWindow.value() == null ? 1 : ofWindow.value() + 1);
      ofKey.update(ofKey.value() == null ? 1 : ofKey.value() + 1);
      out.collect(
          "%s %s from %d: %d of window, %d of key, at %d"
              .formatted(
                  key,
                  sums,
                  context.window().getStart(),
                  ofWindow.value(),
                  ofKey.value(),
                  context.currentWatermark()));
    }

    @Override
    public void clear(Context context) {
      context.windowState().getState(COUNT).clear();
      context.output(CLEARED, "" + context.window().getStart());
    }
  }

  @Test
  void aProcessFunctionHasStateOfItsWindowAndKeyAndIsToldWhenAWindowIsForgotten() throws Exception {
    var bench =
        keyed(
            pairs ->
                pairs
                    .window(SlidingEventTimeWindows.of(millis(20), millis(10)))
                    .allowedLateness(millis(5))
                    .aggregate(new Sum(), new Firings()));
    bench.take(a(1), 12).watermarkTo(20).take(a(2), 8);
    assertThat(bench.emitted())
        .containsExactly(
            "a [1] from 0: 1 of window, 1 of key, at 20@19",
            "a [3] from 0: 2 of window, 2 of key, at 20@19");
    bench.restoreAfter(() -> bench.watermarkTo(24));
    bench.watermarkTo(24);
    assertThat(bench.aside).containsExactly("cleared:0@19");
    bench.watermarkTo(34);
    assertThat(bench.emitted()).containsExactly("a [1] from 10: 1 of window, 3 of key, at 34@29");
    assertThat(bench.aside).containsExactly("cleared:0@19", "cleared:10@29");
    assertThat(bench.entries()).as("what is kept of the key").isEqualTo(1);
  }

  private static final class Sum
      implements AggregateFunction<Tuple2<String, Integer>, Integer, Integer> {
    @Override
    public Integer createAccumulator() {
      return 0;
    }

    @Override
    public Integer add(Tuple2<String, Integer> value, Integer accumulator) {
      return accumulator + value.f1;
    }

    @Override
    public Integer getResult(Integer accumulator) {
      return accumulator;
    }

    @Override
    public Integer merge(Integer left, Integer right) {
      return left + right;
    }
  }

  /** Like so many: sessions alone used to merge. */
  private static final class SumWithoutMerge
      implements AggregateFunction<Tuple2<String, Integer>, Integer, Integer> {
    private final Sum sum = new Sum();

    @Override
    public Integer createAccumulator() {
      return sum.createAccumulator();
    }

    @Override
    public Integer add(Tuple2<String, Integer> value, Integer accumulator) {
      return sum.add(value, accumulator);
    }

    @Override
    public Integer getResult(Integer accumulator) {
      return accumulator;
    }

    @Override
    public Integer merge(Integer left, Integer right) {
      throw new UnsupportedOperationException("no merge");
    }
  }

  @Test
  void anAggregateThatCannotMergeStillSlides() throws Exception {
    var bench =
        keyed(
            pairs ->
                pairs
                    .window(SlidingEventTimeWindows.of(millis(20), millis(10)))
                    .aggregate(new SumWithoutMerge()));
    assertThat(bench.operatorClass()).isEqualTo("WindowOperator");
    bench.take(a(1), 5).take(a(2), 15).watermarkTo(100);
    assertThat(bench.emitted()).containsExactly("1@9", "3@19", "2@29");
  }

  private static final class Together
      extends ProcessAllWindowFunction<Tuple2<String, Integer>, String, TimeWindow> {
    @Override
    public void process(
        Context context, Iterable<Tuple2<String, Integer>> pairs, Collector<String> out) {
      out.collect(context.window().getEnd() + ": " + pairs);
    }
  }

  @Test
  void withoutKeysOneSubtaskSeesAll() throws Exception {
    var bench =
        bench(
            pairs ->
                pairs.windowAll(TumblingEventTimeWindows.of(millis(10))).process(new Together()),
            pair -> (byte) 0);
    bench.take(a(1), 1).take(b(2), 2).take(a(3), 12).watermarkTo(100);
    assertThat(bench.emitted()).containsExactly("10: [(a,1), (b,2)]@9", "20: [(a,3)]@19");

    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(4);
    var stream = env.fromElements(1, 2).countWindowAll(2).sum(0);
    assertThat(env.getJobGraph().vertices().get(2).parallelism()).isEqualTo(1);
    assertThatThrownBy(() -> stream.setParallelism(2)).hasMessageContaining("must be 1");
  }

  @Test
  void aRecordWithoutTimeIsRefusedByName() throws Exception {
    for (var bench :
        List.of(
            keyed(pairs -> pairs.window(TumblingEventTimeWindows.of(millis(10))).sum(1)),
            keyed(pairs -> pairs.window(EventTimeSessionWindows.withGap(millis(10))).sum(1)))) {
      assertThatThrownBy(() -> bench.take(a(1), Timestamps.NONE))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("assignTimestampsAndWatermarks");
    }
  }

  /** As results of countWindow have: no window holds it, late or not. */
  @Test
  void aRecordOfATimeThatNoWindowCanEndAfterIsRefusedByName() throws Exception {
    var sliding = SlidingEventTimeWindows.of(millis(20), millis(10));
    for (var bench :
        List.of(
            keyed(pairs -> pairs.window(TumblingEventTimeWindows.of(millis(10))).sum(1)),
            keyed(pairs -> pairs.window(sliding).sum(1)),
            keyed(pairs -> pairs.window(sliding).evictor(CountEvictor.of(1)).sum(1)),
            keyed(pairs -> pairs.window(EventTimeSessionWindows.withGap(millis(10))).sum(1)))) {
      for (long time : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 5, Long.MIN_VALUE + 5}) {
        assertThatThrownBy(() -> bench.take(a(1), time))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContainingAll("" + time, "countWindow", "assignTimestampsAndWatermarks");
      }
      bench.take(a(1), Long.MAX_VALUE - 50).watermarkTo(Timestamps.MAX_WATERMARK);
      assertThat(bench.emitted()).isNotEmpty();
    }
  }

  private static final class ShortLived
      extends ProcessWindowFunction<Tuple2<String, Integer>, String, String, TimeWindow> {
    @Override
    public void process(
        String key,
        Context context,
        Iterable<Tuple2<String, Integer>> pairs,
        Collector<String> out) {
      var descriptor = new ValueStateDescriptor<>("seen", Long.class);
      descriptor.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofHours(1)).build());
      context.windowState().getState(descriptor);
    }
  }

  @Test
  void aTimeToLiveOfAWindowsStateIsRefused() throws Exception {
    var bench =
        keyed(
            pairs ->
                pairs.window(TumblingEventTimeWindows.of(millis(10))).process(new ShortLived()));
    bench.take(a(1), 1);
    assertThatThrownBy(() -> bench.watermarkTo(10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'seen'", "time to live", "globalState()");
  }

  @Test
  void lengthsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> TumblingEventTimeWindows.of(Duration.ZERO))
        .hasMessageContaining("the size of windows must be at least 1 ms");
    assertThatThrownBy(() -> SlidingEventTimeWindows.of(millis(10), Duration.ofNanos(5)))
        .hasMessageContaining("the slide of windows must be at least 1 ms");
    assertThatThrownBy(() -> TumblingEventTimeWindows.of(millis(10), millis(10)))
        .hasMessageContainingAll("offset", "10 ms");
    assertThatThrownBy(() -> CountTrigger.of(0)).hasMessageContaining("at least 1, found 0");
    assertThatThrownBy(
            () ->
                keyed(
                    pairs ->
                        pairs
                            .window(TumblingEventTimeWindows.of(millis(10)))
                            .allowedLateness(millis(-1))
                            .sum(1)))
        .hasMessageContaining("at least 0, found -1 ms");
  }

  @Test
  void aRecordIsWrittenOnceHoweverManyWindowsHoldIt() throws Exception {
    var bench =
        keyed(
            pairs ->
                pairs
                    .window(
                        SlidingEventTimeWindows.of(Duration.ofMinutes(1), Duration.ofSeconds(1)))
                    .sum(1));
    int records = 10_000;
    for (int i = 0; i < records; i++) {
      bench.take(a(1), i * 10L);
    }
    assertThat(bench.writes).isEqualTo(records);
    assertThat(bench.reads).isEqualTo(records);
    bench.watermarkTo(Timestamps.MAX_WATERMARK);
    assertThat(bench.records).hasSize(60 + 99);
    assertThat(bench.records.get(59)).isEqualTo(a(6_000));
  }

  /** A daily offset: windows of days that begin at midnight somewhere. */
  @Test
  void offsetsMoveWindows() throws Exception {
    var bench =
        keyed(
            pairs ->
                pairs
                    .window(TumblingEventTimeWindows.of(millis(10), millis(-3)))
                    .aggregate(
                        new Sum(),
                        (String key,
                            TimeWindow window,
                            Iterable<Integer> sums,
                            Collector<String> out) -> out.collect(window + " " + sums)));
    bench.take(a(1), 6).take(a(2), 7).take(a(4), -4).watermarkTo(100);
    var lines = new ArrayList<String>();
    bench.records.forEach(lines::add);
    assertThat(lines)
        .containsExactly(
            "TimeWindow{start=-13, end=-3} [4]",
            "TimeWindow{start=-3, end=7} [1]",
            "TimeWindow{start=7, end=17} [2]");
  }
}
