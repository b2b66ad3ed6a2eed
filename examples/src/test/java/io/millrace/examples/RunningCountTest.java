package io.millrace.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.harness.OperatorHarness;
import org.junit.jupiter.api.Test;

/** A function driven by hand. */
class RunningCountTest {
  @Test
  void countsGoOnAfterAFailureWithMoreSubtasks() {
    try (var harness = new OperatorHarness()) {
      var numbers = harness.input(Long.class);
      var counts =
          harness.output(
              numbers.stream().keyBy(n -> n % 10).process(new SequenceCount.RunningCount()));
      harness.open();

      numbers.processElement(7L);
      numbers.processElement(17L);
      var snapshot = harness.snapshot();
      numbers.processElement(27L);
      harness.restore(snapshot, 3);
      numbers.processElement(37L);

      assertThat(counts.values()).containsExactly("7 7 1", "17 7 2", "37 7 3");
    }
  }
}
