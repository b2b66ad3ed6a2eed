package io.millrace.api.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Event time across failures and changes of parallelism, against a plain array of how far each key
 * group has come.
 */
class EventClockTest {
  private static final int GROUPS = 16;
  private static final int SEEDS = 400;
  private static final int RESTARTS = 6;

  /** Whoever has a key now, it is as late for it as it was for those who had it before. */
  @Test
  void isWhatThoseHadSeenThatHadTheKey() throws Exception {
    for (long seed = 0; seed < SEEDS; seed++) {
      var life = new Life(seed);
      for (int start = 0; start <= RESTARTS; start++) {
        life.start();
        life.goOn();
        life.stop();
      }
    }
  }

  /** What has read all its input may be given more. */
  @Test
  void doesNotKeepTheEndOfAllInput() throws Exception {
    var life = new Life(1);
    life.start();
    life.goOn();
    life.subtasks.forEach(each -> each.context.watermark = Timestamps.MAX_WATERMARK);
    life.stop();
    assertThat(life.kept).allMatch(state -> state.elements().isEmpty());
    Arrays.fill(life.reached, Timestamps.MIN_WATERMARK);
    life.start();
    life.goOn();
  }

  /** One subtask, which has some of the key groups. */
  private static final class Subtask {
    final Bench<Integer, Integer> context = new Bench<>(Operators.map(n -> n));
    final OperatorStates states;
    final EventClock clock = new EventClock(context, "event time");

    Subtask(KeyGroupRange groups, List<OperatorState> restored) {
      context.keyGroups = groups;
      context.restoredStates = restored;
      states = new OperatorStates(context);
      clock.restore(states);
    }

    long eventTime(int group) {
      context.keyGroup = group;
      return clock.watermark();
    }

    List<OperatorState> snapshot() throws Exception {
      clock.keep();
      return states.freeze().take().states();
    }
  }

  /** Of all subtasks, by a seed. */
  private static final class Life {
    final long seed;
    final SplittableRandom chance;

    /** Of each group, when its present subtask started. */
    final long[] reached = new long[GROUPS];

    List<OperatorState> kept = List.of();
    List<Subtask> subtasks;

    Life(long seed) {
      this.seed = seed;
      this.chance = new SplittableRandom(seed);
      Arrays.fill(reached, Timestamps.MIN_WATERMARK);
    }

    void start() {
      subtasks = new ArrayList<>();
      for (int first = 0; first < GROUPS; ) {
        int last = Math.min(GROUPS - 1, first + chance.nextInt(GROUPS));
        var subtask = new Subtask(new KeyGroupRange(first, last), kept);
        subtasks.add(subtask);
        long least = Arrays.stream(reached, first, last + 1).min().getAsLong();
        assertThat(subtask.clock.restored()).as("of all keys, seed %s", seed).isEqualTo(least);
        first = last + 1;
      }
    }

    /** Each takes watermarks of its own, as those do that barriers overtake. */
    void goOn() throws Exception {
      for (int step = chance.nextInt(12); step > 0; step--) {
        Subtask subtask = subtasks.get(chance.nextInt(subtasks.size()));
        if (chance.nextInt(4) == 0) {
          subtask.snapshot(); // it fails, or is not restored
        } else {
          int time = chance.nextInt(100);
          subtask.context.watermark = Math.max(subtask.context.watermark, time);
        }
        check(subtask);
      }
      subtasks.forEach(this::check);
    }

    private void check(Subtask subtask) {
      KeyGroupRange groups = subtask.context.keyGroups;
      for (int group = groups.first(); group <= groups.last(); group++) {
        assertThat(subtask.eventTime(group))
            .as("of group %s, seed %s", group, seed)
            .isEqualTo(eventTime(subtask, group));
      }
    }

    private long eventTime(Subtask subtask, int group) {
      return Math.max(reached[group], subtask.context.watermark);
    }

    void stop() throws Exception {
      kept = new ArrayList<>();
      for (Subtask subtask : subtasks) {
        KeyGroupRange groups = subtask.context.keyGroups;
        kept.addAll(subtask.snapshot());
        for (int group = groups.first(); group <= groups.last(); group++) {
          reached[group] = eventTime(subtask, group);
        }
      }
    }
  }
}
