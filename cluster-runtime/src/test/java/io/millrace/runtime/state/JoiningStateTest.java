package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import org.junit.jupiter.api.Test;

/** Reducing and aggregating state, and values with a default. */
class JoiningStateTest {
  private static final ReducingStateDescriptor<int[]> TOTAL =
      new ReducingStateDescriptor<>(
          "total",
          (accumulated, value) -> {
            accumulated[0] += value[0]; // allowed: it may change its first argument
            return accumulated;
          },
          int[].class);

  private static final AggregatingStateDescriptor<Long, Mean, Double> MEAN =
      new AggregatingStateDescriptor<>("mean", new Averaging(), Mean.class);

  record Mean(long sum, long count) {}

  private static final class Averaging implements AggregateFunction<Long, Mean, Double> {
    @Override
    public Mean createAccumulator() {
      return new Mean(0, 0);
    }

    @Override
    public Mean add(Long value, Mean mean) {
      return new Mean(mean.sum + value, mean.count + 1);
    }

    @Override
    public Double getResult(Mean mean) {
      return (double) mean.sum / mean.count;
    }

    @Override
    public Mean merge(Mean left, Mean right) {
      return new Mean(left.sum + right.sum, left.count + right.count);
    }
  }

  @SuppressWarnings("unchecked")
  private static HeapStateStore store() {
    Serializer<?> key = Serializers.of(String.class);
    return HeapStateStore.create(
        (Serializer<Object>) key, 0, 15, 16, JoiningStateTest.class.getClassLoader());
  }

  private static HeapStateStore restored(byte[] bytes) {
    var store = store();
    store.restore(bytes);
    return store;
  }

  @Test
  void reducesPerKeyAndAcrossACheckpoint() throws Exception {
    var store = store();
    var total = store.reducing(TOTAL);
    store.setCurrentKey("a");
    assertThat(total.get()).isNull();
    total.add(new int[] {1});
    store.setCurrentKey("b");
    total.add(new int[] {10});
    store.setCurrentKey("a");
    total.add(new int[] {2});
    FrozenState frozen = store.freeze();
    total.add(new int[] {100});
    assertThat(total.get()).containsExactly(103);

    var back = restored(frozen.write());
    var after = back.reducing(TOTAL);
    back.setCurrentKey("a");
    assertThat(after.get()).containsExactly(3);
    back.setCurrentKey("b");
    assertThat(after.get()).containsExactly(10);
    after.clear();
    assertThat(after.get()).isNull();
  }

  @Test
  void whatIsAddedOrReadStaysTheCallers() throws Exception {
    var store = store();
    var total = store.reducing(TOTAL);
    store.setCurrentKey("a");
    int[] first = {1};
    total.add(first);
    int[] read = total.get();
    total.add(new int[] {5});
    assertThat(first).containsExactly(1);
    assertThat(read).containsExactly(1);
    assertThat(total.get()).containsExactly(6);
  }

  @Test
  void refusesAFunctionThatReturnsNull() throws Exception {
    var store = store();
    var state = store.reducing(new ReducingStateDescriptor<>("none", (a, b) -> null, String.class));
    store.setCurrentKey("a");
    state.add("x");
    assertThatThrownBy(() -> state.add("y")).hasMessageContaining("null");
  }

  @Test
  void aggregatesPerKeyAndAcrossACheckpoint() {
    var store = store();
    var mean = store.aggregating(MEAN);
    store.setCurrentKey("a");
    assertThat(mean.get()).isNull();
    mean.add(1L);
    mean.add(4L);
    store.setCurrentKey("b");
    assertThat(mean.get()).isNull();

    var back = restored(store.freeze().write());
    var after = back.aggregating(MEAN);
    back.setCurrentKey("a");
    assertThat(after.get()).isEqualTo(2.5);
    after.add(10L);
    assertThat(after.get()).isEqualTo(5.0);
    after.clear();
    assertThat(after.get()).isNull();
  }

  @Test
  void aKeyWithoutAValueHasItsOwnCopyOfTheDefault() {
    var store = store();
    var cells = store.value(new ValueStateDescriptor<>("cells", int[].class, new int[] {7}));
    store.setCurrentKey("a");
    int[] mine = cells.value();
    mine[0] = 8;
    assertThat(store.entryCount()).isZero();
    cells.update(mine);
    store.setCurrentKey("b");
    assertThat(cells.value()).containsExactly(7);
    store.setCurrentKey("a");
    assertThat(cells.value()).containsExactly(8);
    cells.clear();
    assertThat(cells.value()).containsExactly(7);
  }
}
