package io.millrace.api.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.function.RichMapFunction;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.tuple.Tuple2;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FunctionsTest {
  static final List<String> LIFE = new ArrayList<>();

  static final class Numbered extends RichMapFunction<String, String> {
    private transient String prefix;

    @Override
    public void open(OpenContext context) {
      LIFE.add("open");
      prefix = context.subtask() + "/" + getRuntimeContext().getNumberOfParallelSubtasks() + ":";
    }

    @Override
    public String map(String value) {
      return prefix + value;
    }

    @Override
    public void close() {
      LIFE.add("close");
    }
  }

  static final class CountAndRemember extends KeyedProcessFunction<String, Integer, String> {
    private transient ValueState<Integer> count;
    private transient ListState<Integer> seen;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Integer.class));
      seen = getRuntimeContext().getListState(new ListStateDescriptor<>("seen", Integer.class));
    }

    @Override
    public void processElement(Integer value, Context context, Collector<String> out) {
      count.update(count.value() == null ? 1 : count.value() + 1);
      seen.add(value);
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
      context.timerService().registerProcessingTimeTimer(5_000);
      out.collect(context.getCurrentKey() + count.value());
    }

    @Override
    public void onTimer(long timeMillis, OnTimerContext context, Collector<String> out) {
      var all = new ArrayList<Integer>();
      seen.get().forEach(all::add);
      out.collect(context.timeDomain() + " " + context.getCurrentKey() + all);
    }
  }

  static final class Stamps extends ProcessFunction<String, String> {
    @Override
    public void processElement(String value, Context context, Collector<String> out) {
      out.collect(value + "/" + context.timestamp());
      context.timerService().registerEventTimeTimer(1);
    }
  }

  static final class Aside extends KeyedProcessFunction<String, String, String> {
    private static final OutputTag<Integer> LENGTHS = new OutputTag<>("lengths") {};

    @Override
    public void processElement(String value, Context context, Collector<String> out) {
      context.output(LENGTHS, value.length());
      context.timerService().registerEventTimeTimer(20);
      context.timerService().registerProcessingTimeTimer(5_000);
    }

    @Override
    public void onTimer(long timeMillis, OnTimerContext context, Collector<String> out) {
      context.output(LENGTHS, -1);
    }
  }

  @Test
  void aSideOutputHasTheTimestampOfTheRecordOrTheTimer() throws Exception {
    var bench = new Bench<String, String>(Operators.process(new Aside())).open();

    bench.take("abc", 7).take("x").wallTo(6_000).watermarkTo(20);

    assertThat(bench.events)
        .containsExactly(
            "lengths! 3@7", "lengths! 1", "lengths! -1@5000", "lengths! -1@20", "W(20)");
  }

  @Test
  void mapFlatMapAndFilterKeepTheTimestamp() throws Exception {
    var map = new Bench<Integer, Integer>(Operators.map(n -> n + 1)).open();
    assertThat(map.take(1, 7).take(2).events).containsExactly("2@7", "3");

    var flatMap =
        new Bench<String, Tuple2<String, Integer>>(
                Operators.flatMap(
                    (line, out) -> {
                      for (String word : line.split(" ")) {
                        out.collect(Tuple2.of(word, 1));
                      }
                    }))
            .open();
    assertThat(flatMap.take("a b", 7).take("c", 8).events)
        .containsExactly("(a,1)@7", "(b,1)@7", "(c,1)@8");

    var filter = new Bench<Integer, Integer>(Operators.filter(n -> n > 1)).open();
    assertThat(filter.take(1, 7).take(2, 8).watermarkTo(9).events).containsExactly("2@8", "W(9)");
  }

  @Test
  void aRichFunctionIsOpenedAndClosedOnce() throws Exception {
    LIFE.clear();
    var bench = new Bench<String, String>(Operators.map(new Numbered()));

    bench.open().take("x");
    bench.operator.close();
    bench.operator.close();

    assertThat(bench.events).containsExactly("1/2:x");
    assertThat(LIFE).containsExactly("open", "close");
    assertThatThrownBy(() -> new Numbered().getRuntimeContext())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("open()");
  }

  @Test
  void aKeyedProcessFunctionHasStateAndTimersOfItsKey() throws Exception {
    var bench = new Bench<Integer, String>(Operators.process(new CountAndRemember())).open();
    bench.key = "a";
    bench.take(1, 10).take(2, 11);
    bench.key = "b";
    bench.take(3, 12).wallTo(6_000).watermarkTo(Long.MAX_VALUE);

    assertThat(bench.events)
        .containsExactly(
            "a1@10",
            "a2@11",
            "b1@12",
            "PROCESSING_TIME b[3]",
            "EVENT_TIME b[3]@" + Long.MAX_VALUE,
            "W(max)");
  }

  @Test
  void aProcessFunctionWithoutKeySeesTimestampsButHasNoTimers() throws Exception {
    var bench = new Bench<String, String>(Operators.process(new Stamps())).open();
    bench.keyed = false;

    assertThatThrownBy(() -> bench.take("x", 5)).isInstanceOf(IllegalStateException.class);
    assertThat(bench.events).containsExactly("x/5@5");
    bench.keyed = true;
    bench.take("y");
    assertThat(bench.events).containsExactly("x/5@5", "y/null");
  }
}
