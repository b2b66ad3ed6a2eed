package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.KeySelector;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.state.HeapStateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeysAheadTest {
  private static final int RECORDS = 40;
  private static final Batch BATCH =
      Bench.batch(IntStream.range(0, RECORDS).mapToObj(n -> "r" + n).toArray());

  private final KeysAhead ahead = new KeysAhead();
  private final List<Object> asked = new ArrayList<>();

  /** Every record's key in the same object. */
  private final ArrayList<String> shared = new ArrayList<>(List.of(""));

  private final KeySelector<Object, Object> selector =
      value -> {
        asked.add(value);
        if (value.equals("r21")) {
          throw new IllegalStateException("no key");
        }
        shared.set(0, "key of " + value);
        return shared;
      };

  /** With so many entries that it wants to know keys early, or with none. */
  private static HeapStateStore store(int entries) {
    @SuppressWarnings("unchecked") // as the engine: keys are Objects
    var keys =
        (Serializer<Object>)
            (Serializer<?>)
                TypeInformation.of(new TypeHint<ArrayList<String>>() {})
                    .serializer(KeysAheadTest.class.getClassLoader());
    var store = HeapStateStore.create(keys, 0, 0, 1, KeysAheadTest.class.getClassLoader());
    var count = store.value(new ValueStateDescriptor<>("count", Long.class));
    for (long i = 0; i < entries; i++) {
      store.setCurrentKey(new ArrayList<>(List.of("key of r" + i)));
      count.update(i);
    }
    assertThat(count.value()).isEqualTo(entries == 0 ? null : entries - 1L);
    return store;
  }

  @Test
  void eachRecordHasItsOwnKeyThoughSeveralAreAskedForAtOnce() throws Exception {
    HeapStateStore store = store(10_000);
    assertThat(store.foresees()).isTrue();
    for (int position = 0; position < 21; position++) {
      Object key = ahead.at(position, BATCH, RECORDS, selector, store);
      assertThat(key).isEqualTo(List.of("key of r" + position));
      shared.set(0, "changed");
    }
    assertThatThrownBy(() -> ahead.at(21, BATCH, RECORDS, selector, store))
        .as("not before its turn")
        .hasMessage("no key");
  }

  @Test
  void noMoreAreAskedForThanMayBeTaken() throws Exception {
    HeapStateStore store = store(10_000);
    ahead.at(0, BATCH, 3, selector, store);
    assertThat(asked).containsExactly("r0", "r1", "r2");
    ahead.at(1, BATCH, 3, selector, store);
    ahead.at(2, BATCH, 3, selector, store);
    assertThat(asked).hasSize(3);

    ahead.clear();
    assertThat(ahead.at(0, Bench.batch("other"), 1, selector, store))
        .isEqualTo(List.of("key of other"));
  }

  @Test
  void keysAreAskedForOneByOneWhereStateIsSmall() throws Exception {
    HeapStateStore store = store(10);
    assertThat(store.foresees()).isFalse();
    for (int position = 0; position < 20; position++) {
      assertThat(ahead.at(position, BATCH, RECORDS, selector, store))
          .isEqualTo(List.of("key of r" + position));
      assertThat(asked).hasSize(position + 1);
    }
  }
}
