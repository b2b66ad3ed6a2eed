package io.millrace.api.accumulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What a subtask's accumulators give a checkpoint, and take from one. */
class FrozenAccumulatorsTest {
  private static final ClassLoader LOADER = FrozenAccumulatorsTest.class.getClassLoader();

  private final LongCounter count = new LongCounter();

  private Accumulators counting(List<AccumulatorState> restored) {
    var accumulators = new Accumulators(restored, LOADER);
    accumulators.add("count", count);
    return accumulators;
  }

  private static Map<String, Object> results(Supplier<List<AccumulatorState>> frozen) {
    return Accumulators.results(frozen.get(), LOADER);
  }

  @Test
  void areAsOfTheBarrierThoughTheyAreWrittenLater() {
    Accumulators accumulators = counting(List.of());
    count.add(3L);
    Supplier<List<AccumulatorState>> frozen = accumulators.freeze();
    count.add(4L);

    assertThat(results(frozen)).isEqualTo(Map.of("count", 3L));
    assertThat(results(accumulators.freeze())).isEqualTo(Map.of("count", 7L));
  }

  @Test
  void areAsTheyWereHeldOnceAndThenAsTheyAre() {
    Accumulators accumulators = counting(List.of());
    count.add(3L);
    accumulators.hold();
    count.add(4L);

    assertThat(results(accumulators.freeze())).isEqualTo(Map.of("count", 3L));
    assertThat(results(accumulators.freeze())).isEqualTo(Map.of("count", 7L));
  }

  @Test
  void areRestoredOnceByWhoeverAddsThemAndElseCarriedOn() {
    var before = new Accumulators(List.of(), LOADER);
    for (String name : List.of("count", "other")) {
      var counter = new LongCounter();
      before.add(name, counter);
      counter.add(5L);
    }
    List<AccumulatorState> restored = before.freeze().get();

    Accumulators accumulators = counting(restored);
    count.add(2L);

    assertThat(count.getLocalValue()).isEqualTo(7);
    assertThat(results(accumulators.freeze())).isEqualTo(Map.of("count", 7L, "other", 5L));
  }
}
