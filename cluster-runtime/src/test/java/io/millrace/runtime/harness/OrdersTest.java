package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.Collector;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.harness.Conditions.Barriers;
import io.millrace.runtime.harness.Conditions.Store;
import io.millrace.runtime.harness.OperatorHarness.Input;
import io.millrace.runtime.harness.OperatorHarness.Output;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That nothing is left out of the orders which a task can tell apart. */
class OrdersTest {
  private static final int[] ELEMENTS = {3, 2};

  /** Says what it is given, and how far event time is then. */
  private static final class Tells extends ProcessFunction<String, String> {
    @Override
    public void processElement(String value, Context context, Collector<String> out) {
      out.collect(value + " after " + context.timerService().currentWatermark());
    }
  }

  /** Every order there is, alike or not: 7560 for three elements and two, and two barriers each. */
  private static List<int[]> all() {
    return new Orders(2).of(ELEMENTS, Barriers.TURNING, Integer.MAX_VALUE);
  }

  @Test
  void knowsAllOrdersAndWhichAreAlike() {
    assertThat(all()).hasSize(7560);
    assertThat(new Orders(2).count(ELEMENTS)).isEqualTo(7560);
    for (Barriers barriers : List.of(Barriers.ALIGNED, Barriers.UNALIGNED)) {
      long distinct =
          all().stream().map(order -> Orders.seen(order, 2, barriers)).distinct().count();
      assertThat(new Orders(2).of(ELEMENTS, barriers, Integer.MAX_VALUE)).hasSize((int) distinct);
      assertThat(distinct).isLessThan(7560);
    }
    assertThat(new Orders(2).of(new int[] {9, 9, 9}, Barriers.ALIGNED, 50)).hasSize(50);
  }

  /** Of one checkpoint: three elements and a barrier in each of two channels. */
  @Test
  void knowsHowManyOrdersOfOneCheckpointThereAre() {
    var orders = new Orders(1);
    var elements = new int[] {3, 3};
    // (8 over 4) ways to deal out the channels, and four places for the barrier of each.
    assertThat(orders.count(elements)).isEqualTo(70 * 4 * 4);
    assertThat(orders.of(elements, Barriers.TURNING, Integer.MAX_VALUE)).hasSize(1_120);
    assertThat(orders.of(elements, Barriers.ALIGNED, Integer.MAX_VALUE)).hasSize(140);
    assertThat(orders.of(elements, Barriers.UNALIGNED, Integer.MAX_VALUE)).hasSize(560);
  }

  /** The second element of each channel is a watermark. */
  @ParameterizedTest
  @EnumSource(
      value = Barriers.class,
      names = {"ALIGNED", "UNALIGNED", "AT_LEAST_ONCE"})
  void tasksSeeWhatTheModelSays(Barriers barriers) {
    try (var harness = new OperatorHarness()) {
      Input<String> input = harness.input(TypeInformation.of(String.class), 2);
      Output<String> out = harness.output(input.stream().process(new Tells()));
      int round = 0;
      for (int[] order : all()) {
        boolean fresh = round++ % 500 == 0;
        if (fresh) {
          harness.begin(new Conditions(Store.HEAP, barriers, 1).settings(), false, 1);
        }
        out.clear();
        long base = 100L * round;
        long[] checkpoints = {harness.nextCheckpoint(), harness.nextCheckpoint()};
        int[] taken = new int[2];
        int[] barriersOf = new int[2];
        for (int next : order) {
          int channel = next < 0 ? -1 - next : next;
          if (next < 0) {
            input.channel(channel).processBarrier(checkpoints[barriersOf[channel]++]);
          } else if (taken[channel] == 1) {
            taken[channel]++;
            input.channel(channel).processWatermark(base + channel);
          } else {
            input.channel(channel).processElement(channel + ":" + taken[channel]++, base + 50);
          }
        }
        List<String> lines = new ArrayList<>();
        List<Integer> cuts = new ArrayList<>();
        long before = fresh ? Long.MIN_VALUE : base - 100;
        predict(Orders.seen(order, 2, barriers), before, base, lines, cuts);
        assertThat(out.values()).as("%s", (Object) order).isEqualTo(lines);
        for (int nth = 0; nth < cuts.size(); nth++) {
          int cut = cuts.get(nth);
          if (cut >= 0) {
            assertThat(out.sizeAt(checkpoints[nth])).as("%s", (Object) order).isEqualTo(cut);
          }
        }
      }
    }
  }

  /**
   * @param before the watermark of the first channel, to which that of the second is near
   * @param cuts how many lines there are before each; -1 if the checkpoint is given up
   */
  private static void predict(
      List<String> seen, long before, long base, List<String> lines, List<Integer> cuts) {
    var watermarks = new long[] {before, before == Long.MIN_VALUE ? before : before + 1};
    cuts.addAll(List.of(-1, -1));
    for (String each : seen) {
      if (each.startsWith("cut ")) {
        cuts.set(Integer.parseInt(each.substring(4)) - 1, lines.size());
      } else if (each.endsWith(":1")) {
        int channel = each.charAt(0) - '0';
        watermarks[channel] = base + channel;
      } else if (!each.startsWith("in flight")) {
        lines.add(each + " after " + Math.min(watermarks[0], watermarks[1]));
      }
    }
  }
}
