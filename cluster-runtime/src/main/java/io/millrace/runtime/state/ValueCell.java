package io.millrace.runtime.state;

import io.millrace.api.type.DataWriter;

/** A single value; its row is the value as it is serialised. */
final class ValueCell extends Cell {
  private static final int SELDOM = 8;

  private boolean known;
  private Object value;

  /** Times that it was set since its size was known. */
  private int sets;

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
    boolean fresh = value == null;
    value = newValue;
    known = true;
    if (newValue == null) {
      holds(0);
    } else if (fresh) {
      holds(table().bytesOf(newValue, store));
      sets = 0;
    } else if (++sets >= SELDOM && Integer.bitCount(sets) == 1) {
      // It may have grown, but one that is set all the time must not be serialised as often.
      holds(table().measured(newValue, store));
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
    sets = 0;
    table().sawBytes(out.position());
  }
}
