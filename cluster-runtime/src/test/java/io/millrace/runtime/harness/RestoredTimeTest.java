package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

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
