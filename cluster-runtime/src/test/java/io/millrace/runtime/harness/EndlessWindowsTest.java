package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.window.ContinuousEventTimeTrigger;
import io.millrace.api.window.GlobalWindow;
import io.millrace.api.window.GlobalWindows;
import io.millrace.runtime.harness.OperatorHarness.Input;
import io.millrace.runtime.harness.OperatorHarness.Output;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A window without an end ends with its input, however often it fires before. */
class EndlessWindowsTest {
  @Test
  void firesAtIntervalsAndOnceMoreAtTheEnd() {
    try (var harness = new OperatorHarness()) {
      Input<Long> numbers = harness.input(Long.class);
      Output<Long> sums =
          harness.output(
              numbers.stream()
                  .keyBy(n -> "all")
                  .window(GlobalWindows.create())
                  .trigger(ContinuousEventTimeTrigger.<GlobalWindow>of(Duration.ofSeconds(1)))
                  .reduce(Long::sum));
      harness.open();
      numbers.processElement(1L, 100);
      numbers.processElement(2L, 200);
      numbers.processWatermark(1_500);
      assertThat(sums.values()).containsExactly(3L);
      numbers.processElement(4L, 1_600);
      numbers.processWatermark(3_000);
      assertThat(sums.values()).containsExactly(3L, 7L, 7L);

      numbers.end();

      assertThat(sums.watermark()).isEqualTo(Long.MAX_VALUE);
      assertThat(sums.values()).containsExactly(3L, 7L, 7L, 7L, 7L);
    }
  }
}
