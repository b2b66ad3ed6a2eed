package io.millrace.runtime.state;

/** What one state has under one key, as objects; its rows may be older until it is written back. */
abstract sealed class Cell permits ValueCell, ListCell, MapCell {
  final ObjectCache.Slot slot;
  final RowStateStore store;

  /** What it holds, by estimate. */
  long bytes = ObjectCache.OVERHEAD;

  private boolean changed;
  private byte[] row;
  private long contentBytes;

  Cell(ObjectCache.Slot slot, RowStateStore store) {
    this.slot = slot;
    this.store = store;
  }

  RowTable table() {
    return slot.table();
  }

  /** Key of its row, or the beginning of the keys of its rows. */
  final byte[] row() {
    if (row == null) {
      row = store.keys().row(table().id(), slot.group(), slot.key());
      grow(row.length);
    }
    return row;
  }

  final void change() {
    changed = true;
  }

  final void writeBack() {
    if (changed) {
      write();
      changed = false;
    }
  }

  /** Makes the rows equal to the objects. */
  abstract void write();

  /** What it holds beside its key takes so much by now. */
  final void holds(long nowBytes) {
    grow(nowBytes - contentBytes);
    contentBytes = nowBytes;
  }

  final void holdsMore(long moreBytes) {
    holds(Math.max(0, contentBytes + moreBytes));
  }

  private void grow(long more) {
    bytes += more;
    store.cache().resized(more);
  }
}
