package io.millrace.runtime.harness;

import io.millrace.runtime.harness.Case.Item;
import io.millrace.runtime.harness.Conditions.Barriers;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators emit is the same in every order that an operator can tell apart. */
class EveryOrderTest {
  private static final Orders ONE_CHECKPOINT = new Orders(1);
  private static final Orders TWO_CHECKPOINTS = new Orders(2);

  static List<Case> cases() {
    return OperatorCases.all();
  }

  /**
   * In each of two channels a record, a watermark, a record and a barrier anywhere among them: all
   * orders in which they can meet, but for those that are alike to any operator, each restored from
   * its checkpoint. If barriers overtake, every third of them, for each case others. Of a case
   * beside the one of its operator, every sixth.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void emitsTheSameInEveryOrderOfWatermarksAndBarriers(Case each) {
    check(each, each.sampled() ? 6 : 1, Barriers.ALIGNED);
    check(each, each.sampled() ? 6 : 3, Barriers.UNALIGNED);
  }

  /** Of each case, and with each kind of barriers. */
  @ParameterizedTest
  @MethodSource("cases")
  @Tag("long")
  void emitsTheSameInEveryOrderWhateverBarriersDo(Case each) {
    for (Barriers barriers : Barriers.values()) {
      check(each, 1, barriers);
    }
  }

  private static void check(Case each, int nth, Barriers barriers) {
    String other = each.otherKey();
    each.contract(each.inputs() == 1 ? 2 : 1)
        .share(ONE_CHECKPOINT)
        .orders(Integer.MAX_VALUE)
        .every(nth, OperatorCases.turn(each) + barriers.ordinal())
        .step(new Step.Element(0, new Item("a", 5), 5))
        .step(new Step.Element(1, new Item(other, 6), 6))
        .step(new Step.Watermark(0, 20))
        .step(new Step.Watermark(1, 21))
        .step(new Step.Element(0, new Item("a", 7), 30))
        .step(new Step.Element(1, new Item(other, 9), 31))
        .holdsInEveryOrder(barriers);
  }

  /**
   * The same with barriers of two checkpoints, of which the second may come before the first has
   * come through, in two channels with a record and a watermark each. What tasks do then has
   * nothing to do with their operators, see {@link OrdersTest}; these hold what there is to hold:
   * timers, records of one side or both, requests.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "keyed process",
        "keyed co-process",
        "interval join",
        "async with requests in flight"
      })
  void emitsTheSameInEveryOrderOfTwoCheckpoints(String name) {
    Case each = OperatorCases.named(name);
    for (Barriers barriers : List.of(Barriers.ALIGNED, Barriers.UNALIGNED)) {
      each.contract(each.inputs() == 1 ? 2 : 1)
          .share(TWO_CHECKPOINTS)
          .orders(Integer.MAX_VALUE)
          .step(new Step.Element(0, new Item("a", 4), 5))
          .step(new Step.Element(1, new Item(each.otherKey(), 5), 6))
          .step(new Step.Watermark(0, 20))
          .step(new Step.Watermark(1, 21))
          .holdsInEveryOrder(barriers);
    }
  }
}
