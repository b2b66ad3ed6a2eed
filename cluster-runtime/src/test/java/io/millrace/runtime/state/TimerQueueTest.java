package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TimerQueueTest {
  @Test
  void entriesComeByTimeAndThoseOfOneTimeAsTheyWereAdded() {
    for (int seed = 0; seed < 40; seed++) {
      var chance = new SplittableRandom(seed);
      var queue = new TimerQueue();
      var expected = new TreeMap<Long, ArrayDeque<TimerQueue.Entry>>();
      int size = 0;
      int times = 1 << (1 + chance.nextInt(12));
      int kinds = 1 + seed % 4;
      for (int i = 0; i < 8_000; i++) {
        boolean fills = i < 4_000;
        if (size == 0 || chance.nextInt(4) < (fills ? 3 : 1)) {
          long time = chance.nextInt(times) - times / 4;
          Object key = key(chance, kinds);
          var entry = new TimerQueue.Entry(time, chance.nextInt(128), chance.nextInt(), key);
          queue.add(time, entry.group(), entry.hash(), key);
          expected.computeIfAbsent(time, t -> new ArrayDeque<>()).add(entry);
          size++;
        } else {
          ArrayDeque<TimerQueue.Entry> next = expected.firstEntry().getValue();
          assertThat(queue.firstTime()).isEqualTo(expected.firstKey());
          assertThat(queue.peek()).as("seed " + seed).isEqualTo(next.poll());
          queue.remove();
          queue.fired();
          if (next.isEmpty()) {
            expected.pollFirstEntry();
          }
          size--;
        }
        assertThat(queue.size()).isEqualTo(size);
      }
    }
  }

  private static Object key(SplittableRandom chance, int kinds) {
    int number = chance.nextInt();
    return switch (chance.nextInt(kinds)) {
      case 0 -> (long) number << 20;
      case 1 -> number;
      case 2 -> "text " + number;
      default -> null;
    };
  }

  @Test
  void placesOfTheNextEntriesAreShownOnceBeforeTheirTurn() {
    var queue = new TimerQueue();
    for (int i = 0; i < 40; i++) {
      queue.add(i < 37 ? 5 : 6, i, i + 100, (long) i);
    }
    var seen = new ArrayDeque<Integer>();
    for (int i = 0; i < 40; i++) {
      queue.ahead(
          16,
          (group, hash) -> {
            assertThat(hash).isEqualTo(group + 100);
            seen.add(group);
          });
      assertThat(seen.poll()).isEqualTo(queue.peek().group());
      queue.remove();
    }
    assertThat(seen).isEmpty();
    queue.ahead(16, (group, hash) -> seen.add(group));
    assertThat(seen).isEmpty();
  }
}
