package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import io.millrace.api.type.Shape;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowStateStoreTest {
  private static final int GROUPS = 16;
  private static final ValueStateDescriptor<Long> COUNT =
      new ValueStateDescriptor<>("count", Long.class);

  private final Counting strings = new Counting();
  private final MemoryRows rows = new MemoryRows();

  private RowStateStore store(long cacheBytes) {
    return store(strings, cacheBytes);
  }

  @SuppressWarnings("unchecked")
  private RowStateStore store(Serializer<?> keys, long cacheBytes) {
    return RowStateStore.create(
        (Serializer<Object>) keys,
        0,
        GROUPS - 1,
        GROUPS,
        getClass().getClassLoader(),
        rows,
        cacheBytes);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 2_000, 1 << 20})
  void answersAsStateOnTheHeapDoes(long cacheBytes) {
    for (int seed = 0; seed < 6; seed++) {
      var twins = new StoreTwins(seed, MemoryRows.FACTORY, MemoryFolder::new, cacheBytes);
      twins.live(3_000);
      twins.close();
    }
  }

  @Test
  void aKeyInUseMeetsNoSerializerBetweenCheckpoints() {
    var store = store(1 << 20);
    var count = store.value(COUNT);
    for (int i = 0; i < 1_000; i++) {
      store.setCurrentKey("k" + i % 10);
      Long before = count.value();
      count.update(before == null ? 1 : before + 1);
    }
    // Where its row would be is found out once.
    assertThat(strings.written).isEqualTo(10);
    assertThat(rows.estimatedCount()).isZero();

    store.freeze().discard();
    assertThat(rows.estimatedCount()).isEqualTo(10);
    assertThat(strings.written).isEqualTo(10);
  }

  /** As a map that is a queue has them. */
  @Test
  void entriesThatComeAndGoAreNothingToRemember() {
    var store = store(1 << 20);
    var queue = store.map(new MapStateDescriptor<>("queue", Long.class, Long.class));
    store.setCurrentKey("k");
    for (long i = 0; i < 10_000; i++) {
      queue.put(i, i);
      queue.remove(i);
    }

    assertThat(store.cache().bytes()).isLessThan(1_000);
    assertThat(rows.estimatedCount()).isZero();
  }

  @Test
  void entriesWhoseRowsMustGoCountAsLongAsTheyAreRemembered() {
    var store = store(100_000);
    var map = store.map(new MapStateDescriptor<>("map", Long.class, Long.class));
    store.setCurrentKey("k");
    for (long i = 0; i < 10_000; i++) {
      map.put(i, i);
    }
    store.freeze().discard();
    assertThat(rows.estimatedCount()).isEqualTo(10_000);
    for (long i = 0; i < 10_000; i++) {
      map.remove(i);
      assertThat(store.cache().bytes()).isLessThan(50_000);
    }

    assertThat(rows.estimatedCount()).as("most are gone by now").isLessThan(5_000);
    assertThat(map.isEmpty()).isTrue();
    store.freeze().discard();
    assertThat(rows.estimatedCount()).isZero();
    assertThat(store.cache().bytes()).isLessThan(1_000);
  }

  @Test
  void timersThatFireBetweenCheckpointsBecomeNoRows() {
    var store = store(1 << 20);
    for (int i = 0; i < 1_000; i++) {
      store.setCurrentKey("k" + i % 10);
      store.setTimer(TimerDomain.EVENT_TIME, i);
      store.setTimer(TimerDomain.EVENT_TIME, i + 5_000);
      store.deleteTimer(TimerDomain.EVENT_TIME, i + 5_000);
      assertThat(store.fireNext(TimerDomain.EVENT_TIME, i)).isTrue();
    }
    assertThat(rows.estimatedCount()).isZero();

    store.setCurrentKey("k1");
    store.setTimer(TimerDomain.EVENT_TIME, 1_000);
    store.freeze().discard();
    assertThat(rows.estimatedCount()).isEqualTo(1);
    store.freeze().discard();
    assertThat(rows.estimatedCount()).isEqualTo(1);

    assertThat(store.fireNext(TimerDomain.EVENT_TIME, 1_000)).isTrue();
    assertThat(rows.estimatedCount()).isZero();
  }

  @Test
  void keysThatPassByOnceDoNotDriveOutThoseThatComeBack() {
    var store = store(10_000);
    var count = store.value(COUNT);
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < 10; i++) {
        add(store, count, "hot" + i);
      }
      for (int i = 0; i < 100; i++) {
        add(store, count, "cold" + round + "-" + i);
      }
    }
    assertThat(strings.written).isEqualTo(10 + 20 * 100);

    strings.written = 0;
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < 10; i++) {
        add(store, count, "new" + i);
      }
    }
    // Once on their way past, once when they come back.
    assertThat(strings.written).isEqualTo(20);
    store.setCurrentKey("new9");
    assertThat(count.value()).isEqualTo(20);
    store.setCurrentKey("cold19-99");
    assertThat(count.value()).isEqualTo(1);
  }

  private static void add(RowStateStore store, ValueState<Long> count, String key) {
    store.setCurrentKey(key);
    Long before = count.value();
    count.update(before == null ? 1 : before + 1);
  }

  @Test
  void whatDoesNotFitInTheCacheIsInRows() {
    var store = store(10_000);
    var count = store.value(COUNT);
    for (int i = 0; i < 10_000; i++) {
      store.setCurrentKey("k" + i);
      count.update((long) i);
    }
    assertThat(rows.estimatedCount()).isBetween(9_500L, 9_999L);
    for (int i = 0; i < 10_000; i++) {
      store.setCurrentKey("k" + i);
      assertThat(count.value()).isEqualTo(i);
    }
  }

  /** In rows, in the cache, and on the heap. */
  @ParameterizedTest
  @ValueSource(longs = {0, 2_000, 1 << 20, -1})
  void visitsEachKeyThatHasSomethingOnceAndKeepsWhatTheVisitorChanges(long cacheBytes)
      throws Exception {
    StateStore store =
        cacheBytes >= 0
            ? store(cacheBytes)
            : HeapStateStore.create(keys(), 0, GROUPS - 1, GROUPS, getClass().getClassLoader());
    var names = new MapStateDescriptor<>("names", String.class, Long.class);
    var count = store.value(COUNT);
    var map = store.map(names);
    for (int i = 0; i < 100; i++) {
      store.setCurrentKey("k" + i);
      count.update((long) i);
      map.put("a", 1L);
      map.put("b", 2L);
      if (i % 2 == 1) {
        count.clear();
      }
    }

    var seen = new ArrayList<Object>();
    store.forEachKey(
        COUNT,
        key -> {
          seen.add(key + "=" + count.value());
          count.update(count.value() + 1_000);
        });
    assertThat(seen)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 50).mapToObj(i -> "k" + 2 * i + "=" + 2 * i).toList());
    assertThatThrownBy(count::value).hasMessageContaining("no key is current");

    seen.clear();
    store.forEachKey(
        names,
        key -> {
          seen.add(key);
          map.remove("a");
        });
    assertThat(seen).hasSize(100).doesNotHaveDuplicates();

    store.setCurrentKey("k42");
    assertThat(count.value()).isEqualTo(1_042);
    assertThat(map.keys()).containsExactly("b");
  }

  /** Also where the visitor takes away what it is shown, and adds to it. */
  @Test
  void visitsMoreKeysThanItHoldsAtATime() throws Exception {
    StateStore store = store(2_000);
    var names = store.map(new MapStateDescriptor<>("names", String.class, Long.class));
    for (int i = 0; i < 3_500; i++) {
      store.setCurrentKey("k" + i);
      names.put("a", 1L);
      names.put("b", 2L);
    }
    var seen = new ArrayList<Object>();
    for (int round = 0; round < 2; round++) {
      seen.clear();
      store.forEachKey(
          new MapStateDescriptor<>("names", String.class, Long.class),
          key -> {
            seen.add(key);
            names.clear();
            if (key.hashCode() % 2 == 0) {
              names.put("c", 3L);
            }
          });
      assertThat(seen).hasSizeGreaterThan(1_000).doesNotHaveDuplicates();
      assertThat(seen.size() == 3_500).isEqualTo(round == 0);
    }
  }

  @Test
  void addingToAListDoesNotReadIt() {
    var store = store(0);
    var lines = store.list(new ListStateDescriptor<>("lines", String.class));
    for (int i = 0; i < 100; i++) {
      store.setCurrentKey("a");
      lines.add("line " + i);
    }
    store.setCurrentKey("a");
    assertThat(lines.get()).hasSize(100).startsWith("line 0").endsWith("line 99");
  }

  @Test
  void firesManyTimersInOrderOfTimeThoughFewAreInMemory() {
    var store = store(1 << 20);
    for (int i = 0; i < 20_000; i++) {
      store.setCurrentKey("k" + i % 500);
      store.setTimer(TimerDomain.EVENT_TIME, i * 7_919L % 20_000 - 10_000);
    }
    var times = new ArrayList<Long>();
    while (store.fireNext(TimerDomain.EVENT_TIME, Long.MAX_VALUE)) {
      times.add(store.firedTime());
    }
    assertThat(times).hasSize(20_000).isSorted().startsWith(-10_000L).endsWith(9_999L);
    assertThat(rows.estimatedCount()).isZero();
  }

  @Test
  void stateThatNobodyAskedForGoesIntoTheNextCheckpoint() {
    var first = store(0);
    first.setCurrentKey("a");
    first.value(COUNT).update(5L);
    byte[] bytes = first.freeze().write();
    rows.close();
    var second = store(0);
    second.restore(bytes);
    byte[] again = second.freeze().write();
    assertThat(again).isEqualTo(bytes);
    var told = new StateContents();
    told.addHead(second.capture().captured().orElseThrow().head());
    assertThat(told.states()).extracting(StateContents.Content::name).containsExactly("count");
    var count = second.value(COUNT);
    second.setCurrentKey("a");
    assertThat(count.value()).isEqualTo(5L);
    assertThat(second.entryCount()).isEqualTo(1);
  }

  @Test
  void filesTellWhatEachStateTakesAndWhichTimersThereAre() {
    var store = store(1 << 10);
    var count = store.value(COUNT);
    var text = store.value(TEXT);
    for (int i = 0; i < 1_000; i++) {
      store.setCurrentKey("k" + i);
      count.update((long) i);
      text.update("x".repeat(1_000));
      store.setTimer(TimerDomain.EVENT_TIME, i);
    }
    var told = new StateContents();
    told.addHead(store.capture().captured().orElseThrow().head());

    assertThat(told.states())
        .extracting(StateContents.Content::name)
        .containsExactlyInAnyOrder("count", "text", Portable.TIMERS + TimerDomain.EVENT_TIME);
    for (StateContents.Content each : told.states()) {
      assertThat(each.keys()).isEqualTo(StateContents.UNKNOWN);
      assertThat(each.keyShape()).isEqualTo(Shape.of(keys()));
      if (each.name().equals("text")) {
        assertThat(each.bytes()).isBetween(1_000_000L, 1_200_000L);
      } else {
        assertThat(each.bytes()).isBetween(1_000L, 50_000L);
      }
    }
  }

  @Test
  void largeStateComesInPartsThatNobodyNeedsTogether() {
    var store = store(1 << 20);
    fill(store);
    var heap = HeapStateStore.create(keys(), 0, GROUPS - 1, GROUPS, getClass().getClassLoader());
    fill(heap);
    for (StateStore each : List.of(store, heap)) {
      FrozenState frozen = each.freeze();
      each.setCurrentKey("k0");
      each.value(TEXT).update("changed");
      var onRows = store(0);
      rows.close();
      var onHeap =
          HeapStateStore.create(keys(), 0, GROUPS - 1, GROUPS, getClass().getClassLoader());
      int parts = 0;
      int large = 0;
      for (Iterator<byte[]> rest = frozen.parts(); rest.hasNext(); parts++) {
        byte[] part = rest.next();
        large += part.length < 2 << 20 ? 0 : 1;
        assertThat(part.length).isLessThan(6 << 20);
        assertThat(StateParts.length(Arrays.copyOf(part, StateParts.HEADER)))
            .isEqualTo(part.length);
        onRows.restore(part);
        onHeap.restore(part);
      }
      assertThat(parts).isGreaterThan(3);
      assertThat(large).as("parts beyond 2 MB, where one key has 4 MB").isEqualTo(1);
      checkFilled(onRows);
      checkFilled(onHeap);
    }
  }

  /** Of 4 MB in a cache of 1 MB nearly all must have gone to the rows, though none was read. */
  @ParameterizedTest
  @ValueSource(
      strings = {"value", "list", "replaced list", "map", "growing value", "growing entry"})
  void whatWasNeverWrittenCountsForWhatItTakes(String kind) throws Exception {
    var store = store(1 << 20);
    var text = store.value(TEXT);
    var list = store.list(new ListStateDescriptor<>("texts", String.class));
    var map = store.map(new MapStateDescriptor<>("named", Integer.class, String.class));
    for (int i = 0; i < 200; i++) {
      store.setCurrentKey("k" + i);
      switch (kind) {
        case "value" -> {
          assertThat(text.value()).isNull();
          text.update("x".repeat(20_000));
        }
        case "list" -> list.add("x".repeat(20_000));
        case "replaced list" -> list.update(List.of("x".repeat(20_000)));
        case "map" -> map.put(i, "x".repeat(20_000));
        case "growing entry" -> {
          for (int length = 1; length <= 64; length++) {
            map.put(0, (map.contains(0) ? map.get(0) : "") + "x".repeat(320));
          }
        }
        default -> {
          for (int length = 1; length <= 64; length++) {
            text.update((text.value() == null ? "" : text.value()) + "x".repeat(320));
          }
        }
      }
    }
    store.clearCurrentKey();

    var written = new long[1];
    rows.scan(
        RowKeys.first(0),
        RowKeys.first(1_000),
        (key, value) -> {
          written[0] += value.length;
          return true;
        });
    assertThat(written[0]).isGreaterThan(5 << 19);
  }

  private static final ValueStateDescriptor<String> TEXT =
      new ValueStateDescriptor<>("text", String.class);
  private static final MapStateDescriptor<Integer, String> LARGE =
      new MapStateDescriptor<>("large", Integer.class, String.class);
  private static final int FILLED = 25_000;

  private static void fill(StateStore store) {
    var text = store.value(TEXT);
    var large = store.map(LARGE);
    for (int i = 0; i < FILLED; i++) {
      store.setCurrentKey("k" + i);
      text.update("x".repeat(500) + i);
      store.setTimer(TimerDomain.EVENT_TIME, i);
    }
    store.setCurrentKey("k7");
    for (int i = 0; i < FILLED; i++) {
      large.put(i, "y".repeat(200) + i);
    }
  }

  private static void checkFilled(StateStore store) {
    var text = store.value(TEXT);
    var large = store.map(LARGE);
    for (int i = 0; i < FILLED; i++) {
      assertThat(store.fireNext(TimerDomain.EVENT_TIME, Long.MAX_VALUE)).isTrue();
      assertThat(store.firedTime()).isEqualTo(i);
      assertThat(store.currentKey()).isEqualTo("k" + i);
      assertThat(text.value()).isEqualTo("x".repeat(500) + i);
    }
    assertThat(store.fireNext(TimerDomain.EVENT_TIME, Long.MAX_VALUE)).isFalse();
    store.setCurrentKey("k7");
    int i = 0;
    for (String value : large.values()) {
      assertThat(value).isEqualTo("y".repeat(200) + i++);
    }
    assertThat(i).isEqualTo(FILLED);
  }

  @SuppressWarnings("unchecked")
  private Serializer<Object> keys() {
    return (Serializer<Object>) (Serializer<?>) strings;
  }

  @Test
  void refusesStateOfAnotherKindOrType() {
    var first = store(0);
    first.setCurrentKey("a");
    first.value(COUNT).update(5L);
    byte[] bytes = first.freeze().write();
    var second = store(0);
    second.restore(bytes);
    assertThatThrownBy(() -> second.list(new ListStateDescriptor<>("count", Long.class)))
        .hasMessageContaining("'count'")
        .hasMessageContaining("a value in the checkpoint")
        .hasMessageContaining("declares a list");
    var third = store(0);
    third.restore(bytes);
    assertThatThrownBy(() -> third.value(new ValueStateDescriptor<>("count", Integer.class)))
        .hasMessageContaining("Long in the checkpoint")
        .hasMessageContaining("Integer");
  }

  @Test
  void refusesMapKeysThatAreNotFoundByTheirBytes() {
    var descriptor =
        new MapStateDescriptor<>(
            "sets",
            TypeInformation.of(new TypeHint<Set<String>>() {}),
            TypeInformation.of(String.class));
    assertThatThrownBy(() -> store(0).map(descriptor))
        .hasMessageContaining("'sets'")
        .hasMessageContaining("state.backend.type: hashmap");
  }

  @Test
  void refusesStateWithoutACurrentKey() {
    var count = store(0).value(COUNT);
    assertThatThrownBy(count::value).hasMessageContaining("no key is current");
  }

  /** Strings, and how many have been written. */
  private static final class Counting implements Serializer<String> {
    private final Serializer<String> strings = Serializers.of(String.class);
    private int written;

    @Override
    public void write(String value, DataWriter out) {
      written++;
      strings.write(value, out);
    }

    @Override
    public String read(DataReader in) {
      return strings.read(in);
    }

    @Override
    public String copy(String value) {
      return value;
    }

    @Override
    public boolean immutable() {
      return true;
    }

    @Override
    public boolean hashable() {
      return true;
    }

    @Override
    public int hash(String value) {
      return strings.hash(value);
    }
  }
}
