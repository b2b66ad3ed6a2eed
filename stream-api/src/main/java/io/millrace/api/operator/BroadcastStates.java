package io.millrace.api.operator;

import io.millrace.api.state.BroadcastState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.OperatorStateStore;
import io.millrace.api.state.ReadOnlyBroadcastState;
import java.util.List;
import java.util.Map;

/** The broadcast states that an operator was declared with, for both of its sides. */
final class BroadcastStates {
  private final List<MapStateDescriptor<?, ?>> declared;
  private final OperatorStateStore store;

  /** Makes them all, so that what is in a checkpoint is compared with what is declared at once. */
  BroadcastStates(List<MapStateDescriptor<?, ?>> declared, OperatorStateStore store) {
    this.declared = declared;
    this.store = store;
    declared.forEach(store::getBroadcastState);
  }

  <K, V> BroadcastState<K, V> writable(MapStateDescriptor<K, V> descriptor) {
    if (declared.stream().noneMatch(each -> each.name().equals(descriptor.name()))) {
      throw new IllegalArgumentException(
          "the broadcast state '"
              + descriptor.name()
              + "' is not declared here; hand its descriptor to broadcast(...), which got "
              + declared.stream().map(each -> "'" + each.name() + "'").toList());
    }
    return store.getBroadcastState(descriptor);
  }

  <K, V> ReadOnlyBroadcastState<K, V> readOnly(MapStateDescriptor<K, V> descriptor) {
    return new View<>(writable(descriptor));
  }

  private record View<K, V>(BroadcastState<K, V> state) implements ReadOnlyBroadcastState<K, V> {
    @Override
    public V get(K key) {
      return state.get(key);
    }

    @Override
    public boolean contains(K key) {
      return state.contains(key);
    }

    @Override
    public Iterable<Map.Entry<K, V>> immutableEntries() {
      return state.immutableEntries();
    }

    @Override
    public void clear() {
      throw new UnsupportedOperationException(
          "broadcast state is changed by the broadcast side only: in processBroadcastElement");
    }
  }
}
