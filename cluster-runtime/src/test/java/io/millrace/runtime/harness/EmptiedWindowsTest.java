package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.Collector;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.EventTimeTrigger;
import io.millrace.api.window.PurgingTrigger;
import io.millrace.api.window.TimeWindow;
import io.millrace.runtime.harness.OperatorHarness.Input;
import io.millrace.runtime.harness.OperatorHarness.Output;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmptiedWindowsTest {
  /** Purging a window empties it and does not end it: what comes next belongs to it as before. */
  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rocksdb"})
  void aSessionThatWasPurgedGoesOnForAsLongAsItTakesRecords(String store) {
    for (long lateness : new long[] {1_000, Long.MAX_VALUE}) {
      try (var harness = new OperatorHarness()) {
        harness.set("state.backend.type", store);
        Input<Long> input = harness.input(Long.class);
        Output<String> output =
            harness.output(
                input.stream()
                    .keyBy(n -> 0)
                    .window(EventTimeSessionWindows.withGap(Duration.ofMillis(10)))
                    .trigger(PurgingTrigger.of(EventTimeTrigger.create()))
                    .allowedLateness(Duration.ofMillis(lateness))
                    .<String>apply(
                        (Integer key,
                            TimeWindow window,
                            Iterable<Long> numbers,
                            Collector<String> out) ->
                            out.collect(
                                window.getStart() + ".." + window.getEnd() + " " + numbers)));
        harness.open();
        input.processElement(1L, 0);
        input.processWatermark(20);
        harness.restore(harness.snapshot(), 1);
        input.processElement(2L, 5);
        assertThat(output.values())
            .as("lateness %d", lateness)
            .containsExactly("0..10 [1]", "0..15 [2]");
      }
    }
  }
}
