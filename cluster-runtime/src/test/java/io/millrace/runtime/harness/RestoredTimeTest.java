package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.operator.Operator;
import io.millrace.api.window.SlidingEventTimeWindows;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Event time that state had come to is there again before the first record. */
class RestoredTimeTest {
  /** Timers that the cut came before fire ahead of what was in flight, combined or not. */
  @ParameterizedTest
  @ValueSource(strings = {"false", "true"})
  void ofWindows(String combine) {
    try (var harness = new OperatorHarness().set("pipeline.combine", combine)) {
      var in = harness.input(Long.class);
      var out =
          harness.output(
              in.stream()
                  .keyBy(n -> n)
                  .window(
                      SlidingEventTimeWindows.of(Duration.ofMillis(1000), Duration.ofMillis(500)))
                  .reduce(Long::sum));
      harness.open();
      in.processElement(1L, 700);
      in.processWatermark(1000);
      harness.restore(harness.snapshot());
      assertThat(out.watermark()).isEqualTo(1000);
    }
  }

  /** Its partner is still there, but without a failure it would have come too late for it. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void ofAnIntervalJoin(int parallelism) {
    var late = new OutputTag<Long>("late") {};
    try (var harness = new OperatorHarness()) {
      var left = harness.input(Long.class);
      var right = harness.input(Long.class);
      var joined =
          left.stream()
              .keyBy(n -> n)
              .intervalJoin(right.stream().keyBy(n -> n))
              .between(Duration.ofMillis(-10), Duration.ofMillis(10))
              .sideOutputLeftLateData(late)
              .process(new Pairs());
      var out = harness.output(joined);
      var sideways = harness.output(joined.getSideOutput(late));
      harness.open();
      right.processElement(1L, 1000);
      right.processWatermark(1000);
      left.processWatermark(1000);
      harness.restore(harness.snapshot(), parallelism);
      assertThat(out.watermark()).isEqualTo(1000);
      left.processElement(1L, 995);
      left.processElement(1L, 1000);
      assertThat(out.values()).containsExactly("1@1000 1@1000");
      assertThat(sideways.values()).containsExactly(1L);
    }
  }

  private static final class Pairs extends ProcessJoinFunction<Long, Long, String> {
    @Override
    public void processElement(Long left, Long right, Context context, Collector<String> out) {
      out.collect(
          left
              + "@"
              + context.getLeftTimestamp()
              + " "
              + right
              + "@"
              + context.getRightTimestamp());
    }
  }

  /** An operator around another one overrides all that the other one overrides. */
  @Test
  void isAskedThroughOperatorsAroundOthers() throws Exception {
    for (Class<?> outer : OperatorContractTest.operatorsOfTheApi()) {
      for (Field field : outer.getDeclaredFields()) {
        if (Operator.class.isAssignableFrom(field.getType())) {
          assertThat(overridden(outer)).as("%s", outer).containsAll(overridden(field.getType()));
        }
      }
    }
  }

  private static List<String> overridden(Class<?> operator) throws Exception {
    var names = new ArrayList<String>();
    for (Method method : Operator.class.getMethods()) {
      Method own = operator.getMethod(method.getName(), method.getParameterTypes());
      if (own.getDeclaringClass() != Operator.class) {
        names.add(method.getName());
      }
    }
    return names;
  }
}
