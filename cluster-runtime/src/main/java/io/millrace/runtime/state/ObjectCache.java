package io.millrace.runtime.state;

import java.util.Iterator;
import java.util.LinkedHashMap;

/**
 * Cells in use, least recently used first. Writes go to the cells; their rows follow when a cell
 * has to make room, or before a freeze. So keys that are used all the time meet no serializer
 * between checkpoints.
 */
final class ObjectCache {
  /** Of a cell, its place here and its objects' headers, roughly. */
  static final int OVERHEAD = 160;

  private final long mostBytes;
  private final LinkedHashMap<Slot, Cell> cells = new LinkedHashMap<>(64, 0.75f, true);
  private final Slot probe = new Slot(null, 0, 0, null);
  private long bytes;

  /**
   * @param mostBytes by the estimate of {@link Cell#bytes}
   */
  ObjectCache(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  Cell find(RowTable table, int hash, Object key) {
    probe.table = table;
    probe.hash = hash;
    probe.key = key;
    Cell cell = cells.get(probe);
    probe.key = null;
    return cell;
  }

  void add(Cell cell) {
    cells.put(cell.slot, cell);
    bytes += cell.bytes;
  }

  /** The cell has changed its size; nothing goes away before the next {@link #makeRoom}. */
  void resized(long difference) {
    bytes += difference;
  }

  /** Writes back and forgets what has not been used for longest, until the rest fits. */
  void makeRoom() {
    if (bytes <= mostBytes) {
      return;
    }
    Iterator<Cell> eldest = cells.values().iterator();
    while (bytes > mostBytes && eldest.hasNext()) {
      Cell cell = eldest.next();
      cell.writeBack();
      bytes -= cell.bytes;
      eldest.remove();
    }
  }

  /** Writes back everything that has changed; all stays here. */
  void writeBack() {
    for (Cell cell : cells.values()) {
      cell.writeBack();
    }
  }

  /** Whether something of that size may stay here without driving out all the rest. */
  boolean takes(long size) {
    return size <= mostBytes / 4;
  }

  long bytes() {
    return bytes;
  }

  /** One key of one state. Changes only while it is a probe. */
  static final class Slot {
    private RowTable table;
    private int hash;
    private Object key;
    private final int group;

    Slot(RowTable table, int hash, int group, Object key) {
      this.table = table;
      this.hash = hash;
      this.group = group;
      this.key = key;
    }

    RowTable table() {
      return table;
    }

    int group() {
      return group;
    }

    Object key() {
      return key;
    }

    @Override
    public int hashCode() {
      return hash * 31 + table.id();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Slot that
          && hash == that.hash
          && table == that.table
          && (key == that.key || key.equals(that.key));
    }
  }
}
