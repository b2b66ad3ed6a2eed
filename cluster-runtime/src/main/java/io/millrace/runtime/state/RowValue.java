package io.millrace.runtime.state;

import io.millrace.api.state.ValueState;
import io.millrace.api.type.Serializer;

/**
 * The value of whichever key is current, in a {@link RowStateStore}.
 *
 * @param none what keys have that have no value; {@code null} for nothing
 * @param serializer copies that; {@code null} if it is not needed
 */
record RowValue<T>(RowStateStore store, RowTable table, T none, Serializer<T> serializer)
    implements ValueState<T> {
  @Override
  @SuppressWarnings("unchecked")
  public T value() {
    T value = (T) cell().value();
    return value != null || none == null ? value : serializer.copy(none);
  }

  @Override
  public void update(T value) {
    cell().set(value);
  }

  @Override
  public void clear() {
    cell().set(null);
  }

  private ValueCell cell() {
    return (ValueCell) store.cell(table);
  }
}
