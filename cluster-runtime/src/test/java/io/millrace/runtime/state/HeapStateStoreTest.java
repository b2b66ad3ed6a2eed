package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HeapStateStoreTest {
  private static final int GROUPS = 16;

  @SuppressWarnings("unchecked")
  private static HeapStateStore store(int first, int last) {
    Serializer<?> key = Serializers.of(String.class);
    return HeapStateStore.create(
        (Serializer<Object>) key, first, last, GROUPS, HeapStateStoreTest.class.getClassLoader());
  }

  private static HeapStateStore store() {
    return store(0, GROUPS - 1);
  }

  private static final ValueStateDescriptor<Long> COUNT =
      new ValueStateDescriptor<>("count", Long.class);
  private static final ListStateDescriptor<String> LINES =
      new ListStateDescriptor<>("lines", String.class);
  private static final MapStateDescriptor<String, Integer> TALLY =
      new MapStateDescriptor<>("tally", String.class, Integer.class);
  private static final ValueStateDescriptor<int[]> CELLS =
      new ValueStateDescriptor<>("cells", int[].class);

  @Test
  void keepsEachKeysStateApart() {
    var store = store();
    var count = store.value(COUNT);
    var lines = store.list(LINES);
    var tally = store.map(TALLY);
    store.setCurrentKey("a");
    count.update(1L);
    lines.add("x");
    lines.add("y");
    tally.put("z", 1);
    store.setCurrentKey("b");
    assertThat(count.value()).isNull();
    assertThat(lines.get()).isEmpty();
    assertThat(tally.isEmpty()).isTrue();
    store.setCurrentKey("a");
    assertThat(count.value()).isEqualTo(1L);
    assertThat(lines.get()).containsExactly("x", "y");
    assertThat(tally.get("z")).isEqualTo(1);
    tally.remove("z");
    count.clear();
    lines.update(List.of());
    assertThat(store.entryCount()).isZero();
  }

  @Test
  void refusesStateWithoutACurrentKey() {
    var count = store().value(COUNT);
    assertThatThrownBy(count::value).hasMessageContaining("no key is current");
  }

  @Test
  void firesTimersInOrderOfTimeWithTheirKey() {
    var store = store();
    store.setCurrentKey("a");
    store.setTimer(TimerDomain.EVENT_TIME, 30);
    store.setTimer(TimerDomain.EVENT_TIME, 10);
    store.setTimer(TimerDomain.EVENT_TIME, 10);
    store.setCurrentKey("b");
    store.setTimer(TimerDomain.EVENT_TIME, 20);
    store.setTimer(TimerDomain.EVENT_TIME, 25);
    store.deleteTimer(TimerDomain.EVENT_TIME, 25);
    store.setTimer(TimerDomain.PROCESSING_TIME, 5);
    assertThat(store.earliestTimer(TimerDomain.EVENT_TIME)).isEqualTo(10);
    assertThat(fire(store, 29)).containsExactly("a@10", "b@20");
    assertThat(store.earliestTimer(TimerDomain.EVENT_TIME)).isEqualTo(30);
    assertThat(fire(store, Long.MAX_VALUE)).containsExactly("a@30");
    assertThat(store.earliestTimer(TimerDomain.EVENT_TIME)).isEqualTo(Long.MAX_VALUE);
    assertThat(store.earliestTimer(TimerDomain.PROCESSING_TIME)).isEqualTo(5);
  }

  @Test
  void aTimerDeletedAndSetAgainFiresOnce() {
    var store = store();
    store.setCurrentKey("a");
    store.setTimer(TimerDomain.EVENT_TIME, 10);
    store.deleteTimer(TimerDomain.EVENT_TIME, 10);
    store.setTimer(TimerDomain.EVENT_TIME, 10);
    assertThat(fire(store, 10)).containsExactly("a@10");
  }

  /** As with a timeout that every record puts off. */
  @Test
  void deletedTimersTakeNoPlace() {
    var store = store();
    store.setCurrentKey("a");
    for (int i = 0; i < 10; i++) {
      store.setTimer(TimerDomain.EVENT_TIME, 7); // stays
      store.setTimer(TimerDomain.EVENT_TIME, 1_000_000 + i);
    }
    for (long time = 0; time < 10_000; time++) {
      store.setCurrentKey("k" + time % 100);
      store.setTimer(TimerDomain.EVENT_TIME, 100_000 + time);
      store.deleteTimer(TimerDomain.EVENT_TIME, 100_000 + time - 100);
      store.setTimer(TimerDomain.EVENT_TIME, 8);
      store.deleteTimer(TimerDomain.EVENT_TIME, 8);
    }
    assertThat(store.queuedTimers(TimerDomain.EVENT_TIME)).isLessThan(400);
    assertThat(store.earliestTimer(TimerDomain.EVENT_TIME)).isEqualTo(7);
    List<String> fired = fire(store, Long.MAX_VALUE);
    assertThat(fired).hasSize(111).doesNotHaveDuplicates().startsWith("a@7", "k0@109900");
    assertThat(store.queuedTimers(TimerDomain.EVENT_TIME)).isZero();
  }

  @Test
  void timersThatAreSetWhereOneWasDeletedFireInTheOrderOfTheFirst() {
    var store = store();
    for (String key : List.of("b", "a", "c")) {
      store.setCurrentKey(key);
      for (int i = 0; i < 1_000; i++) {
        store.setTimer(TimerDomain.EVENT_TIME, 5);
        store.deleteTimer(TimerDomain.EVENT_TIME, 5);
      }
      store.setTimer(TimerDomain.EVENT_TIME, 5);
    }
    assertThat(store.queuedTimers(TimerDomain.EVENT_TIME)).isLessThan(200);
    assertThat(fire(store, 5)).containsExactly("b@5", "a@5", "c@5");
  }

  /** As with windows: timers of many keys at few times, set out of order and while others fire. */
  @Test
  void timersOfOneTimeFireInTheOrderInWhichTheyWereSet() {
    var store = store();
    var expected = new TreeMap<Long, List<String>>();
    for (int i = 0; i < 3_000; i++) {
      long time = 100 - 10 * (i % 7);
      store.setCurrentKey("k" + i);
      store.setTimer(TimerDomain.EVENT_TIME, time);
      store.setTimer(TimerDomain.EVENT_TIME, time); // is set already
      expected.computeIfAbsent(time, t -> new ArrayList<>()).add("k" + i);
    }
    for (int i = 0; i < 3_000; i++) {
      if (i % 3 == 0) {
        continue;
      }
      long time = 100 - 10 * (i % 7);
      store.setCurrentKey("k" + i);
      store.deleteTimer(TimerDomain.EVENT_TIME, time);
      expected.get(time).remove("k" + i);
    }
    int fired = 0;
    while (!expected.isEmpty()) {
      long time = expected.firstKey();
      assertThat(store.earliestTimer(TimerDomain.EVENT_TIME)).isEqualTo(time);
      assertThat(store.fireNext(TimerDomain.EVENT_TIME, time - 1)).isFalse();
      assertThat(store.fireNext(TimerDomain.EVENT_TIME, time)).isTrue();
      assertThat(store.firedTime()).isEqualTo(time);
      Object key = store.currentKey();
      assertThat(key).isEqualTo(expected.get(time).remove(0));
      if (fired++ % 3 == 0) { // at the time that fires, at one between, and at a later one
        for (long next : new long[] {time, time + 5, time + 70}) {
          store.setCurrentKey(key + "/" + next);
          store.setTimer(TimerDomain.EVENT_TIME, next);
          expected.computeIfAbsent(next, t -> new ArrayList<>()).add(key + "/" + next);
        }
      }
      if (expected.get(time).isEmpty()) {
        expected.remove(time);
      }
      if (fired == 5_000) {
        break;
      }
    }
    assertThat(fired).isEqualTo(5_000);
  }

  @Test
  void wakesComeAmongTimersAndAreNoStateOfTheirOwn() {
    var store = store();
    var count = store.value(COUNT);
    store.setCurrentKey("a");
    count.update(1L);
    store.wakeAt(TimerDomain.EVENT_TIME, 20);
    store.setTimer(TimerDomain.EVENT_TIME, 30);
    store.setCurrentKey("b");
    store.wakeAt(TimerDomain.EVENT_TIME, 30);
    store.wakeAt(TimerDomain.EVENT_TIME, 10);
    assertThat(store.forgetsWakes()).isFalse();
    byte[] bytes = store.freeze().write();
    assertThat(store.earliestTimer(TimerDomain.EVENT_TIME)).isEqualTo(10);
    assertThat(store.earliestTimer(TimerDomain.PROCESSING_TIME)).isEqualTo(Long.MAX_VALUE);
    assertThat(fire(store, 29)).containsExactly("b@10", "a@20");
    assertThat(fire(store, 30)).containsExactly("a@30", "b@30");

    var back = store();
    back.restore(bytes);
    assertThat(back.forgetsWakes()).isTrue();
    assertThat(fire(back, Long.MAX_VALUE)).containsExactly("a@30");
  }

  private static List<String> fire(HeapStateStore store, long upTo) {
    var fired = new ArrayList<String>();
    while (store.fireNext(TimerDomain.EVENT_TIME, upTo)) {
      fired.add(store.currentKey() + "@" + store.firedTime());
    }
    return fired;
  }

  @Test
  void aFreezeKeepsWhatWasThereWhileTheStoreGoesOn() {
    var store = store();
    var cells = store.value(CELLS);
    var lines = store.list(LINES);
    store.setCurrentKey("a");
    cells.update(new int[] {1});
    lines.add("first");
    FrozenState frozen = store.freeze();
    int[] mine = cells.value();
    mine[0] = 2;
    cells.update(mine);
    lines.add("second");
    store.setTimer(TimerDomain.EVENT_TIME, 1);
    FrozenState later = store.freeze();
    cells.value()[0] = 3;

    var back = restored(frozen.write());
    back.setCurrentKey("a");
    assertThat(back.value(CELLS).value()).containsExactly(1);
    assertThat(back.list(LINES).get()).containsExactly("first");
    assertThat(back.earliestTimer(TimerDomain.EVENT_TIME)).isEqualTo(Long.MAX_VALUE);
    var backLater = restored(later.write());
    backLater.setCurrentKey("a");
    assertThat(backLater.value(CELLS).value()).containsExactly(2);
    assertThat(backLater.list(LINES).get()).containsExactly("first", "second");
    assertThat(backLater.earliestTimer(TimerDomain.EVENT_TIME)).isEqualTo(1);
    assertThat(cells.value()).containsExactly(3);
  }

  @Test
  void aFreezeThatIsDiscardedCostsNoCopyAnyMore() {
    var store = store();
    var cells = store.value(CELLS);
    store.setCurrentKey("a");
    int[] mine = {1};
    cells.update(mine);
    FrozenState frozen = store.freeze();
    frozen.discard();
    assertThat(cells.value()).isSameAs(mine);
    store.freeze();
    assertThat(cells.value()).isNotSameAs(mine);
  }

  private static HeapStateStore restored(byte[] bytes) {
    var store = store();
    store.restore(bytes);
    return store;
  }

  @Test
  void stateThatNobodyAskedForGoesIntoTheNextCheckpoint() {
    var store = store();
    var count = store.value(COUNT);
    store.setCurrentKey("a");
    count.update(5L);
    byte[] first = store.freeze().write();
    byte[] second = restored(first).freeze().write();
    var back = restored(second);
    back.setCurrentKey("a");
    assertThat(back.value(COUNT).value()).isEqualTo(5L);
  }

  @Test
  void refusesStateOfAnotherKind() {
    var store = store();
    var count = store.value(COUNT);
    store.setCurrentKey("a");
    count.update(5L);
    var back = restored(store.freeze().write());
    assertThatThrownBy(() -> back.list(new ListStateDescriptor<>("count", Long.class)))
        .hasMessageContaining("'count'")
        .hasMessageContaining("a value in the checkpoint")
        .hasMessageContaining("declares a list");
  }

  @Test
  void refusesStateOfAnotherType() {
    var store = store();
    var count = store.value(COUNT);
    store.setCurrentKey("a");
    count.update(5L);
    var back = restored(store.freeze().write());
    assertThatThrownBy(() -> back.value(new ValueStateDescriptor<>("count", Integer.class)))
        .hasMessageContaining("'count'")
        .hasMessageContaining("Long in the checkpoint")
        .hasMessageContaining("Integer");
  }

  @Test
  void takesOnlyItsOwnKeyGroups() {
    var whole = store();
    var count = whole.value(COUNT);
    for (int i = 0; i < 100; i++) {
      whole.setCurrentKey("k" + i);
      count.update((long) i);
    }
    byte[] bytes = whole.freeze().write();
    var left = store(0, 7);
    var right = store(8, 15);
    left.restore(bytes);
    right.restore(bytes);
    left.value(COUNT);
    right.value(COUNT);
    assertThat(left.entryCount()).isPositive();
    assertThat(left.entryCount() + right.entryCount()).isEqualTo(100);
  }

  /** Random work with freezes in flight, against a plain map. */
  @Test
  void equalsAPlainMapWhateverHappens() {
    for (int seed = 0; seed < 20; seed++) {
      var random = new Random(seed);
      var store = store();
      var count = store.value(COUNT);
      var cells = store.value(CELLS);
      var model = new TreeMap<String, Long>();
      var frozen = new ArrayList<FrozenState>();
      var models = new ArrayList<TreeMap<String, Long>>();
      for (int step = 0; step < 30_000; step++) {
        String key = "k" + random.nextInt(5_000);
        store.setCurrentKey(key);
        switch (random.nextInt(10)) {
          case 0 -> {
            count.clear();
            cells.clear();
            model.remove(key);
          }
          case 1, 2, 3 -> {
            int[] mine = cells.value();
            assertThat(mine == null ? null : (Long) (long) mine[0]).isEqualTo(model.get(key));
          }
          default -> {
            long value = random.nextInt(1_000_000);
            count.update(value);
            int[] mine = cells.value() == null ? new int[1] : cells.value();
            mine[0] = (int) value;
            cells.update(mine);
            model.put(key, value);
          }
        }
        if (random.nextInt(5_000) == 0) {
          frozen.add(store.freeze());
          models.add(new TreeMap<>(model));
        }
        if (!frozen.isEmpty() && random.nextInt(7_000) == 0) {
          int which = random.nextInt(frozen.size());
          check(frozen.remove(which).write(), models.remove(which));
        }
      }
      for (int i = 0; i < frozen.size(); i++) {
        check(frozen.get(i).write(), models.get(i));
      }
    }
  }

  private static void check(byte[] bytes, Map<String, Long> model) {
    var store = restored(bytes);
    var count = store.value(COUNT);
    var cells = store.value(CELLS);
    assertThat(store.entryCount()).isEqualTo(2L * model.size());
    model.forEach(
        (key, value) -> {
          store.setCurrentKey(key);
          assertThat(count.value()).isEqualTo(value);
          assertThat(cells.value()[0]).isEqualTo(value.intValue());
        });
  }

  private static final ListStateDescriptor<int[]> ARRAYS =
      new ListStateDescriptor<>("arrays", int[].class);
  private static final MapStateDescriptor<String, int[]> NAMED =
      new MapStateDescriptor<>("named", String.class, int[].class);

  /** Random work on lists and maps of what may be changed, with freezes in flight. */
  @Test
  void listsAndMapsAreAsTheyWereAtEachFreezeWhateverIsChangedInPlace() {
    for (int seed = 0; seed < 30; seed++) {
      var random = new Random(seed);
      var store = store();
      var list = store.list(ARRAYS);
      var map = store.map(NAMED);
      var model = new TreeMap<String, String>();
      var frozen = new ArrayList<FrozenState>();
      var models = new ArrayList<TreeMap<String, String>>();
      for (int step = 0; step < 3_000; step++) {
        String key = "k" + random.nextInt(4);
        String name = "n" + random.nextInt(6);
        store.setCurrentKey(key);
        switch (random.nextInt(12)) {
          case 0, 1, 2 -> list.add(new int[] {step});
          case 3 -> list.get().forEach(each -> each[0]++);
          case 4 -> list.update(List.of(new int[] {step}, new int[] {-step}));
          case 5 -> map.remove(name);
          case 6, 7 -> map.put(name, new int[] {step});
          case 8, 9 -> {
            int[] mine = map.get(name);
            if (mine != null) {
              mine[0]++;
              map.put(name, mine);
            }
          }
          case 10 -> map.values().forEach(each -> each[0]--);
          default -> {
            if (random.nextInt(20) == 0) {
              list.clear();
              map.clear();
            }
          }
        }
        model.put(key, told(store));
        if (random.nextInt(50) == 0) {
          frozen.add(store.freeze());
          models.add(new TreeMap<>(model));
        }
        if (!frozen.isEmpty() && random.nextInt(70) == 0) {
          int which = random.nextInt(frozen.size());
          checkTold(frozen.remove(which).write(), models.remove(which));
        }
      }
      for (int i = 0; i < frozen.size(); i++) {
        checkTold(frozen.get(i).write(), models.get(i));
      }
    }
  }

  private static void checkTold(byte[] bytes, Map<String, String> model) {
    var store = restored(bytes);
    model.forEach(
        (key, told) -> {
          store.setCurrentKey(key);
          assertThat(told(store)).isEqualTo(told);
        });
  }

  private static String told(HeapStateStore store) {
    var told = new StringBuilder();
    store.list(ARRAYS).get().forEach(each -> told.append(each[0]).append(' '));
    store.map(NAMED).entries().forEach(e -> told.append(e.getKey() + "=" + e.getValue()[0] + " "));
    return told.toString();
  }

  @Test
  void dividesPagesAsTheyFill() {
    var store = store();
    var count = store.value(COUNT);
    for (int i = 0; i < 200_000; i++) {
      store.setCurrentKey("key-" + i);
      count.update((long) i);
    }
    for (int i = 0; i < 200_000; i++) {
      store.setCurrentKey("key-" + i);
      assertThat(count.value()).isEqualTo((long) i);
    }
    assertThat(store.entryCount()).isEqualTo(200_000);
  }

  @Test
  void aValueThatWasReadAndChangedIsKeptWhateverHappensBetween() {
    var store = store();
    var cells = store.value(CELLS);
    var same = store.value(CELLS);
    store.setCurrentKey("a");
    cells.update(new int[] {1});
    int[] read = cells.value();
    read[0] = 2;
    cells.update(read);
    assertThat(cells.value()).containsExactly(2);

    read = cells.value();
    same.clear();
    cells.update(read);
    assertThat(same.value()).containsExactly(2);

    read = cells.value();
    same.update(new int[] {3});
    cells.update(read);
    assertThat(same.value()).containsExactly(2);

    read = cells.value();
    store.setCurrentKey("b");
    cells.update(read);
    assertThat(cells.value()).containsExactly(2);

    read = cells.value();
    FrozenState frozen = store.freeze();
    int[] changed = read.clone();
    changed[0] = 9;
    cells.update(changed);
    assertThat(cells.value()).containsExactly(9);
    var restored = store();
    restored.restore(frozen.write());
    restored.setCurrentKey("b");
    assertThat(restored.value(CELLS).value()).containsExactly(2);
  }
}
