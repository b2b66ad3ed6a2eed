package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.CoGroupFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.function.ReduceFunction;
import io.millrace.api.operator.FunctionLife;
import io.millrace.api.operator.FunctionOperator;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.window.CountTrigger;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.WindowFunction;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** State of functions that have no operator of their own is in the checkpoints of theirs. */
class FunctionStateTest {
  private static final Duration SIZE = Duration.ofMillis(10);

  /** How often a function was called, in all the lives of its subtask. */
  private interface Counting extends CheckpointedFunction {
    Calls calls();

    @Override
    default void initializeState(FunctionInitializationContext context) throws Exception {
      calls().kept =
          context
              .getOperatorStateStore()
              .getListState(new ListStateDescriptor<>(calls().name, Long.class));
      calls().kept.get().forEach(n -> calls().count += n);
    }

    @Override
    default void snapshotState(FunctionSnapshotContext context) throws Exception {
      calls().kept.update(List.of(calls().count));
    }
  }

  private static final class Calls implements Serializable {
    private final String name;
    private transient ListState<Long> kept;
    private long count;

    Calls(String name) {
      this.name = name;
    }
  }

  private static final class Pairs extends ProcessJoinFunction<Long, Long, String>
      implements Counting {
    private final Calls calls = new Calls("pairs");

    @Override
    public Calls calls() {
      return calls;
    }

    @Override
    public void processElement(Long left, Long right, Context context, Collector<String> out) {
      out.collect("pair " + ++calls.count);
    }
  }

  @Test
  void ofAnIntervalJoin() {
    try (var harness = new OperatorHarness()) {
      var left = harness.input(Long.class);
      var right = harness.input(Long.class);
      var out =
          harness.output(
              left.stream()
                  .keyBy(n -> n)
                  .intervalJoin(right.stream().keyBy(n -> n))
                  .between(SIZE.negated(), SIZE)
                  .process(new Pairs()));
      harness.open();
      left.processElement(1L, 5);
      right.processElement(1L, 5);
      harness.restore(harness.snapshot());
      right.processElement(1L, 6);
      assertThat(out.values()).containsExactly("pair 1", "pair 2");
    }
  }

  private record Sum(Calls calls) implements AggregateFunction<Long, Long, String>, Counting {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(Long value, Long sum) {
      calls.count += value; // not those that try the function out
      return sum + value;
    }

    @Override
    public String getResult(Long sum) {
      return sum + " of " + calls.count;
    }

    @Override
    public Long merge(Long a, Long b) {
      return a + b;
    }
  }

  private record Label(Calls calls)
      implements WindowFunction<String, String, Long, TimeWindow>, Counting {
    @Override
    public void apply(Long key, TimeWindow window, Iterable<String> sums, Collector<String> out) {
      calls.count++;
      sums.forEach(sum -> out.collect("window " + calls.count + ": " + sum));
    }
  }

  /** Both functions of a window, in the operator with slices and in the one without. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void ofWindows(boolean sliced) {
    try (var harness = new OperatorHarness()) {
      var in = harness.input(Long.class);
      var windows = in.stream().keyBy(n -> n).window(TumblingEventTimeWindows.of(SIZE));
      var out =
          harness.output(
              (sliced ? windows : windows.trigger(CountTrigger.of(2)))
                  .aggregate(new Sum(new Calls("sum")), new Label(new Calls("label"))));
      harness.open();
      in.processElement(1L, 1);
      in.processElement(1L, 2);
      in.processWatermark(15);
      harness.restore(harness.snapshot());
      in.processElement(1L, 21);
      in.processElement(1L, 22);
      in.processWatermark(35);
      assertThat(out.values()).containsExactly("window 1: 2 of 2", "window 2: 2 of 4");
    }
  }

  @Test
  void isRefusedIfTwoFunctionsOfAWindowKeepItUnderOneName() {
    try (var harness = new OperatorHarness()) {
      var in = harness.input(Long.class);
      harness.output(
          in.stream()
              .keyBy(n -> n)
              .window(TumblingEventTimeWindows.of(SIZE))
              .aggregate(new Sum(new Calls("calls")), new Label(new Calls("calls"))));
      assertThatThrownBy(harness::open)
          .rootCause()
          .hasMessage(
              "state 'calls' is declared by two functions of one operator, "
                  + Sum.class.getName()
                  + " and "
                  + Label.class.getName()
                  + "; give that of one of them another name");
    }
  }

  private record Larger(Calls calls) implements ReduceFunction<Long>, Counting {
    @Override
    public Long reduce(Long a, Long b) {
      return ++calls.count;
    }
  }

  @Test
  void ofAReductionInWindows() {
    try (var harness = new OperatorHarness()) {
      var in = harness.input(Long.class);
      var out =
          harness.output(
              in.stream()
                  .keyBy(n -> n)
                  .window(SlidingEventTimeWindows.of(SIZE, SIZE))
                  .reduce(new Larger(new Calls("reduced"))));
      harness.open();
      in.processElement(7L, 1);
      in.processElement(7L, 2);
      harness.restore(harness.snapshot());
      in.processElement(7L, 3);
      in.processWatermark(15);
      assertThat(out.values()).containsExactly(2L);
    }
  }

  private record Groups(Calls calls) implements CoGroupFunction<Long, Long, String>, Counting {
    @Override
    public void coGroup(Iterable<Long> left, Iterable<Long> right, Collector<String> out) {
      out.collect("group " + ++calls.count);
    }
  }

  @Test
  void ofACoGroup() {
    try (var harness = new OperatorHarness()) {
      var left = harness.input(Long.class);
      var right = harness.input(Long.class);
      var out =
          harness.output(
              left.stream()
                  .coGroup(right.stream())
                  .where(n -> n)
                  .equalTo(n -> n)
                  .window(TumblingEventTimeWindows.of(SIZE))
                  .apply(new Groups(new Calls("groups"))));
      harness.open();
      left.processElement(1L, 5);
      left.processWatermark(15);
      right.processWatermark(15);
      harness.restore(harness.snapshot());
      left.processElement(1L, 25);
      left.processWatermark(35);
      right.processWatermark(35);
      assertThat(out.values()).containsExactly("group 1", "group 2");
    }
  }

  /** Whoever opens functions has them snapshot too: a {@link FunctionOperator} does both. */
  @Test
  void cannotBeLeftOutOfACheckpoint() throws Exception {
    for (Class<?> operator : OperatorContractTest.operatorsOfTheApi()) {
      boolean hasFunctions =
          Stream.of(operator.getDeclaredFields())
              .map(Field::getType)
              .anyMatch(FunctionLife.class::equals);
      assertThat(FunctionOperator.class.isAssignableFrom(operator))
          .as("%s, which has a FunctionLife, is a FunctionOperator", operator)
          .isEqualTo(hasFunctions);
    }
  }
}
