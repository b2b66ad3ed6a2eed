package io.millrace.runtime.state;

import io.millrace.api.type.DataWriter;

/** A single value; its row is the value as it is serialised. */
final class ValueCell extends Cell {
  private boolean known;
  private Object value;

  ValueCell(ObjectCache.Slot slot, RowStateStore store) {
    super(slot, store);
  }

  Object value() {
    if (!known) {
      byte[] found = store.rows().get(row());
      value = found == null ? null : table().kind().read(store.reader(found, 0, found.length));
      known = true;
      holds(found == null ? 0 : found.length);
    }
    return value;
  }

  /**
   * @param newValue {@code null} for none
   */
  void set(Object newValue) {
    value = newValue;
    if (!known) {
      known = true;
      holds(newValue == null ? 0 : table().usualBytes());
    }
    change();
  }

  @Override
  void write() {
    if (value == null) {
      store.rows().delete(row());
      holds(0);
      return;
    }
    DataWriter out = store.writer();
    table().kind().write(value, out);
    store.rows().put(row(), out.toByteArray());
    holds(out.position());
    table().sawBytes(out.position());
  }
}
