package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.CoMapFunction;
import io.millrace.api.function.CoProcessFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedCoProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.TimerService;
import io.millrace.api.operator.Operators;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.EndOfInput;
import io.millrace.runtime.exchange.Element.Idle;
import io.millrace.runtime.exchange.Element.Watermark;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A task whose head has two inputs: channel 0 leads to the first, channel 1 to the second. */
class TwoInputsTest {
  private static final String END = "[watermark " + Long.MAX_VALUE + "]";

  static final class Sides implements CoMapFunction<Object, Object, Object> {
    @Override
    public Object map1(Object value) {
      return "first " + value;
    }

    @Override
    public Object map2(Object value) {
      return "second " + value;
    }
  }

  private static Bench sides() {
    return new Bench()
        .operator("sides", Operators.map(new Sides()))
        .inputs(1)
        .secondInputs(1)
        .output(100);
  }

  @Test
  void recordsGoToTheirSideAndNeitherWaitsForTheOther() {
    var bench = sides();

    bench.send(1, Bench.batch("a", "b")).settle();
    assertThat(bench.received(0)).containsExactly("second a", "second b");

    bench.send(0, Bench.batch("c")).send(1, Bench.batch("d")).settle();
    assertThat(bench.received(0)).containsExactlyInAnyOrder("first c", "second d");
    assertThat(bench.task().recordsIn()).isEqualTo(4);
  }

  @Test
  void timeIsThatOfTheSlowerInputThatIsNotIdle() {
    var bench = sides();

    bench.send(0, new Watermark(10)).settle();
    assertThat(bench.received(0)).isEmpty();
    bench.send(1, new Watermark(4)).settle();
    assertThat(bench.received(0)).containsExactly("[watermark 4]");
    bench.send(1, new Idle(true)).settle();
    assertThat(bench.received(0)).containsExactly("[watermark 10]");
    bench.send(0, new Idle(true)).settle();
    assertThat(bench.received(0)).containsExactly("[idle true]");
    bench.send(1, new Watermark(20)).settle();
    assertThat(bench.received(0)).containsExactly("[idle false]", "[watermark 20]");
  }

  @Test
  void inputEndsWhenBothHaveEnded() {
    var bench = sides();

    bench.send(1, new Watermark(5)).send(1, new EndOfInput()).settle();
    assertThat(bench.received(0)).isEmpty();
    bench.send(0, Bench.batch("late")).send(0, new Watermark(7)).settle();
    assertThat(bench.received(0)).containsExactly("first late", "[watermark 7]");
    bench.send(0, new EndOfInput()).settle();
    assertThat(bench.received(0)).containsExactly(END, "[end]");
    assertThat(bench.said(TaskEvent.EndOfData.class)).hasSize(1);
  }

  @Test
  void aBarrierIsAlignedOverBothEvenIfOneHasEnded() {
    var bench = sides();

    bench.send(0, new Barrier(1)).send(0, Bench.batch("after")).settle();
    bench.send(1, Bench.batch("before")).settle();
    assertThat(bench.received(0)).containsExactly("second before");
    bench.send(1, new EndOfInput()).settle();
    assertThat(bench.received(0)).isEmpty();
    bench.send(1, new Barrier(1)).settle();
    assertThat(bench.received(0)).containsExactly("[barrier 1]", "first after");
  }

  /** It holds back no event time, but what it brings is before its barrier or behind it. */
  @Test
  void aBarrierIsAlignedOverBothEvenIfOneIsIdle() {
    var bench = sides();

    bench.send(1, new Idle(true)).settle();
    bench.send(0, new Barrier(1)).send(0, Bench.batch("after")).settle();
    assertThat(bench.received(0)).isEmpty();
    bench.send(1, Bench.batch("before")).send(1, new Barrier(1)).settle();
    assertThat(bench.received(0)).containsExactly("second before", "[barrier 1]", "first after");
  }

  /** It is of a checkpoint that was given up; what waits behind the higher one goes on waiting. */
  @Test
  void aLowerBarrierLeavesAnAlignmentAsItIs() {
    var bench = sides();

    bench.send(0, new Barrier(2)).send(0, Bench.batch("after")).settle();
    bench.send(1, new Barrier(1)).send(1, Bench.batch("before")).settle();
    assertThat(bench.received(0)).containsExactly("second before");
    bench.send(1, new Barrier(2)).settle();
    assertThat(bench.received(0)).containsExactly("[barrier 2]", "first after");
  }

  @Test
  void aFailureOfTheSecondSideNamesTheOperator() {
    var bench =
        new Bench()
            .operator(
                "fails",
                Operators.flatMap(
                    new io.millrace.api.function.CoFlatMapFunction<Object, Object, Object>() {
                      @Override
                      public void flatMap1(Object value, Collector<Object> out) {}

                      @Override
                      public void flatMap2(Object value, Collector<Object> out) {
                        throw new IllegalArgumentException("not " + value);
                      }
                    }))
            .inputs(1)
            .secondInputs(1)
            .output(100);

    bench.send(1, Bench.batch("this")).settle();

    TaskEvent.Failed failed = bench.said(TaskEvent.Failed.class).get(0);
    assertThat(failed.operator()).isEqualTo("fails");
    assertThat(failed.cause()).hasMessage("not this");
  }

  /** Remembers the second side's word for each key; a timer tells what it was at last. */
  static final class Translate extends KeyedCoProcessFunction<Object, Object, Object, Object> {
    private transient ValueState<String> word;

    @Override
    public void open(OpenContext context) {
      word = getRuntimeContext().getState(new ValueStateDescriptor<>("word", String.class));
    }

    @Override
    public void processElement1(Object value, Context context, Collector<Object> out)
        throws Exception {
      out.collect(context.getCurrentKey() + "=" + word.value());
    }

    @Override
    public void processElement2(Object value, Context context, Collector<Object> out)
        throws Exception {
      word.update(value.toString());
      context.timerService().registerEventTimeTimer(100);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<Object> out) throws Exception {
      out.collect(time + " " + context.getCurrentKey() + "=" + word.value());
    }
  }

  private static Object firstLetter(Object value) {
    return value.toString().substring(0, 1);
  }

  private static Bench translate(TaskBlueprint.Restored restored) {
    return new Bench()
        .part(
            "translate",
            io.millrace.api.graph.Vertex.Role.OPERATOR,
            Operators.process(new Translate()),
            restored)
        .keyedInputs(1, TwoInputsTest::firstLetter)
        .secondKeyedInputs(1, TwoInputsTest::firstLetter)
        .output(100);
  }

  @Test
  void bothSidesShareTheStateAndTimersOfAKeyAlsoAfterARestore() throws Exception {
    var bench = translate(TaskBlueprint.Restored.NOTHING);
    bench.send(1, Bench.batch("apple", "bear")).settle();
    bench.send(0, Bench.batch("a", "b", "c")).settle();
    assertThat(bench.received(0)).containsExactly("a=apple", "b=bear", "c=null");

    bench.send(0, new Barrier(1)).send(1, new Barrier(1)).settle();
    TaskEvent.OperatorCut cut = bench.said(TaskEvent.Cut.class).get(0).operators().get(0);
    var restored =
        new TaskBlueprint.Restored(
            OptionalLong.of(1),
            List.of(),
            List.of(),
            List.of(),
            List.of(List.of(cut.keyed().orElseThrow().write())));
    var second = translate(restored);
    second.send(0, Bench.batch("b")).settle();
    second.send(0, new Watermark(100)).send(1, new Watermark(200)).settle();

    assertThat(second.received(0))
        .containsExactly("b=bear", "100 a=apple", "100 b=bear", "[watermark 100]");
  }

  /** Uses state on both sides, of which only the first has keys. */
  static final class OneKey extends CoProcessFunction<Object, Object, Object> {
    private transient ValueState<String> seen;

    @Override
    public void open(OpenContext context) {
      seen = getRuntimeContext().getState(new ValueStateDescriptor<>("seen", String.class));
    }

    @Override
    public void processElement1(Object value, Context context, Collector<Object> out)
        throws Exception {
      seen.update("seen");
      out.collect(value);
    }

    @Override
    public void processElement2(Object value, Context context, Collector<Object> out)
        throws Exception {
      out.collect(seen.value());
    }
  }

  /** Asks for state on the side that has no key, but only when told. */
  private static final class Asks extends CoProcessFunction<Object, Object, Object> {
    private transient ValueState<Object> seen;

    @Override
    public void open(OpenContext context) {
      seen = getRuntimeContext().getState(new ValueStateDescriptor<>("seen", Object.class));
    }

    @Override
    public void processElement1(Object value, Context context, Collector<Object> out)
        throws Exception {
      seen.update("seen");
      TimerService timers = context.timerService();
      timers.registerProcessingTimeTimer(timers.currentProcessingTime() + 10);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<Object> out) {
      out.collect("timer");
    }

    @Override
    public void processElement2(Object value, Context context, Collector<Object> out)
        throws Exception {
      out.collect(value.equals("ask") ? seen.value() : value);
    }
  }

  @Test
  void theSideWithoutKeysDoesNotSeeTheKeyOfATimerThatFiresAmidItsBatch() {
    var bench =
        new Bench()
            .operator("asks", Operators.process(new Asks()))
            .keyedInputs(1, value -> value)
            .secondInputs(1)
            .output(100);

    bench.send(0, Bench.batch("a")).settle();
    bench.send(1, Bench.batch("x", "ask")).step(1);
    bench.now += 20;
    bench.settle();

    assertThat(bench.received(0)).containsExactly("x");

    assertThat(bench.said(TaskEvent.Failed.class).get(0).cause())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no key is current");
  }

  @Test
  void theSideWithoutKeysDoesNotSeeTheOthersKey() {
    var bench =
        new Bench()
            .operator("one", Operators.process(new OneKey()))
            .keyedInputs(1, value -> value)
            .secondInputs(1)
            .output(100);

    bench.send(0, Bench.batch("a")).settle();
    bench.send(1, Bench.batch("x")).settle();

    assertThat(bench.received(0)).containsExactly("a");
    assertThat(bench.said(TaskEvent.Failed.class).get(0).cause())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no key is current");
  }
}
