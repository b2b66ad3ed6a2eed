package io.millrace.runtime.state;

import io.millrace.api.state.ValueState;
import io.millrace.api.type.Serializer;

/** The value of whichever key is current. */
final class KeyedValue<T> implements ValueState<T> {
  private final HeapStateStore store;
  private final StateTable table;
  private final T defaultValue;
  private final Serializer<T> serializer;

  /**
   * @param defaultValue of keys that have none; {@code null} for no such
   * @param serializer copies it; {@code null} if there is none
   */
  KeyedValue(HeapStateStore store, StateTable table, T defaultValue, Serializer<T> serializer) {
    this.store = store;
    this.table = table;
    this.defaultValue = defaultValue;
    this.serializer = serializer;
  }

  @Override
  @SuppressWarnings("unchecked")
  public T value() {
    T value = (T) store.get(table);
    return value == null ? defaultValue() : value;
  }

  private T defaultValue() {
    return defaultValue == null ? null : serializer.copy(defaultValue);
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
