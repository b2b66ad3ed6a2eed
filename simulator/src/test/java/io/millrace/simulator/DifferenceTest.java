package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DifferenceTest {
  @Test
  void whatIsThereTwiceIsARepeat() {
    assertThat(Difference.between(List.of("a", "b"), List.of("a", "b", "a")).onlyRepeats())
        .isTrue();
    assertThat(Difference.between(List.of("a", "b"), List.of("a", "b", "c")).onlyRepeats())
        .isFalse();
  }

  /** Totals of a job that was drained are nobody's: what else is too much may be a repeat. */
  @Test
  void whatDoesNotMatterIsNoOther() {
    Difference all = Difference.between(List.of("a", "total 2"), List.of("a", "a", "total 1"));

    Difference difference = all.where(line -> true, line -> !line.startsWith("total"));

    assertThat(difference.extra()).containsExactly("a");
    assertThat(difference.onlyRepeats()).isTrue();
  }
}
