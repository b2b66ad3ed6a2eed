package io.millrace.runtime.state;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Cells in use, least recently used first. Writes go to the cells; their rows follow when a cell
 * has to make room, or before a freeze. So keys that are used all the time meet no serializer
 * between checkpoints.
 *
 * <p>Once it is nearly full, a key stays only if it comes back before about as many others as there
 * are cells here: of keys that come equally often, few would be asked for again in time, and cells
 * that live long enough to grow old are what costs a collector most. (A "doorkeeper" as of
 * Einziger, Friedman, Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", 2017.)
 */
final class ObjectCache {
  /** Of a cell, its place here and its objects' headers, roughly. */
  static final int OVERHEAD = 160;

  private static final int LEAST_TURNED_AWAY = 64;

  private final long mostBytes;
  private final LinkedHashMap<Slot, Cell> cells = new LinkedHashMap<>(64, 0.75f, true);
  private final Slot probe = new Slot(null, 0, 0, null);

  /** Those that may not stay, until the next {@link #makeRoom}. */
  private final List<Cell> passing = new ArrayList<>();

  /** Hashes of those that could not stay lately, each at the place that it gives itself. */
  private int[] turnedAway = new int[LEAST_TURNED_AWAY];

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

  /** Of the current key, which finds it by itself until that changes. */
  void add(Cell cell) {
    bytes += cell.bytes;
    if (bytes <= mostBytes - mostBytes / 8 || isBack(cell.slot.hashCode())) {
      cells.put(cell.slot, cell);
    } else {
      passing.add(cell);
    }
  }

  private boolean isBack(int hash) {
    if (turnedAway.length < cells.size()) {
      turnedAway = new int[Integer.highestOneBit(cells.size()) * 2];
    }
    int at = hash & turnedAway.length - 1;
    boolean back = turnedAway[at] == hash;
    turnedAway[at] = back ? 0 : hash;
    return back;
  }

  /** The cell has changed its size; nothing goes away before the next {@link #makeRoom}. */
  void resized(long difference) {
    bytes += difference;
  }

  /** Writes back and forgets what has not been used for longest, until the rest fits. */
  void makeRoom() {
    for (int i = 0; i < passing.size(); i++) {
      Cell cell = passing.get(i);
      cell.writeBack();
      bytes -= cell.bytes;
    }
    passing.clear();
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
    for (Cell cell : passing) {
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
