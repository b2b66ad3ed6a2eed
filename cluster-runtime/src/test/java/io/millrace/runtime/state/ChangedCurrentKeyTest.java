package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The key of a record may be a part of it that the program changes, in the function that uses state
 * or in one behind it in the same chain: state and timers stay those of the key that it had.
 */
class ChangedCurrentKeyTest {
  private static final int GROUPS = 16;
  private static final ValueStateDescriptor<Long> COUNT =
      new ValueStateDescriptor<>("count", Long.class);
  private static final ListStateDescriptor<Long> SEEN =
      new ListStateDescriptor<>("seen", Long.class);
  private static final MapStateDescriptor<String, Long> BY_NAME =
      new MapStateDescriptor<>("by name", String.class, Long.class);
  private static final ReducingStateDescriptor<Long> SUM =
      new ReducingStateDescriptor<>("sum", Long::sum, Long.class);

  private static final List<String> KEY = List.of("a", "b");

  private static StateStore store(String kind) {
    ClassLoader loader = ChangedCurrentKeyTest.class.getClassLoader();
    @SuppressWarnings("unchecked") // a store takes keys of any type as objects
    var keys =
        (Serializer<Object>)
            (Serializer<?>) TypeInformation.of(new TypeHint<List<String>>() {}).serializer(loader);
    return switch (kind) {
      case "heap" -> HeapStateStore.create(keys, 0, GROUPS - 1, GROUPS, loader);
      case "rows" ->
          RowStateStore.create(keys, 0, GROUPS - 1, GROUPS, loader, new MemoryRows(), 1 << 20);
      default -> RowStateStore.create(keys, 0, GROUPS - 1, GROUPS, loader, new MemoryRows(), 0);
    };
  }

  /** Changes it in place. */
  @SuppressWarnings("unchecked")
  private static void change(Object key) {
    ((List<String>) key).set(0, "changed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"heap", "rows", "rows without cache"})
  void stateAndTimersStayThoseOfTheKeyThatTheRecordHad(String kind) throws Exception {
    StateStore store = store(kind);
    for (long round = 1; round <= 3; round++) {
      var key = new ArrayList<>(KEY);
      store.setCurrentKey(key);
      store.value(COUNT).update(round);
      change(key);
      store.list(SEEN).add(round);
      store.map(BY_NAME).put("name", round);
      store.reducing(SUM).add(round);
      store.setTimer(TimerDomain.EVENT_TIME, round);
      store.setTimer(TimerDomain.EVENT_TIME, 100);
      if (round == 2) {
        store.deleteTimer(TimerDomain.EVENT_TIME, 2);
      }
      assertThat(store.currentKey()).isEqualTo(KEY);
      assertThat(store.value(COUNT).value()).isEqualTo(round);
    }
    assertIsWhole(store);

    StateStore restored = store(kind);
    restored.restore(store.freeze().write());
    assertIsWhole(restored);
    assertThat(fired(restored)).containsExactly("1", "3", "100");
    assertThat(fired(store)).containsExactly("1", "3", "100");
  }

  /** It may be a record's, which somebody else goes on to change. */
  @ParameterizedTest
  @ValueSource(strings = {"heap", "rows", "rows without cache"})
  void whatTheProgramDoesWithAKeyThatItAskedForDoesNoHarm(String kind) throws Exception {
    StateStore store = store(kind);
    store.setCurrentKey(new ArrayList<>(KEY));
    store.value(COUNT).update(3L);
    change(store.currentKey());
    store.list(SEEN).addAll(List.of(1L, 2L, 3L));
    store.map(BY_NAME).put("name", 3L);
    store.reducing(SUM).add(6L);
    for (long time : new long[] {1, 3, 100}) {
      store.setTimer(TimerDomain.EVENT_TIME, time);
    }
    store.forEachKey(
        COUNT,
        key -> {
          change(key);
          assertThat(store.value(COUNT).value()).isEqualTo(3L);
        });
    assertIsWhole(store);
    assertThat(fired(store)).containsExactly("1", "3", "100");
    assertIsWhole(store);
  }

  private static void assertIsWhole(StateStore store) throws Exception {
    var keys = new ArrayList<>();
    store.forEachKey(COUNT, keys::add);
    assertThat(keys).containsExactly(KEY);
    store.setCurrentKey(new ArrayList<>(KEY));
    assertThat(store.value(COUNT).value()).isEqualTo(3);
    assertThat(store.list(SEEN).get()).containsExactly(1L, 2L, 3L);
    assertThat(store.map(BY_NAME).get("name")).isEqualTo(3);
    assertThat(store.reducing(SUM).get()).isEqualTo(6);
  }

  private static List<String> fired(StateStore store) throws Exception {
    var times = new ArrayList<String>();
    while (store.fireNext(TimerDomain.EVENT_TIME, 1_000)) {
      assertThat(store.currentKey()).isEqualTo(KEY);
      assertThat(store.value(COUNT).value()).isEqualTo(3);
      change(store.currentKey());
      assertThat(store.value(COUNT).value()).isEqualTo(3);
      times.add(Long.toString(store.firedTime()));
    }
    return times;
  }
}
