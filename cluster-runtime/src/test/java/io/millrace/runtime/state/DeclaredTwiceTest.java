package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.runtime.harness.OperatorHarness;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One name of state that is asked for in several places of an operator. */
class DeclaredTwiceTest {
  private static ValueStateDescriptor<Long> number(Duration lifetime) {
    var descriptor = new ValueStateDescriptor<>("x", Long.class);
    descriptor.enableTimeToLive(StateTtlConfig.newBuilder(lifetime).build());
    return descriptor;
  }

  @ParameterizedTest
  @EnumSource
  void isOneStateIfBothAreAlike(TimeToLiveTest.Kept kept) throws Exception {
    StateStore store = kept.open();
    store.setCurrentKey("a");
    store.value(new ValueStateDescriptor<>("x", Long.class)).update(4L);
    assertThat(store.value(new ValueStateDescriptor<>("x", Long.class, 0L)).value()).isEqualTo(4);
    var sum = store.reducing(new ReducingStateDescriptor<>("x", Long::sum, Long.class));
    sum.add(3L);
    assertThat(store.value(new ValueStateDescriptor<>("x", Long.class)).value()).isEqualTo(7);

    var often = new ValueStateDescriptor<>("brief", Long.class);
    var ttl = StateTtlConfig.newBuilder(Duration.ofMillis(100));
    often.enableTimeToLive(ttl.updateTtlOnReadAndWrite().build());
    var seldom = new ValueStateDescriptor<>("brief", Long.class);
    seldom.enableTimeToLive(ttl.updateTtlOnCreateAndWrite().build());
    store.value(often).update(1L);
    store.now(90);
    assertThat(store.value(often).value()).isEqualTo(1);
    store.now(180);
    assertThat(store.value(seldom).value()).isEqualTo(1);
    store.now(190);
    assertThat(store.value(often).value()).as("reading as the other does was no use").isNull();
  }

  @ParameterizedTest
  @EnumSource
  void isRefusedWithAnotherKindOrType(TimeToLiveTest.Kept kept) {
    StateStore store = kept.open();
    store.value(new ValueStateDescriptor<>("x", Long.class));
    assertThatThrownBy(() -> store.value(new ValueStateDescriptor<>("x", String.class)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "state 'x' is declared twice in one operator, as a value of java.lang.Long and as a"
                + " value of java.lang.String; give one of them another name, or declare both"
                + " alike");
    assertThatThrownBy(() -> store.list(new ListStateDescriptor<>("x", Long.class)))
        .hasMessageContaining("as a value of java.lang.Long and as a list of java.lang.Long");
    assertThatThrownBy(
            () -> store.reducing(new ReducingStateDescriptor<>("x", Math::max, Integer.class)))
        .hasMessageContaining("a value of java.lang.Integer");

    store.map(new MapStateDescriptor<>("map", String.class, Long.class));
    assertThatThrownBy(
            () -> store.map(new MapStateDescriptor<>("map", String.class, Integer.class)))
        .hasMessageContaining("a map of java.lang.String to java.lang.Integer");
  }

  @ParameterizedTest
  @EnumSource
  void isRefusedWithAnotherTimeToLive(TimeToLiveTest.Kept kept) {
    StateStore store = kept.open();
    store.value(number(Duration.ofMillis(100)));
    assertThatThrownBy(() -> store.value(number(Duration.ofSeconds(2))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a value of java.lang.Long that lives for 100 ms")
        .hasMessageContaining("a value of java.lang.Long that lives for 2000 ms; give one");
    assertThatThrownBy(() -> store.value(new ValueStateDescriptor<>("x", Long.class)))
        .hasMessageContaining("that lives for 100 ms and as a value of java.lang.Long; give one");
  }

  private static final class Twice extends KeyedProcessFunction<Integer, Integer, String> {
    @Override
    public void open(OpenContext context) {
      getRuntimeContext().getState(new ValueStateDescriptor<>("x", Long.class));
      getRuntimeContext().getState(new ValueStateDescriptor<>("x", String.class));
    }

    @Override
    public void processElement(Integer value, Context context, Collector<String> out) {}
  }

  @Test
  void isRefusedToAFunctionByTheNameOfItsOperator() {
    try (var harness = new OperatorHarness()) {
      OperatorHarness.Input<Integer> some = harness.input(Integer.class);
      harness.output(some.stream().keyBy(n -> 0).process(new Twice()).name("the counter"));
      assertThatThrownBy(harness::open)
          .hasStackTraceContaining("the counter")
          .hasStackTraceContaining("state 'x' is declared twice in one operator");
    }
  }

  private static final class TwiceInAWindow
      extends ProcessWindowFunction<Integer, String, Integer, TimeWindow> {
    @Override
    public void process(
        Integer key, Context context, Iterable<Integer> elements, Collector<String> out)
        throws Exception {
      var states = context.windowState();
      states.getState(new ValueStateDescriptor<>("x", Long.class)).update(1L);
      Long again = states.getState(new ValueStateDescriptor<>("x", Long.class)).value();
      assertThatThrownBy(() -> states.getState(new ValueStateDescriptor<>("x", String.class)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "state 'x' of a window is declared twice in one operator, as a value of"
                  + " java.lang.Long and as a value of java.lang.String; give one of them another"
                  + " name");
      assertThatThrownBy(() -> states.getListState(new ListStateDescriptor<>("x", Long.class)))
          .hasMessageContaining("as a list of java.lang.Long");
      out.collect("seen " + again);
    }
  }

  @Test
  void isRefusedInAWindowToo() {
    try (var harness = new OperatorHarness()) {
      OperatorHarness.Input<Integer> some = harness.input(Integer.class);
      OperatorHarness.Output<String> said =
          harness.output(
              some.stream()
                  .keyBy(n -> 0)
                  .window(TumblingEventTimeWindows.of(Duration.ofMillis(10)))
                  .process(new TwiceInAWindow()));
      harness.open();
      some.processElement(1, 1);
      some.processWatermark(20);
      assertThat(said.values()).containsExactly("seen 1");
    }
  }
}
