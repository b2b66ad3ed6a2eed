package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataStream;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.runtime.harness.Conditions.Barriers;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions that do not keep what they should: the contract must not hold for them. */
class ForgetfulFunctionsTest {
  /** Counts in a field, which no checkpoint holds, and tells at the end only. */
  private static final class TellsAtTheEnd extends KeyedProcessFunction<String, String, String> {
    private transient TreeMap<String, Integer> counts;

    @Override
    public void open(OpenContext context) {
      counts = new TreeMap<>();
    }

    @Override
    public void processElement(String value, Context context, Collector<String> out) {
      counts.merge(value, 1, Integer::sum);
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) {
      out.collect(context.getCurrentKey() + " " + counts.get(context.getCurrentKey()));
    }
  }

  private static OperatorContract contract() {
    var contract = new OperatorContract();
    var words = contract.input(String.class);
    words.channel().element("a", 1).watermark(5).element("a", 8);
    words.channel().element("b", 2).watermark(6).element("b", 9);
    DataStream<String> counts = words.stream().keyBy(word -> word).process(new TellsAtTheEnd());
    return contract.output(counts);
  }

  /** However many orders there are, and so rounds in the last life. */
  @ParameterizedTest
  @ValueSource(ints = {3, 20, 48})
  void areFoundOutWhenOnlyTheEndShowsIt(int orders) {
    assertThatThrownBy(() -> contract().orders(orders).holdsInEveryOrder(Barriers.ALIGNED))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("input ends after 1 rounds")
        .hasMessageContaining("differs from what comes undisturbed");
  }

  @Test
  void areFoundOutByRestores() {
    assertThatThrownBy(contract()::holdsWhenItIsRestored)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("differs from what comes undisturbed");
  }
}
