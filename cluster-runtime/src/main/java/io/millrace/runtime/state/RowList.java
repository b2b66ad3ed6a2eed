package io.millrace.runtime.state;

import io.millrace.api.state.ListState;
import java.util.List;
import java.util.Objects;

/** The list of whichever key is current, in a {@link RowStateStore}. */
record RowList<T>(RowStateStore store, RowTable table) implements ListState<T> {
  @Override
  public void add(T value) {
    Objects.requireNonNull(value, "a list state holds no null");
    cell().add(value);
  }

  @Override
  public void addAll(List<T> values) {
    for (T value : values) {
      add(value);
    }
  }

  @Override
  public void update(List<T> values) {
    values.forEach(value -> Objects.requireNonNull(value, "a list state holds no null"));
    cell().replace(values);
  }

  @Override
  @SuppressWarnings("unchecked")
  public Iterable<T> get() {
    return (List<T>) cell().all();
  }

  @Override
  public void clear() {
    cell().replace(List.of());
  }

  private ListCell cell() {
    return (ListCell) store.cell(table);
  }
}
