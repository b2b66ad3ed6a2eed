package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.DataStream;
import io.millrace.api.KeyedStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.WindowedStream;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.tuple.Tuple2;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.ContinuousEventTimeTrigger;
import io.millrace.api.window.ContinuousProcessingTimeTrigger;
import io.millrace.api.window.CountEvictor;
import io.millrace.api.window.CountTrigger;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.EventTimeTrigger;
import io.millrace.api.window.ProcessingTimeTrigger;
import io.millrace.api.window.PurgingTrigger;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.SlidingProcessingTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.TriggerResult;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.TumblingProcessingTimeWindows;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What windows come to where assigners, triggers, evictors and lateness meet: sums of what happens,
 * word by word. {@code a5@30} is a record of key a with the number 5 and the time 30, {@code w99} a
 * watermark, {@code c1000} the wall clock.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WindowTableTest {
  private static final TypeInformation<Tuple2<String, Integer>> PAIRS =
      TypeInformation.of(new TypeHint<>() {});

  /** Makes windows of pairs. */
  private interface Windows
      extends Function<
          KeyedStream<Tuple2<String, Integer>, String>,
          WindowedStream<Tuple2<String, Integer>, String, TimeWindow>> {}

  private static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }

  /** Fires and forgets at each large number, and at the end. */
  private static final class AtLargeNumbers extends Trigger<Tuple2<String, Integer>, TimeWindow> {
    @Override
    public TriggerResult onElement(
        Tuple2<String, Integer> pair, long time, TimeWindow window, TriggerContext ctx) {
      ctx.registerEventTimeTimer(window.maxTimestamp());
      return pair.f1 >= 100 ? TriggerResult.FIRE_AND_PURGE : TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onEventTime(long time, TimeWindow window, TriggerContext ctx) {
      return TriggerResult.FIRE;
    }

    @Override
    public TriggerResult onProcessingTime(long time, TimeWindow window, TriggerContext ctx) {
      return TriggerResult.CONTINUE;
    }

    @Override
    public void clear(TimeWindow window, TriggerContext ctx) {
      ctx.deleteEventTimeTimer(window.maxTimestamp());
    }
  }

  private static Arguments row(String what, Windows windows, String happens, String emitted) {
    return Arguments.of(what, windows, happens, emitted);
  }

  static Stream<Arguments> rows() {
    return Stream.of(
        row(
            "late records that are allowed compute a window again, later ones nothing",
            s -> s.window(TumblingEventTimeWindows.of(millis(100))).allowedLateness(millis(50)),
            "a1@10 w99 a2@20 w148 a4@30 w149 a8@40",
            "(a,1)@99 (a,3)@99 (a,7)@99"),
        row(
            "of sliding windows only those that have ended are computed again",
            s ->
                s.window(SlidingEventTimeWindows.of(millis(20), millis(10)))
                    .allowedLateness(millis(10)),
            "a1@15 w19 a2@16 w29 a4@17 w39",
            "(a,1)@19 (a,3)@19 (a,3)@29 (a,7)@29"),
        row(
            "a count says when, also behind the end",
            s ->
                s.window(TumblingEventTimeWindows.of(millis(100)))
                    .trigger(CountTrigger.of(2))
                    .allowedLateness(millis(50)),
            "a1@10 w99 a2@20 a4@30 w149",
            "(a,3)@99"),
        row(
            "what is purged is forgotten, what follows is a new beginning",
            s ->
                s.window(TumblingEventTimeWindows.of(millis(100)))
                    .trigger(PurgingTrigger.of(CountTrigger.of(2))),
            "a1@1 a2@2 a4@3 w99 a8@150 a16@160 w199",
            "(a,3)@99 (a,24)@199"),
        row(
            "each window of a record is purged by itself",
            s ->
                s.window(SlidingEventTimeWindows.of(millis(20), millis(10)))
                    .trigger(PurgingTrigger.of(EventTimeTrigger.create())),
            "a1@15 w19 w29",
            "(a,1)@19 (a,1)@29"),
        row(
            "late records of a window that purges count without what it had",
            s ->
                s.window(TumblingEventTimeWindows.of(millis(100)))
                    .trigger(PurgingTrigger.of(EventTimeTrigger.create()))
                    .allowedLateness(millis(50)),
            "a1@10 w99 a2@20 a4@30 w149",
            "(a,1)@99 (a,2)@99 (a,4)@99"),
        row(
            "intervals of event time go on when a session grows",
            s ->
                s.window(EventTimeSessionWindows.withGap(millis(10)))
                    .trigger(ContinuousEventTimeTrigger.of(millis(5))),
            "a1@0 w5 a2@8 w10 w15 w17",
            "(a,1)@9 (a,3)@17 (a,3)@17 (a,3)@17"),
        row(
            "intervals of the wall clock, over windows that ended by it long ago",
            s ->
                s.window(TumblingEventTimeWindows.of(millis(100)))
                    .trigger(ContinuousProcessingTimeTrigger.of(millis(30))),
            "c1000 a1@10 c1030 a2@20 c1060 w99",
            "(a,1)@99 (a,3)@99"),
        row(
            "intervals of the wall clock, past the end of a window that waits for its watermark",
            s ->
                s.window(TumblingEventTimeWindows.of(millis(100)))
                    .trigger(ContinuousProcessingTimeTrigger.of(millis(60))),
            "c70 a1@10 c99 a2@20 c160 w99",
            "(a,1)@99 (a,3)@99"),
        row(
            "intervals of the wall clock end with the window of the wall clock",
            s ->
                s.window(TumblingProcessingTimeWindows.of(millis(100)))
                    .trigger(ContinuousProcessingTimeTrigger.of(millis(60))),
            "c10 a1@0 c60 a2@0 c99 c500",
            "(a,1)@99 (a,3)@99"),
        row(
            "windows of event time may fire by the wall clock",
            s ->
                s.window(TumblingEventTimeWindows.of(millis(10)))
                    .trigger(ProcessingTimeTrigger.create()),
            "c3 a1@1 c9 a2@2 c10 w9 c20",
            "(a,1)@9 (a,3)@9"),
        row(
            "a trigger of one's own",
            s -> s.window(TumblingEventTimeWindows.of(millis(10))).trigger(new AtLargeNumbers()),
            "a1@1 a100@2 a5@3 b7@4 w9",
            "(a,101)@9 (a,5)@9 (b,7)@9"),
        row(
            "an evictor sees what late records find",
            s ->
                s.window(TumblingEventTimeWindows.of(millis(10)))
                    .evictor(CountEvictor.of(2))
                    .allowedLateness(millis(5)),
            "a1@1 a2@2 a4@3 w9 a8@4 w14",
            "(a,6)@9 (a,12)@9"),
        row(
            "an evictor and a count together slide",
            s ->
                s.window(TumblingEventTimeWindows.of(millis(100)))
                    .trigger(CountTrigger.of(2))
                    .evictor(CountEvictor.of(3)),
            "a1@1 a2@2 a4@3 a8@4 a16@5 a32@6 w99",
            "(a,3)@99 (a,14)@99 (a,56)@99"),
        row(
            "windows of the wall clock know no lateness",
            s -> s.window(TumblingProcessingTimeWindows.of(millis(10))).allowedLateness(millis(50)),
            "w1000 c3 a1@5 c9 c10 a2@5 c19",
            "(a,1)@9 (a,2)@19"),
        row(
            "windows of the wall clock slide from their offset",
            s -> s.window(SlidingProcessingTimeWindows.of(millis(10), millis(5), millis(2))),
            "c3 a1@0 c6 c11 c30",
            "(a,1)@6 (a,1)@11"),
        row(
            "what comes when a window of the wall clock has just fired is of the next one",
            s -> s.window(SlidingProcessingTimeWindows.of(millis(10), millis(5))),
            "c7 a1@0 c9 a2@0 c10 a4@0 c30",
            "(a,1)@9 (a,7)@14 (a,6)@19"),
        row(
            "a wall clock that goes back loses nothing",
            s -> s.window(SlidingProcessingTimeWindows.of(millis(10), millis(5))),
            "c13 a1@0 c14 c11 a2@0 c6 a4@0 c30",
            "(a,1)@14 (a,7)@19 (a,6)@24"),
        row(
            "a wall clock that was ahead and is right again holds nothing up",
            s -> s.window(SlidingProcessingTimeWindows.of(millis(10), millis(5))),
            "c933 a1@0 c11 a2@0 c50 c950",
            "(a,2)@14 (a,2)@19 (a,1)@934 (a,1)@939"),
        row(
            "tumbling windows go on by the clock as it is",
            s -> s.window(TumblingProcessingTimeWindows.of(millis(10))),
            "c33 a1@0 c11 a2@0 c19 c11 a4@0 c50",
            "(a,2)@19 (a,4)@19 (a,1)@39"),
        row(
            "a wall clock that goes back counts nothing twice in a window",
            s -> s.window(SlidingProcessingTimeWindows.of(millis(10), millis(5))),
            "c33 a1@0 c34 c11 a2@0 b4@0 c50",
            "(a,1)@34 (b,4)@14 (b,4)@19 (a,3)@39 (a,2)@44"),
        row(
            "a late record that joins a session that may still grow is not late",
            s -> s.window(EventTimeSessionWindows.withGap(millis(10))),
            "a1@0 a2@9 w10 a4@5 a8@0 w18 a16@7 w30",
            "(a,15)@18"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  @SuppressWarnings("unchecked") // what the last vertex takes and emits
  void come(String what, Windows windows, String happens, String emitted) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    DataStream<Tuple2<String, Integer>> pairs = env.fromCollection(List.of(), PAIRS);
    windows.apply(pairs.keyBy(pair -> pair.f0)).sum(1);
    List<Vertex> vertices = env.getJobGraph().vertices();
    var factory =
        (OperatorFactory<Tuple2<String, Integer>, Tuple2<String, Integer>>)
            vertices.get(vertices.size() - 1).code().open(WindowBench.LOADER);
    var bench = new WindowBench<>(factory, pair -> pair.f0, Object.class);
    for (String word : happens.split(" ")) {
      if (word.startsWith("w")) {
        bench.watermarkTo(Long.parseLong(word.substring(1)));
      } else if (word.startsWith("c")) {
        bench.wallTo(Long.parseLong(word.substring(1)));
      } else {
        int at = word.indexOf('@');
        int number = Integer.parseInt(word.substring(1, at));
        bench.take(Tuple2.of(word.substring(0, 1), number), Long.parseLong(word.substring(at + 1)));
      }
    }

    assertThat(String.join(" ", bench.emitted())).isEqualTo(emitted);
    assertThat(bench.entries()).as("state that is left").isZero();
  }
}
