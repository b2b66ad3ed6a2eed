package io.millrace.runtime.state;

import io.millrace.api.state.ListState;
import io.millrace.api.type.Serializer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/** The list of whichever key is current. */
final class KeyedList<T> implements ListState<T> {
  private final HeapStateStore store;
  private final StateTable table;
  private final Serializer<Object> element;

  KeyedList(HeapStateStore store, StateTable table) {
    this.store = store;
    this.table = table;
    this.element = ((StateKind.Many) table.kind()).element();
  }

  @Override
  public void add(T value) {
    Objects.requireNonNull(value, "a list state holds no null");
    List<T> list = current();
    if (list == null) {
      list = new ArrayList<>();
      store.put(table, list);
    }
    list.add(value);
  }

  @Override
  public void addAll(List<T> values) {
    for (T value : values) {
      add(value);
    }
  }

  @Override
  public void update(List<T> values) {
    if (values.isEmpty()) {
      clear();
    } else {
      values.forEach(value -> Objects.requireNonNull(value, "a list state holds no null"));
      store.put(table, new ArrayList<>(values));
    }
  }

  @Override
  public Iterable<T> get() {
    List<T> list = current();
    if ((Object) list instanceof SharedList shared && !element.immutable()) {
      shared.own(element);
    }
    return list == null ? List.of() : Collections.unmodifiableList(list);
  }

  @Override
  public void clear() {
    store.remove(table);
  }

  /** This key's own list: the table has put a {@link SharedList} in place of a writer's. */
  @SuppressWarnings("unchecked")
  private List<T> current() {
    return (List<T>) store.get(table);
  }
}
