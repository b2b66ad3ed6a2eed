package io.millrace.runtime.state;

import io.millrace.api.state.ValueState;

/** The value of whichever key is current. */
final class KeyedValue<T> implements ValueState<T> {
  private final HeapStateStore store;
  private final StateTable table;

  KeyedValue(HeapStateStore store, StateTable table) {
    this.store = store;
    this.table = table;
  }

  @Override
  @SuppressWarnings("unchecked")
  public T value() {
    return (T) store.get(table);
  }

  @Override
  public void update(T value) {
    if (value == null) {
      clear();
    } else {
      store.put(table, value);
    }
  }

  @Override
  public void clear() {
    store.remove(table);
  }
}
