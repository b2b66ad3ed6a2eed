package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class IntervalBoundsTest {
  private final KeyedStream<Integer, Integer> numbers =
      StreamExecutionEnvironment.getExecutionEnvironment().fromData(1).keyBy(n -> n);

  private void between(Duration lower, Duration upper) {
    numbers.intervalJoin(numbers).between(lower, upper);
  }

  @Test
  void boundsAreRefusedWhereTheyAreNamed() {
    assertThatThrownBy(() -> between(Duration.ofMillis(5), Duration.ofMillis(-5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is empty: from 5 ms to -5 ms");
    assertThatThrownBy(() -> between(Duration.ZERO, Duration.ofMillis((1L << 60) + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most");
    between(Duration.ZERO, Duration.ZERO);
    between(Duration.ofMillis(-1L << 60), Duration.ofMillis(1L << 60));
  }
}
