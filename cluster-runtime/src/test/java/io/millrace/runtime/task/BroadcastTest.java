package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.BroadcastProcessFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedBroadcastProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.operator.Operators;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.Watermark;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A stream on channel 0 beside one that is broadcast, on channel 1. */
class BroadcastTest {
  private static final MapStateDescriptor<String, String> RULES =
      new MapStateDescriptor<>("rules", String.class, String.class);
  private static final MapStateDescriptor<String, String> OTHER =
      new MapStateDescriptor<>("other", String.class, String.class);
  private static final ValueStateDescriptor<Long> COUNT =
      new ValueStateDescriptor<>("count", Long.class);

  /** Applies the rule of the same first letter, if there is one. */
  static final class Apply extends BroadcastProcessFunction<Object, Object, Object> {
    @Override
    public void processElement(Object value, ReadOnlyContext context, Collector<Object> out) {
      String letter = value.toString().substring(0, 1);
      var rules = context.getBroadcastState(RULES);
      if (value.equals("clear")) {
        rules.clear();
      } else if (value.equals("other")) {
        context.getBroadcastState(OTHER);
      }
      out.collect(value + "/" + rules.get(letter) + "/" + rules.contains(letter));
    }

    @Override
    public void processBroadcastElement(Object value, Context context, Collector<Object> out) {
      context.getBroadcastState(RULES).put(value.toString().substring(0, 1), value.toString());
      out.collect("rule " + value);
    }
  }

  private static Bench apply(TaskBlueprint.Restored restored) {
    return new Bench()
        .part("apply", Role.OPERATOR, Operators.process(new Apply(), List.of(RULES)), restored)
        .inputs(1)
        .secondInputs(1)
        .output(100);
  }

  @Test
  void theStreamSeesWhatTheBroadcastSideHasKept() {
    var bench = apply(TaskBlueprint.Restored.NOTHING);

    bench.send(0, Bench.batch("ant")).settle();
    bench.send(1, Bench.batch("apple", "bread")).settle();
    bench.send(0, Bench.batch("ant", "cat")).settle();

    assertThat(bench.received(0))
        .containsExactly(
            "ant/null/false", "rule apple", "rule bread", "ant/apple/true", "cat/null/false");
  }

  @Test
  void theStateIsInTheSnapshotAsOfTheBarrierAndComesBack() throws Exception {
    var bench = apply(TaskBlueprint.Restored.NOTHING);
    bench.send(1, Bench.batch("apple")).settle();
    bench.send(0, new Barrier(1)).send(1, new Barrier(1)).settle();
    bench.send(1, Bench.batch("avocado", "bread")).settle();

    var second = apply(restored(bench));
    second.send(0, Bench.batch("ant", "bee")).settle();

    assertThat(second.received(0)).containsExactly("ant/apple/true", "bee/null/false");
  }

  /** What the only operator of the first cut left. */
  private static TaskBlueprint.Restored restored(Bench bench) throws Exception {
    TaskEvent.OperatorCut cut = bench.said(TaskEvent.Cut.class).get(0).operators().get(0);
    OperatorSnapshot own = cut.own().take();
    return new TaskBlueprint.Restored(
        OptionalLong.of(1),
        own.entries(),
        own.states(),
        List.of(),
        cut.keyed().isPresent() ? List.of(List.of(cut.keyed().get().write())) : List.of());
  }

  @Test
  void theStreamMayNotChangeItAndNobodyUsesWhatWasNotDeclared() {
    assertThat(failureOf("clear")).hasMessageContaining("in processBroadcastElement");
    assertThat(failureOf("other"))
        .hasMessageContaining("'other' is not declared")
        .hasMessageContaining("['rules']");
  }

  private static Throwable failureOf(String record) {
    var bench = apply(TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch(record)).settle();
    return bench.said(TaskEvent.Failed.class).get(0).cause();
  }

  /** Counts per key; a broadcast record adds to every count, or asks for state without a key. */
  static final class Add extends KeyedBroadcastProcessFunction<Object, Object, Object, Object> {
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(COUNT);
    }

    @Override
    public void processElement(Object value, ReadOnlyContext context, Collector<Object> out) {
      count.update(count.value() == null ? 1 : count.value() + 1);
      context.timerService().registerEventTimeTimer(10);
    }

    @Override
    public void processBroadcastElement(Object value, Context context, Collector<Object> out)
        throws Exception {
      if (value.equals("wrong")) {
        count.value();
      }
      long more = Long.parseLong(value.toString());
      context.applyToKeyedState(
          COUNT,
          (key, state) -> {
            if (more == 0) {
              state.clear();
            } else {
              state.update(state.value() + more);
            }
          });
      context.getBroadcastState(RULES).put("last", value.toString());
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<Object> out) {
      out.collect(
          context.getCurrentKey()
              + "="
              + count.value()
              + " after "
              + context.getBroadcastState(RULES).get("last"));
    }
  }

  private static Bench add(TaskBlueprint.Restored restored) {
    return new Bench()
        .part("add", Role.OPERATOR, Operators.process(new Add(), List.of(RULES)), restored)
        .keyedInputs(1, value -> value)
        .secondInputs(1)
        .output(100);
  }

  @Test
  void aBroadcastRecordReachesTheStateOfEveryKeyThatHasSomeAlsoAfterARestore() throws Exception {
    var bench = add(TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("a", "b", "a")).settle();
    bench.send(1, Bench.batch("10")).settle();
    bench.send(0, new Barrier(1)).send(1, new Barrier(1)).settle();

    var second = add(restored(bench));
    second.send(1, Bench.batch("100")).settle();
    second.send(0, new Watermark(10)).send(1, new Watermark(10)).settle();

    assertThat(second.received(0))
        .containsExactly("a=112 after 100", "b=111 after 100", "[watermark 10]");
  }

  @Test
  void theBroadcastSideHasNoKeyNotEvenAfterVisitingAll() {
    var bench = add(TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("a")).settle();
    bench.send(1, Bench.batch("1", "wrong")).settle();

    assertThat(bench.said(TaskEvent.Failed.class).get(0).cause())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no key is current");
  }

  @Test
  void stateThatAVisitClearsIsGone() {
    var bench = add(TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("a")).settle();
    bench.send(1, Bench.batch("0")).settle();
    bench.send(0, Bench.batch("b")).settle();
    bench.send(0, new Watermark(10)).send(1, new Watermark(10)).settle();

    assertThat(bench.received(0))
        .containsExactly("a=null after 0", "b=1 after 0", "[watermark 10]");
  }
}
