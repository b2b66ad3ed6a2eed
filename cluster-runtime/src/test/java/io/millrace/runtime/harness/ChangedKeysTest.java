package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.state.BroadcastState;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Keys in state are not those of the program, which may use them for something else. */
class ChangedKeysTest {
  /** Its key is a mutable part of it. */
  public static final class Tagged {
    public ArrayList<String> tags = new ArrayList<>();
    public long number;

    public Tagged() {}

    static Tagged of(String tag, long number) {
      var tagged = new Tagged();
      tagged.tags.add(tag);
      tagged.number = number;
      return tagged;
    }

    @Override
    public String toString() {
      return tags + "=" + number;
    }
  }

  /** As who comes next in a chain may do. */
  private static Tagged retag(Tagged value) {
    value.tags.set(0, value.tags.get(0).toUpperCase(Locale.ROOT));
    return value;
  }

  /** Emits each record before it is done with its state. */
  private static final class Count extends KeyedProcessFunction<ArrayList<String>, Tagged, Tagged> {
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
    }

    @Override
    public void processElement(Tagged value, Context context, Collector<Tagged> out) {
      Long before = count.value();
      out.collect(value);
      count.update(before == null ? 1 : before + 1);
      context.timerService().registerEventTimeTimer(value.number + 100);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Tagged> out) {
      var counted = new Tagged();
      counted.tags = context.getCurrentKey();
      counted.number = count.value();
      out.collect(counted);
    }
  }

  @Test
  void stateAndTimersAreThoseOfTheKeyThatTheRecordHadWhenItCame() {
    try (var harness = new OperatorHarness()) {
      var in = harness.input(Tagged.class);
      var out =
          harness.output(
              in.stream()
                  .keyBy(tagged -> tagged.tags)
                  .process(new Count())
                  .map(ChangedKeysTest::retag)
                  .map(Tagged::toString));
      harness.open();
      in.processElement(Tagged.of("a", 1), 1);
      in.processElement(Tagged.of("a", 2), 2);
      in.processElement(Tagged.of("b", 3), 3);
      in.processWatermark(1_000);
      assertThat(out.values())
          .containsExactly("[A]=1", "[A]=2", "[B]=3", "[A]=2", "[A]=2", "[B]=1");
    }
  }

  private static final class Changing
      extends ProcessWindowFunction<Tagged, String, ArrayList<String>, TimeWindow> {
    @Override
    public void process(
        ArrayList<String> key, Context context, Iterable<Tagged> values, Collector<String> out) {
      int count = 0;
      for (Tagged each : values) {
        retag(each);
        count++;
      }
      out.collect(key + " " + context.window().getEnd() + " " + count);
      key.set(0, "changed");
    }
  }

  @Test
  void windowsAreThoseOfTheKeyThatTheRecordHadWhenItCame() {
    try (var harness = new OperatorHarness()) {
      var in = harness.input(Tagged.class);
      var out =
          harness.output(
              in.stream()
                  .keyBy(tagged -> tagged.tags)
                  .window(SlidingEventTimeWindows.of(Duration.ofMillis(20), Duration.ofMillis(10)))
                  .process(new Changing()));
      harness.open();
      in.processElement(Tagged.of("a", 1), 1);
      in.processElement(Tagged.of("a", 2), 12);
      in.processElement(Tagged.of("b", 3), 13);
      in.processWatermark(1_000);
      assertThat(out.values())
          .containsExactlyInAnyOrder("[a] 10 1", "[a] 20 2", "[b] 20 1", "[a] 30 1", "[b] 30 1");
    }
  }

  private static final class Pairs extends ProcessJoinFunction<Tagged, Tagged, String> {
    @Override
    public void processElement(Tagged one, Tagged other, Context context, Collector<String> out) {
      out.collect(one + " " + other);
      retag(one);
      retag(other);
    }
  }

  @Test
  void joinsAreThoseOfTheKeyThatTheRecordHadWhenItCame() {
    try (var harness = new OperatorHarness()) {
      var left = harness.input(Tagged.class);
      var right = harness.input(Tagged.class);
      var out =
          harness.output(
              left.stream()
                  .keyBy(tagged -> tagged.tags)
                  .intervalJoin(right.stream().keyBy(tagged -> tagged.tags))
                  .between(Duration.ofMillis(-50), Duration.ofMillis(50))
                  .process(new Pairs()));
      harness.open();
      left.processElement(Tagged.of("a", 1), 1);
      right.processElement(Tagged.of("a", 2), 2);
      right.processElement(Tagged.of("a", 3), 3);
      left.processElement(Tagged.of("a", 4), 4);
      assertThat(out.values())
          .containsExactlyInAnyOrder("[a]=1 [a]=2", "[a]=1 [a]=3", "[a]=4 [a]=2", "[a]=4 [a]=3");
    }
  }

  private static final class ByWord
      extends ProcessWindowFunction<String, String, String, TimeWindow>
      implements CheckpointedFunction {
    private static final MapStateDescriptor<List<String>, Long> COUNTS =
        new MapStateDescriptor<>(
            "counts",
            TypeInformation.of(new TypeHint<List<String>>() {}),
            TypeInformation.of(Long.class));

    private transient BroadcastState<List<String>, Long> everywhere;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
      everywhere = context.getOperatorStateStore().getBroadcastState(COUNTS);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void process(
        String key, Context context, Iterable<String> values, Collector<String> out) {
      MapState<List<String>, Long> counts = context.windowState().getMapState(COUNTS);
      var reused = new ArrayList<String>();
      for (String value : values) {
        reused.clear();
        reused.add(value);
        counts.put(reused, 1L);
        everywhere.put(reused, 1L);
      }
      out.collect(
          counts.get(List.of("a"))
              + " "
              + counts.get(List.of("b"))
              + " "
              + everywhere.get(List.of("a"))
              + " "
              + everywhere.get(List.of("b")));
    }
  }

  @Test
  void leaveStateOfWindowsAndBroadcastStateAsTheyAre() {
    try (var harness = new OperatorHarness()) {
      var in = harness.input(String.class);
      var out =
          harness.output(
              in.stream()
                  .keyBy(word -> "")
                  .window(TumblingEventTimeWindows.of(Duration.ofMillis(10)))
                  .process(new ByWord()));
      harness.open();
      in.processElement("a", 1);
      in.processElement("b", 2);
      in.processWatermark(15);
      assertThat(out.values()).containsExactly("1 1 1 1");
    }
  }
}
