package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.harness.Case.Item;
import io.millrace.runtime.harness.Conditions.Barriers;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What operators emit does not depend on how records, watermarks and two barriers meet. */
class MeetingBarriersTest {
  /** All cases have as many elements. */
  private static final Orders ORDERS = new Orders(2);

  static List<Case> cases() {
    return OperatorCases.all();
  }

  /**
   * Every tenth order, for each case others, and of a case that {@link EveryOrderTest} does not
   * lead through all of its own every seventh.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void emitsTheSameHoweverWatermarksAndBarriersMeet(Case each) {
    check(each, each.sampled() ? 7 : 10);
  }

  @ParameterizedTest
  @MethodSource("cases")
  @Tag("long")
  void emitsTheSameHoweverTheyMeet(Case each) {
    check(each, 1);
  }

  private static void check(Case each, int nth) {
    for (Barriers barriers : Barriers.values()) {
      int most =
          switch (barriers) {
            case ALIGNED -> 1_260; // all that an operator can tell apart
            case UNALIGNED -> 120; // those of one checkpoint are in EveryOrderTest
            case TURNING, AT_LEAST_ONCE -> 240;
          };
      meeting(each)
          .orders(most)
          .every(nth, OperatorCases.turn(each) + barriers.ordinal())
          .holdsInEveryOrder(barriers);
    }
  }

  /** A database takes longer to open than all else, so that is done now and then. */
  @ParameterizedTest
  @MethodSource("cases")
  void emitsTheSameWhenItsStateIsOnDisk(Case each) {
    meeting(each)
        .set("state.backend.type", "rocksdb")
        .orders(6)
        .holdsInEveryOrder(Barriers.UNALIGNED);
  }

  /** A restore that never finds anything in flight would prove nothing about that. */
  @Test
  void restoresWhatBarriersHaveOvertaken() {
    Case counts = OperatorCases.named("keyed process");
    OperatorContract contract = meeting(counts).orders(144);
    contract.holdsInEveryOrder(Barriers.UNALIGNED);
    assertThat(contract.restoredInFlight()).isGreaterThan(10);
    contract = meeting(counts).orders(144);
    contract.holdsInEveryOrder(Barriers.TURNING);
    assertThat(contract.restoredInFlight()).isGreaterThan(5);
  }

  /** Two channels, whose records and watermarks meet. */
  private static OperatorContract meeting(Case each) {
    String other = each.otherKey();
    return each.contract(each.inputs() == 1 ? 2 : 1)
        .share(ORDERS)
        .step(new Step.Element(0, new Item("a", 4), 5))
        .step(new Step.Element(1, new Item(other, 5), 6))
        .step(new Step.Watermark(0, 20))
        .step(new Step.Watermark(1, 21))
        .step(new Step.Element(0, new Item("a", 7), 30))
        .step(new Step.Element(1, new Item(other, 8), 31))
        .step(new Step.Watermark(0, 45));
  }
}
