package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.Collector;
import io.millrace.api.function.ProcessJoinFunction;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class IntervalBoundsTest {
  private final KeyedStream<Integer, Integer> numbers =
      StreamExecutionEnvironment.getExecutionEnvironment().fromData(1).keyBy(n -> n);

  private static final class Nothing extends ProcessJoinFunction<Integer, Integer, Integer> {
    @Override
    public void processElement(
        Integer left, Integer right, Context context, Collector<Integer> out) {}
  }

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
    assertThatThrownBy(() -> between(Duration.ofMillis(4), Duration.ofMillis(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is empty: from 4 ms to 3 ms");
    between(Duration.ZERO, Duration.ZERO);
    between(Duration.ofMillis(-1L << 60), Duration.ofMillis(1L << 60));
  }

  @Test
  void anIntervalMayBeEmptyBecauseItsBoundsAreExcluded() {
    for (long bound : new long[] {3, -1L << 60, 1L << 60}) {
      numbers
          .intervalJoin(numbers)
          .between(Duration.ofMillis(bound), Duration.ofMillis(bound))
          .lowerBoundExclusive()
          .upperBoundExclusive()
          .process(new Nothing());
    }
  }
}
