package io.millrace.runtime.state;

import io.millrace.api.state.ValueState;

/** The value of whichever key is current, in a {@link RowStateStore}. */
record RowValue<T>(RowStateStore store, RowTable table) implements ValueState<T> {
  @Override
  @SuppressWarnings("unchecked")
  public T value() {
    return (T) cell().value();
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
