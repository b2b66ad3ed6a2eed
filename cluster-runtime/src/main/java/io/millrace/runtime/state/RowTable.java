package io.millrace.runtime.state;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Shape;
import java.util.List;
import java.util.Map;

/** One state of an operator, in rows. */
final class RowTable {
  private static final int FIRST_GUESS = 32;
  private static final int MOST_BETWEEN = 64;

  private final int id;
  private final String name;
  private final StateKind kind;
  private final StateReadings readings;
  private int usualBytes = FIRST_GUESS;

  /** New parts until one is measured, and how many there were before the last that was. */
  private int untilMeasured = 1;

  private int between = 1;

  private RowSweep sweep;

  /** The current key's cell, if the store's turn is still that one. */
  Cell cell;

  long turn = -1;

  RowTable(int id, String name, StateKind kind) {
    this.id = id;
    this.name = name;
    this.kind = kind;
    this.readings = new StateReadings(name, kind);
  }

  int id() {
    return id;
  }

  String name() {
    return name;
  }

  StateKind kind() {
    return kind;
  }

  /** The one that goes round it, whoever has asked for the state. */
  RowSweep sweep(RowStateStore store, long ttlMillis) {
    if (sweep == null) {
      sweep = new RowSweep(this, store, ttlMillis);
    }
    return sweep;
  }

  /** What parts that were written or measured lately took on average. */
  int usualBytes() {
    return usualBytes;
  }

  /**
   * What a value, element or entry takes that is new: of the first, then of fewer and fewer down to
   * one of 64 it is measured, so that state which never was written is not held for small.
   */
  int bytesOf(Object part, RowStateStore store) {
    if (--untilMeasured > 0) {
      return usualBytes;
    }
    between = Math.min(2 * between, MOST_BETWEEN);
    untilMeasured = between;
    return measured(part, store);
  }

  /** The same, of this one for certain. */
  int measured(Object part, RowStateStore store) {
    DataWriter out = store.writer();
    if (kind instanceof StateKind.Many many) {
      many.element().write(part, out);
    } else if (kind instanceof StateKind.Mapped mapped) {
      mapped.value().write(part, out);
    } else {
      kind.write(part, out);
    }
    sawBytes(out.position());
    return out.position();
  }

  void sawBytes(int bytes) {
    int difference = bytes - usualBytes;
    usualBytes = usualBytes == FIRST_GUESS ? bytes : usualBytes + difference / 16;
  }

  Cell newCell(ObjectCache.Slot slot, RowStateStore store) {
    if (kind instanceof StateKind.Many many) {
      return new ListCell(slot, store, many.element());
    } else if (kind instanceof StateKind.Mapped mapped) {
      return new MapCell(slot, store, mapped);
    }
    return new ValueCell(slot, store);
  }

  /**
   * Puts what a checkpoint has in one block, all of which is new here.
   *
   * @throws IllegalArgumentException if it is of types that cannot become those of the table
   */
  void restore(RowStateStore store, Portable.Block block, DataReader in, long now) {
    StateKind reading = readings.of(block);
    Serializer<Object> keys = store.restoredKeys().reader(block.keys());
    for (int left = in.readVarInt(); left > 0; left--) {
      Object key = keys.read(in);
      Object value = reading.read(block.kind(), in, now);
      if (value == null) {
        continue; // it has expired
      }
      put(store, block.group(), key, value);
    }
  }

  /**
   * The same with what stands in rows of another number.
   *
   * @param from gone afterwards
   */
  void restore(RowStateStore store, RowHead.Table from, long now) {
    Portable.Block holds = from.holds();
    var entries =
        new RowEntries(
            store.restoredKeys().reader(holds.keys()),
            readings.of(holds),
            holds.kind(),
            store.loader(),
            now,
            (group, key, value) -> put(store, group, key, value));
    byte[] first = RowKeys.first(from.id());
    byte[] end = RowKeys.first(from.id() + 1);
    try (Rows.View view = store.rows().freeze()) {
      Portable.reading(
          name,
          () -> {
            view.scan(first, end, entries);
            entries.end();
          });
      view.scan(
          first,
          end,
          (row, value) -> {
            store.rows().delete(row);
            return true;
          });
    }
  }

  /** Whether its rows are what this table's are. */
  boolean holds(Portable.Block block, Shape keys) {
    return block.kind() == kind.code()
        && Meaning.agree(block.types(), kind.types())
        && kind.shape().reads(block.shape())
        && keys.reads(block.keys());
  }

  private void put(RowStateStore store, int group, Object key, Object value) {
    byte[] row = store.keys().row(id, group, key);
    DataWriter out = store.writer();
    if (kind instanceof StateKind.Many many) {
      store.rows().put(row, ListCell.run(many.element(), out, list(value)));
    } else if (kind instanceof StateKind.Mapped mapped) {
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        store
            .rows()
            .put(
                store.keys().below(row, mapped.key(), entry.getKey()),
                MapCell.value(mapped, store.writer(), store.nextOrder(), entry.getValue()));
      }
    } else {
      kind.write(value, out);
      store.rows().put(row, out.toByteArray());
    }
  }

  @SuppressWarnings("unchecked") // what StateKind.Many reads
  private static List<Object> list(Object value) {
    return (List<Object>) value;
  }
}
