package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.Operators;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.EndOfInput;
import io.millrace.runtime.exchange.Element.Idle;
import io.millrace.runtime.exchange.Element.Watermark;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What leaves a task at the side. */
class SideOutputTest {
  private static final OutputTag<String> SHORT = new OutputTag<>("short") {};
  private static final OutputTag<Long> TIMES = new OutputTag<>("times") {};
  private static final OutputTag<List<String>> LISTS = new OutputTag<>("lists") {};

  static final class Sort extends ProcessFunction<Object, Object> {
    @Override
    public void processElement(Object value, Context context, Collector<Object> out) {
      String text = value.toString();
      if (text.length() < 3) {
        context.output(SHORT, text);
      } else {
        out.collect(text);
      }
      context.output(TIMES, context.timestamp());
    }
  }

  private static Operator<Object, Object> sort() {
    return Operators.process(new Sort()).create();
  }

  @Test
  void recordsGoWhereTheirTagLeadsAndOthersAreDropped() {
    var bench =
        new Bench()
            .operator("sort", SideOutputTest::sort)
            .inputs(1)
            .output(100)
            .sideOutput(SHORT)
            .sideOutput(SHORT);

    bench.send(0, Bench.batch("one", "2", "three", "4")).settle();

    assertThat(bench.received(0)).containsExactly("one", "three");
    assertThat(bench.received(1)).containsExactly("2", "4");
    assertThat(bench.received(2)).containsExactly("2", "4");
  }

  @Test
  void whatIsNotTakenFromTheMainOutputIsDroppedToo() {
    var bench = new Bench().operator("sort", SideOutputTest::sort).inputs(1).sideOutput(TIMES);

    bench.send(0, Bench.batch("one", "2")).send(0, new EndOfInput()).settle();

    assertThat(bench.received(0))
        .containsExactly("0", "0", "[watermark " + Long.MAX_VALUE + "]", "[end]");
  }

  @Test
  void timeIdlenessAndBarriersGoToSideOutputsToo() {
    var bench =
        new Bench().operator("sort", SideOutputTest::sort).inputs(1).output(100).sideOutput(SHORT);

    bench
        .send(0, Bench.batch("1"))
        .send(0, new Watermark(5))
        .send(0, Bench.batch("2"))
        .send(0, new Barrier(1))
        .send(0, new Idle(true))
        .send(0, new Idle(false))
        .send(0, new EndOfInput())
        .settle();

    assertThat(bench.received(1))
        .containsExactly(
            "1",
            "[watermark 5]",
            "2",
            "[barrier 1]",
            "[idle true]",
            "[idle false]",
            "[watermark " + Long.MAX_VALUE + "]",
            "[end]");
  }

  /** Tells of a timer at the side. */
  static final class Alarm extends KeyedProcessFunction<Object, Object, Object> {
    @Override
    public void processElement(Object value, Context context, Collector<Object> out) {
      context.timerService().registerEventTimeTimer(10);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<Object> out) {
      context.output(TIMES, context.timestamp());
      context.output(SHORT, "" + context.getCurrentKey());
    }
  }

  @Test
  void aTimerMayPutOutAtTheSideWithItsTime() {
    var bench =
        new Bench()
            .operator("alarm", () -> Operators.process(new Alarm()).create())
            .keyedInputs(1, value -> value)
            .sideOutput(TIMES)
            .sideOutput(SHORT);

    bench.send(0, Bench.batch("k")).send(0, new Watermark(10)).settle();

    assertThat(bench.received(0)).containsExactly("10", "[watermark 10]");
    assertThat(bench.received(1)).containsExactly("k", "[watermark 10]");
  }

  /** Puts one list out twice. */
  static final class Twice extends ProcessFunction<Object, Object> {
    @Override
    public void processElement(Object value, Context context, Collector<Object> out) {
      var list = new ArrayList<>(List.of(value.toString()));
      context.output(LISTS, list);
      list.add("changed");
      context.output(LISTS, list);
    }
  }

  @Test
  void aMutableRecordIsCopied() {
    var bench =
        new Bench()
            .operator("twice", () -> Operators.process(new Twice()).create())
            .inputs(1)
            .sideOutput(LISTS);

    bench.send(0, Bench.batch("a")).settle();

    assertThat(bench.received(0)).containsExactly("[a]", "[a, changed]");
  }

  @Test
  void aTagOfAnotherTypeWithTheSameIdFailsTheOperator() {
    var bench =
        new Bench()
            .operator("sort", SideOutputTest::sort)
            .inputs(1)
            .sideOutput(new OutputTag<>("short", TypeInformation.of(Long.class)));

    bench.send(0, Bench.batch("1")).settle();

    TaskEvent.Failed failed = bench.said(TaskEvent.Failed.class).get(0);
    assertThat(failed.operator()).isEqualTo("sort");
    assertThat(failed.cause())
        .hasMessageContaining("'short' is taken as java.lang.Long and put out as java.lang.String");
  }
}
