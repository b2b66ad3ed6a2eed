package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.operator.Timestamps;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** When event time goes on if some of the channels sleep. */
class WatermarkMergerTest {
  private final WatermarkMerger two = new WatermarkMerger(2);

  @Test
  void comesToTheHighestOnceAllSleepWhicheverFellAsleepFirst() {
    for (int first = 0; first < 2; first++) {
      var merger = new WatermarkMerger(2);
      merger.watermark(0, 1_999);
      merger.watermark(1, 999);
      merger.advance();
      merger.idle(first, true);
      merger.advance();
      merger.idle(1 - first, true);
      merger.advance();
      assertThat(merger.merged()).as("channel %d first", first).isEqualTo(1_999);
    }
  }

  @Test
  void comesToTheSameInEveryOrderInWhichChannelsFallAsleep() {
    var random = new Random(7);
    for (int round = 0; round < 500; round++) {
      int channels = 1 + random.nextInt(6);
      long[] reached = random.longs(channels, 0, 50).toArray();
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < channels; i++) {
        order.add(i);
      }
      Collections.shuffle(order, random);
      var merger = new WatermarkMerger(channels);
      long highest = 0;
      for (int i = 0; i < channels; i++) {
        merger.watermark(i, reached[i]);
        merger.advance();
        highest = Math.max(highest, reached[i]);
      }
      for (int i : order) {
        merger.idle(i, true);
        merger.advance();
      }
      assertThat(merger.merged()).isEqualTo(highest);
      assertThat(merger.idleChanged()).isTrue();
      assertThat(merger.allIdle()).isTrue();
    }
  }

  @Test
  void leavesOutWhoWakesUpBehindUntilItHasCaughtUp() {
    two.watermark(0, 10);
    two.watermark(1, 5);
    two.idle(1, true);
    assertThat(two.advance()).isTrue();
    assertThat(two.merged()).isEqualTo(10);

    two.idle(1, false);
    two.watermark(0, 20);
    assertThat(two.advance()).isTrue();
    assertThat(two.merged()).isEqualTo(20);

    two.watermark(1, 15);
    two.watermark(0, 30);
    assertThat(two.advance()).isTrue();
    assertThat(two.merged()).isEqualTo(30);

    two.watermark(1, 30);
    two.watermark(0, 40);
    assertThat(two.advance()).as("channel 1 takes part again").isFalse();
    two.watermark(1, 35);
    assertThat(two.advance()).isTrue();
    assertThat(two.merged()).isEqualTo(35);
  }

  @Test
  void waitsForTheOneThatIsAwakeAlthoughItIsBehind() {
    two.watermark(0, 10);
    two.idle(1, true);
    two.advance();
    two.watermark(1, 5);
    two.watermark(0, 20);
    two.advance();
    two.watermark(0, 25);
    two.idle(0, true);
    assertThat(two.advance()).isFalse();
    assertThat(two.merged()).isEqualTo(20);
    assertThat(two.idleChanged()).isFalse();

    two.idle(1, true);
    assertThat(two.advance()).isTrue();
    assertThat(two.merged()).isEqualTo(25);
  }

  @Test
  void anEndedChannelIsNotWaitedForAndBringsNothingMore() {
    two.watermark(0, Timestamps.MAX_WATERMARK);
    two.watermark(1, 5);
    two.advance();
    two.ended(0);
    two.idle(1, true);
    assertThat(two.advance()).isFalse();
    assertThat(two.merged()).isEqualTo(5);
  }

  @Test
  void theSlowestIsWaitedForAlsoOnceOneHasEnded() {
    var three = new WatermarkMerger(3);
    three.watermark(0, Timestamps.MAX_WATERMARK);
    three.ended(0);
    three.watermark(1, 9);
    assertThat(three.advance()).isFalse();
    three.watermark(2, 5);
    assertThat(three.advance()).isTrue();
    assertThat(three.merged()).isEqualTo(5);
  }

  /** What wakes up after that would be late for ever. */
  @Test
  void whoeverSleepsIsNotAtItsEndBecauseTheOthersAre() {
    for (boolean sleepsFirst : List.of(true, false)) {
      var merger = new WatermarkMerger(2);
      merger.watermark(0, 7);
      merger.watermark(1, 5);
      merger.advance();
      if (sleepsFirst) {
        merger.idle(1, true);
        assertThat(merger.advance()).isTrue();
      }
      merger.watermark(0, Timestamps.MAX_WATERMARK);
      assertThat(merger.advance()).isFalse();
      merger.ended(0);
      merger.idle(1, true);
      assertThat(merger.advance()).isFalse();

      merger.watermark(1, 9);
      assertThat(merger.advance()).isTrue();
      assertThat(merger.merged()).isEqualTo(9);
      merger.watermark(1, Timestamps.MAX_WATERMARK);
      assertThat(merger.advance()).isTrue();
      assertThat(merger.merged()).isEqualTo(Timestamps.MAX_WATERMARK);
    }
  }

  /** Told step by step, who takes part is remembered; here it is seen from the watermarks. */
  @Test
  void followsRememberedParticipation() {
    var random = new Random(11);
    for (int round = 0; round < 2_000; round++) {
      int channels = 1 + random.nextInt(4);
      var merger = new WatermarkMerger(channels);
      var remembered = new Remembered(channels);
      long before = Timestamps.MIN_WATERMARK;
      for (int step = 0; step < 40; step++) {
        int channel = random.nextInt(channels);
        if (random.nextInt(3) == 0) {
          boolean idle = random.nextBoolean();
          merger.idle(channel, idle);
          remembered.idle(channel, idle);
        } else {
          long watermark = random.nextInt(30);
          merger.watermark(channel, watermark);
          remembered.watermark(channel, watermark);
        }
        boolean advanced = merger.advance();
        assertThat(merger.merged()).isEqualTo(remembered.told);
        assertThat(advanced).isEqualTo(merger.merged() > before);
        before = merger.merged();
      }
    }
  }

  /** As the classes of channels are usually kept: asleep, left out, taking part. */
  private static final class Remembered {
    private enum State {
      ASLEEP,
      LEFT_OUT,
      TAKES_PART
    }

    private final List<State> states = new ArrayList<>();
    private final List<Long> reached = new ArrayList<>();
    private long told = Timestamps.MIN_WATERMARK;

    Remembered(int channels) {
      for (int i = 0; i < channels; i++) {
        states.add(State.TAKES_PART);
        reached.add(Timestamps.MIN_WATERMARK);
      }
    }

    void watermark(int channel, long watermark) {
      reached.set(channel, Math.max(reached.get(channel), watermark));
      wake(channel);
      tell();
    }

    void idle(int channel, boolean idle) {
      if (idle) {
        states.set(channel, State.ASLEEP);
      } else {
        wake(channel);
      }
      tell();
    }

    private void wake(int channel) {
      if (states.get(channel) != State.TAKES_PART) {
        states.set(channel, reached.get(channel) >= told ? State.TAKES_PART : State.LEFT_OUT);
      }
    }

    private void tell() {
      if (states.stream().allMatch(state -> state == State.ASLEEP)) {
        told = Math.max(told, Collections.max(reached));
      } else if (states.contains(State.TAKES_PART)) {
        long lowest = Long.MAX_VALUE;
        for (int i = 0; i < states.size(); i++) {
          lowest = states.get(i) == State.TAKES_PART ? Math.min(lowest, reached.get(i)) : lowest;
        }
        told = Math.max(told, lowest);
      }
    }
  }
}
