package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.StateTtlConfig.StateVisibility;
import io.millrace.api.state.StateTtlConfig.UpdateType;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** State that lives for 100 ms, in either store. */
class TimeToLiveTest {
  private static final ClassLoader LOADER = TimeToLiveTest.class.getClassLoader();
  private static final StateTtlConfig WRITES = ttl().build();
  private static final StateTtlConfig READS = ttl().updateTtlOnReadAndWrite().build();

  private static StateTtlConfig.Builder ttl() {
    return StateTtlConfig.newBuilder(Duration.ofMillis(100));
  }

  /** Which store. */
  enum Kept {
    ON_THE_HEAP,
    IN_ROWS;

    StateStore open() {
      return this == ON_THE_HEAP
          ? HeapStateStore.create(keys(), 0, 15, 16, LOADER)
          : inRows(new MemoryRows());
    }

    static StateStore inRows(MemoryRows rows) {
      return RowStateStore.create(keys(), 0, 15, 16, LOADER, rows, 1 << 16);
    }

    @SuppressWarnings("unchecked")
    private static Serializer<Object> keys() {
      return (Serializer<Object>) (Serializer<?>) Serializers.of(String.class);
    }

    StateStore restored(byte[] bytes, long now) {
      StateStore store = open();
      store.now(now);
      store.restore(bytes);
      store.setCurrentKey("a");
      return store;
    }
  }

  private static ValueStateDescriptor<String> value(StateTtlConfig config) {
    return with(config, new ValueStateDescriptor<>("value", String.class));
  }

  private static ListStateDescriptor<String> list(StateTtlConfig config) {
    return with(config, new ListStateDescriptor<>("list", String.class));
  }

  private static MapStateDescriptor<String, Integer> map(StateTtlConfig config) {
    return with(config, new MapStateDescriptor<>("map", String.class, Integer.class));
  }

  private static <D extends StateDescriptor> D with(StateTtlConfig config, D descriptor) {
    descriptor.enableTimeToLive(config);
    return descriptor;
  }

  @ParameterizedTest
  @EnumSource
  void aValueLivesFromItsLastWrite(Kept kept) {
    StateStore store = kept.open();
    var value = store.value(value(WRITES));
    store.setCurrentKey("a");
    store.now(1_000);
    value.update("x");
    store.now(1_099);
    assertThat(value.value()).isEqualTo("x");
    store.now(1_100);
    assertThat(value.value()).isNull();
    value.update("y");
    store.now(1_150);
    value.update("z");
    store.now(1_249);
    assertThat(value.value()).isEqualTo("z");
  }

  @ParameterizedTest
  @EnumSource
  void readingRenewsIfAsked(Kept kept) {
    StateStore store = kept.open();
    var value = store.value(value(READS));
    var list = store.list(list(READS));
    var map = store.map(map(READS));
    store.setCurrentKey("a");
    value.update("x");
    list.add("e");
    map.put("k", 1);
    for (long now = 90; now < 1_000; now += 90) {
      store.now(now);
      assertThat(value.value()).isEqualTo("x");
      assertThat(list.get()).containsExactly("e");
      assertThat(map.get("k")).isEqualTo(1);
    }
    for (long now = 1_040; now < 1_600; now += 50) {
      store.now(now);
      assertThat(map.contains("k")).as("after being asked for alone, at %d", now).isTrue();
    }
    store.now(1_700);
    assertThat(value.value()).isNull();
    assertThat(list.get()).isEmpty();
    assertThat(map.get("k")).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void nullIsAKeyOfAMapLikeAnyOther(Kept kept) {
    for (StateTtlConfig config : List.of(StateTtlConfig.DISABLED, WRITES, READS)) {
      StateStore store = kept.open();
      var map = store.map(map(config));
      store.setCurrentKey("a");
      assertThat(map.get(null)).isNull();
      assertThat(map.contains(null)).isFalse();
      map.put(null, 1);
      assertThat(map.get(null)).isEqualTo(1);
      StateStore back = kept.restored(store.freeze().write(), 0);
      assertThat(back.map(map(config)).contains(null)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void askingDoesNotRenewWhatLivesFromItsLastWrite(Kept kept) {
    StateStore store = kept.open();
    var map = store.map(map(WRITES));
    store.setCurrentKey("a");
    map.put("k", 1);
    store.now(99);
    assertThat(map.contains("k")).isTrue();
    store.now(100);
    assertThat(map.contains("k")).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void lookingWhetherAMapIsEmptyTakesAwayWhatHasExpired(Kept kept) {
    StateStore store = kept.open();
    var map = store.map(map(ttl().disableCleanupInBackground().build()));
    store.setCurrentKey("a");
    map.put("k", 1);
    map.put("l", 1);
    store.now(100);
    assertThat(map.isEmpty()).isTrue();
    store.freeze().discard();
    assertThat(store.entryCount()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void elementsOfListsAndMapsExpireOneByOne(Kept kept) {
    StateStore store = kept.open();
    var list = store.list(list(WRITES));
    var map = store.map(map(WRITES));
    store.setCurrentKey("a");
    list.add("old");
    map.put("old", 1);
    store.now(60);
    list.addAll(List.of("new", "newer"));
    map.put("new", 2);
    store.now(120);
    assertThat(list.get()).containsExactly("new", "newer");
    assertThat(map.contains("old")).isFalse();
    assertThat(map.keys()).containsExactly("new");
    assertThat(map.values()).containsExactly(2);
    assertThat(map.isEmpty()).isFalse();
    store.now(160);
    assertThat(map.isEmpty()).isTrue();
    assertThat(list.get()).isEmpty();
  }

  /** Whoever goes through it may take long over each part. */
  @ParameterizedTest
  @EnumSource
  void whatExpiresBeforeItsTurnIsNotShown(Kept kept) {
    for (StateTtlConfig config : List.of(WRITES, READS)) {
      StateStore store = kept.open();
      var now = new AtomicLong();
      store.clock(now::get);
      var list = store.list(list(config));
      var map = store.map(map(config));
      store.setCurrentKey("a");
      list.addAll(List.of("a", "b", "c"));
      List.of("a", "b", "c").forEach(key -> map.put(key, 0));
      assertThat(inSlowSteps(list.get().iterator(), now)).containsExactly("a", "b");
      list.update(List.of("a", "b", "c"));

      List.of("a", "b", "c").forEach(key -> map.put(key, 1));
      assertThat(inSlowSteps(map.keys().iterator(), now)).containsExactly("a", "b");
      List.of("a", "b", "c").forEach(key -> map.put(key, 2));
      assertThat(inSlowSteps(map.values().iterator(), now)).containsExactly(2, 2);
      List.of("a", "b", "c").forEach(key -> map.put(key, 3));
      assertThat(inSlowSteps(map.iterator(), now)).hasSize(2);
      List.of("a", "b", "c").forEach(key -> map.put(key, 4));
      var entries = new ArrayList<String>();
      for (var entry : map.entries()) {
        now.addAndGet(60);
        entry.setValue(5); // lives from now on
        entries.add(entry.getKey());
      }
      assertThat(entries).containsExactly("a", "b");
      assertThat(map.keys()).containsExactly("a", "b");
    }
  }

  private static <T> List<T> inSlowSteps(Iterator<T> parts, AtomicLong now) {
    var seen = new ArrayList<T>();
    while (parts.hasNext()) {
      seen.add(parts.next());
      now.addAndGet(60);
    }
    return seen;
  }

  @ParameterizedTest
  @EnumSource
  void anAccessLooksAtTheClockOnce(Kept kept) throws Exception {
    for (StateTtlConfig config : List.of(WRITES, READS)) {
      StateStore store = kept.open();
      var looks = new AtomicLong();
      store.clock(() -> looks.getAndIncrement() / 1_000);
      var value = store.value(value(config));
      var list = store.list(list(config));
      var map = store.map(map(config));
      store.setCurrentKey("a");
      value.update("x");
      list.update(List.of("a", "b"));
      map.put("k", 1);
      map.put("l", 1);
      looks.set(0);
      value.value();
      value.update("y");
      list.add("c");
      map.get("k");
      map.contains("k");
      map.put("k", 2);
      map.isEmpty();
      assertThat(looks).hasValue(7);
      looks.set(0);
      list.get().forEach(each -> {});
      assertThat(looks).as("one for the list and one for each element").hasValue(1 + 3);
      looks.set(0);
      map.entries().forEach(each -> {});
      assertThat(looks).as("one for the map and one for each entry").hasValue(1 + 2);
    }
  }

  /** A list that gets more all the time must not grow for ever. */
  @ParameterizedTest
  @EnumSource
  void readingAListTakesAwayWhatHasExpiredBeforeOthers(Kept kept) {
    StateStore store = kept.open();
    var list = store.list(list(ttl().disableCleanupInBackground().build()));
    store.setCurrentKey("a");
    list.add("old");
    store.now(60);
    list.add("new");
    store.now(120);
    assertThat(list.get()).containsExactly("new");
    store.now(90); // the clock is set back: what is gone is gone
    assertThat(list.get()).containsExactly("new");
  }

  @ParameterizedTest
  @EnumSource
  void expiredStateIsShownOnceIfAsked(Kept kept) {
    var shown =
        ttl()
            .setStateVisibility(StateVisibility.ReturnExpiredIfNotCleanedUp)
            .disableCleanupInBackground()
            .build();
    StateStore store = kept.open();
    var value = store.value(value(shown));
    store.setCurrentKey("a");
    value.update("x");
    store.now(500);
    assertThat(value.value()).isEqualTo("x");
    assertThat(value.value()).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void joinedStateStartsAnewAfterItsTime(Kept kept) throws Exception {
    StateStore store = kept.open();
    var sum =
        store.reducing(with(WRITES, new ReducingStateDescriptor<>("sum", Long::sum, Long.class)));
    var count =
        store.aggregating(
            with(WRITES, new AggregatingStateDescriptor<>("count", new Count(), Long.class)));
    store.setCurrentKey("a");
    sum.add(5L);
    count.add("x");
    store.now(60);
    sum.add(6L);
    count.add("y");
    store.now(120);
    assertThat(sum.get()).isEqualTo(11);
    assertThat(count.get()).isEqualTo(2);
    store.now(200);
    assertThat(sum.get()).isNull();
    sum.add(1L);
    count.add("z");
    assertThat(sum.get()).isEqualTo(1);
    assertThat(count.get()).isEqualTo(1);
  }

  private static final class Count implements AggregateFunction<String, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(String value, Long count) {
      return count + 1;
    }

    @Override
    public Long getResult(Long count) {
      return count;
    }

    @Override
    public Long merge(Long left, Long right) {
      return left + right;
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatHasExpiredIsNotWrittenAndTimesGoAlong(Kept kept) {
    StateStore store = kept.open();
    var value = store.value(value(WRITES));
    var list = store.list(list(WRITES));
    store.setCurrentKey("gone");
    value.update("expired in the store");
    store.setCurrentKey("a");
    list.add("expired element");
    store.now(150);
    value.update("x");
    list.add("e");
    byte[] bytes = store.freeze().write();
    assertThat(new String(bytes, java.nio.charset.StandardCharsets.UTF_8))
        .doesNotContain("expired");

    StateStore back = kept.restored(bytes, 200);
    assertThat(back.value(value(WRITES)).value()).isEqualTo("x");
    assertThat(back.list(list(WRITES)).get()).containsExactly("e");
    back.now(250);
    assertThat(back.value(value(WRITES)).value()).isNull();
    assertThat(back.list(list(WRITES)).get()).isEmpty();
    // Of another length, which begins where it began.
    StateStore longer = kept.restored(bytes, 1_000);
    var config = StateTtlConfig.newBuilder(Duration.ofSeconds(10)).build();
    assertThat(longer.value(value(config)).value()).isEqualTo("x");
  }

  @ParameterizedTest
  @EnumSource
  void aTimeToLiveMayComeAndGoWithACheckpoint(Kept kept) {
    StateStore without = kept.open();
    without.setCurrentKey("a");
    without.value(value(StateTtlConfig.DISABLED)).update("x");
    without.list(list(StateTtlConfig.DISABLED)).add("e");
    without.map(map(StateTtlConfig.DISABLED)).put("k", 1);
    byte[] bytes = without.freeze().write();

    StateStore with = kept.restored(bytes, 5_000);
    assertThat(with.value(value(WRITES)).value()).isEqualTo("x");
    assertThat(with.list(list(WRITES)).get()).containsExactly("e");
    assertThat(with.map(map(WRITES)).get("k")).isEqualTo(1);
    byte[] timed = with.freeze().write();
    with.now(5_100);
    assertThat(with.value(value(WRITES)).value()).isNull();
    assertThat(with.list(list(WRITES)).get()).isEmpty();
    assertThat(with.map(map(WRITES)).isEmpty()).isTrue();

    StateStore again = kept.restored(timed, 1_000_000);
    assertThat(again.value(value(StateTtlConfig.DISABLED)).value()).isEqualTo("x");
    assertThat(again.list(list(StateTtlConfig.DISABLED)).get()).containsExactly("e");
    assertThat(again.map(map(StateTtlConfig.DISABLED)).get("k")).isEqualTo(1);
  }

  /** Files hold it until a round comes by; whoever wants it gone at once takes a savepoint. */
  @Test
  void whatHasExpiredIsInFilesOfRowsAndInNoSavepoint() {
    StateStore store = Kept.inRows(new MemoryRows());
    var value = store.value(value(WRITES));
    store.setCurrentKey("a");
    value.update("old");
    store.now(150);
    byte[] savepoint = store.freeze().write();
    CapturedRows files = store.capture().captured().orElseThrow();

    for (StateTtlConfig same : List.of(WRITES, READS)) {
      assertThat(fromFiles(files, 160).value(value(same)).value()).as("%s", same).isNull();
    }
    assertThat(fromFiles(files, 160).value(value(StateTtlConfig.DISABLED)).value())
        .isEqualTo("old");
    StateStore without = Kept.IN_ROWS.restored(savepoint, 160);
    assertThat(without.value(value(StateTtlConfig.DISABLED)).value()).isNull();
  }

  private static StateStore fromFiles(CapturedRows files, long now) {
    StateStore store =
        RowStateStore.open(
            Kept.keys(), 0, 15, 16, LOADER, MemoryRows.FACTORY, 1 << 12, List.of(files));
    store.now(now);
    store.setCurrentKey("a");
    return store;
  }

  @Test
  void theHeapIsCleanedBitByBitWhileOtherKeysAreUsed() {
    StateStore store = Kept.ON_THE_HEAP.open();
    var value = store.value(value(WRITES));
    var list = store.list(list(WRITES));
    for (int i = 0; i < 3_000; i++) {
      store.setCurrentKey("k" + i);
      value.update("x");
      for (int j = 0; j < i % 20; j++) {
        list.add("e" + j);
      }
    }
    FrozenState frozen = store.freeze();
    long full = store.entryCount();
    store.now(60);
    for (int i = 0; i < 3_000; i += 3) {
      store.setCurrentKey("k" + i);
      value.update("young");
    }
    store.now(150);
    store.setCurrentKey("alive");
    value.update("y");
    long before = store.entryCount();
    value.value();
    assertThat(before - store.entryCount()).isBetween(0L, 10L); // bounded by what was asked for
    for (int i = 0; i < 10_000; i++) {
      value.value();
      list.get();
    }
    assertThat(full).isGreaterThan(5_000);
    assertThat(store.entryCount()).isEqualTo(1 + 1_000);
    assertThat(value.value()).isEqualTo("y");
    for (int i = 0; i < 3_000; i += 3) {
      store.setCurrentKey("k" + i);
      assertThat(value.value()).isEqualTo("young");
    }
    // A writer still saw everything that lived when it was frozen.
    StateStore back = Kept.ON_THE_HEAP.restored(frozen.write(), 50);
    back.value(value(WRITES));
    back.list(list(WRITES));
    assertThat(back.entryCount()).isEqualTo(full);
  }

  @Test
  void rowsThatNobodyReadsAreCleanedBitByBitWhileOtherKeysAreUsed() {
    StateStore store = Kept.inRows(new MemoryRows());
    var value = store.value(value(WRITES));
    var list = store.list(list(WRITES));
    var map = store.map(map(WRITES));
    var forEver = store.value(new ValueStateDescriptor<>("for ever", String.class));
    for (int i = 0; i < 1_000; i++) {
      store.setCurrentKey("k" + i);
      value.update("x");
      list.add("old");
      map.put("old", i);
      map.put("older", i);
      forEver.update("stays");
    }
    store.now(60);
    for (int i = 0; i < 100; i++) {
      store.setCurrentKey("k" + i);
      list.add("young");
      map.put("young", i);
    }
    store.freeze().discard();
    assertThat(store.entryCount()).isEqualTo(1_000 + 1_000 + 2_000 + 1_000 + 100);
    store.now(110);
    store.setCurrentKey("alive");
    value.update("y");
    list.add("e");
    map.put("m", 1);
    store.freeze().discard();
    for (int i = 0; i < 5_000; i++) {
      long before = store.entryCount();
      value.value();
      list.get();
      map.get("m");
      assertThat(before - store.entryCount()).isBetween(0L, 3L * 256); // bounded steps
    }
    // The young elements of lists and maps, all that lives for ever, and what is in use.
    assertThat(store.entryCount()).isEqualTo(100 + 100 + 1_000 + 3);
    store.setCurrentKey("k7");
    assertThat(list.get()).containsExactly("young");
    assertThat(map.keys()).containsExactly("young");
    assertThat(value.value()).isNull();
    assertThat(forEver.value()).isEqualTo("stays");
  }

  @Test
  void aRowThatIsYoungerInTheCacheStaysWhenItsOldFormIsSweptAway() {
    StateStore store = Kept.inRows(new MemoryRows());
    var value = store.value(value(WRITES));
    var list = store.list(list(WRITES));
    var map = store.map(map(WRITES));
    store.setCurrentKey("a");
    value.update("old");
    list.add("old");
    map.put("k", 1);
    store.freeze().discard();
    store.now(150);
    value.update("new");
    list.add("new");
    map.put("k", 2);
    for (int i = 0; i < 1_000; i++) {
      store.setCurrentKey("b");
      value.value();
      list.get();
      map.get("k");
    }
    assertThat(store.entryCount()).isZero();
    byte[] bytes = store.freeze().write();
    for (Kept kept : Kept.values()) {
      StateStore back = kept.restored(bytes, 200);
      assertThat(back.value(value(WRITES)).value()).isEqualTo("new");
      assertThat(back.list(list(WRITES)).get()).containsExactly("new");
      assertThat(back.map(map(WRITES)).get("k")).isEqualTo(2);
    }
  }

  @Test
  void rowsRestBetweenRoundsUnlessTheClockIsSetBack() {
    StateStore store = Kept.inRows(new MemoryRows());
    var value = store.value(value(WRITES));
    store.now(1_000);
    store.setCurrentKey("k");
    value.update("x");
    store.freeze().discard();
    store.setCurrentKey("other");
    store.now(1_090);
    reads(value, 200); // a whole round, in which nothing has expired
    store.now(1_110);
    reads(value, 200);
    assertThat(store.entryCount()).isEqualTo(1);
    store.now(1_116);
    reads(value, 200);
    assertThat(store.entryCount()).isZero();

    store.setCurrentKey("k");
    store.now(500);
    value.update("x");
    store.freeze().discard();
    store.setCurrentKey("other");
    reads(value, 200);
    store.now(600);
    reads(value, 200);
    assertThat(store.entryCount()).isZero();
  }

  private static void reads(ValueState<String> value, int times) {
    for (int i = 0; i < times; i++) {
      value.value();
    }
  }

  @ParameterizedTest
  @EnumSource
  void anExpiredEntryThatComesAgainComesLast(Kept kept) {
    StateStore store = kept.open();
    var map = store.map(map(ttl().disableCleanupInBackground().build()));
    store.setCurrentKey("a");
    map.put("first", 1);
    store.now(60);
    map.put("second", 2);
    store.now(120);
    map.put("first", 3);
    assertThat(map.keys()).containsExactly("second", "first");
  }

  @Test
  void refusesConfigurationsThatMakeNoSense() {
    assertThatThrownBy(() -> StateTtlConfig.newBuilder(Duration.ZERO).build())
        .hasMessageContaining("at least 1 ms");
    assertThatThrownBy(() -> ttl().cleanupIncrementally(-1).build())
        .hasMessageContaining("at least 0");
    assertThat(ttl().setUpdateType(UpdateType.Disabled).build().isEnabled()).isFalse();
  }
}
