package io.millrace.runtime.state;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Turns a view of rows into the bytes of a checkpoint, on the thread of whoever writes it. In
 * memory there is one key group of one state at a time.
 */
final class RowFreeze {
  private final RowKeys keys;
  private final ClassLoader loader;
  private final List<RowTable> tables;
  private final int restoredTable;
  private final long now;
  private final Map<String, Integer> timers = new LinkedHashMap<>();
  private final Map<String, List<Portable.Block>> untouched = new LinkedHashMap<>();

  /**
   * @param now what has expired by then is not written
   */
  RowFreeze(RowKeys keys, ClassLoader loader, List<RowTable> tables, int restoredTable, long now) {
    this.keys = keys;
    this.loader = loader;
    this.tables = tables;
    this.restoredTable = restoredTable;
    this.now = now;
  }

  void timers(String name, int table) {
    timers.put(name, table);
  }

  /** State that nobody has asked for since it was restored: its blocks stay as they are. */
  void untouched(String name, List<Portable.Block> blocks) {
    untouched.put(name, blocks);
  }

  FrozenState of(Rows.View view) {
    return new FrozenState() {
      @Override
      public byte[] write() {
        try (view) {
          return RowFreeze.this.write(view);
        }
      }

      @Override
      public void discard() {
        view.close();
      }
    };
  }

  private byte[] write(Rows.View view) {
    var out = new Portable.Writer(timers.size() + tables.size() + untouched.size());
    timers.forEach((name, table) -> writeTimers(view, out, name, table));
    for (RowTable table : tables) {
      out.state(table.name(), table.kind().code(), table.kind().types());
      var groups = new Groups(out, table.kind());
      view.scan(RowKeys.first(table.id()), RowKeys.first(table.id() + 1), groups);
      groups.finish();
    }
    untouched.forEach((name, blocks) -> writeUntouched(view, out, name, blocks));
    return out.finish();
  }

  private void writeTimers(Rows.View view, Portable.Writer out, String name, int table) {
    var times = new StateKind.Times();
    out.state(name, times.code(), times.types());
    var groups = new TimerGroups(out, times);
    view.scan(RowKeys.first(table), RowKeys.first(table + 1), groups);
    groups.finish();
  }

  private void writeUntouched(
      Rows.View view, Portable.Writer out, String name, List<Portable.Block> blocks) {
    out.state(name, blocks.get(0).kind(), blocks.get(0).types());
    for (Portable.Block block : blocks) {
      byte[] row = RowKeys.numbered(restoredTable, block.number());
      view.scan(
          row,
          RowKeys.after(row),
          (key, bytes) -> {
            out.block(block.group(), bytes);
            return false;
          });
    }
  }

  /** Gathers the rows of each key and the keys of each group. */
  private final class Groups implements Rows.Visitor {
    private final Portable.Writer out;
    private final StateKind kind;
    private final DataWriter entries = new DataWriter(1 << 12);
    private int group = -1;
    private int count;

    /** Of the map at hand: where its rows' keys end to be the same, and its entries. */
    private byte[] mapRow;

    private final List<MapCell.Stored> mapped = new ArrayList<>();

    Groups(Portable.Writer out, StateKind kind) {
      this.out = out;
      this.kind = kind;
    }

    @Override
    public boolean row(byte[] row, byte[] value) {
      int end = kind instanceof StateKind.Mapped ? RowKeys.keyEnd(row) : row.length;
      if (mapRow != null && !Arrays.equals(mapRow, 0, mapRow.length, row, 0, end)) {
        endMap();
      }
      if (RowKeys.group(row) != group) {
        endGroup();
        group = RowKeys.group(row);
      }
      if (kind instanceof StateKind.Mapped map) {
        mapRow = mapRow == null ? Arrays.copyOf(row, end) : mapRow;
        mapped.add(MapCell.stored(map, loader, row, end, value));
      } else if (kind instanceof StateKind.Many many) {
        var list = new ArrayList<Object>();
        ListCell.read(many.element(), loader, value, list);
        entry(row, list);
      } else {
        entry(row, kind.read(new DataReader(value, loader)));
      }
      return true;
    }

    private void entry(byte[] row, Object value) {
      Object live = kind.live(value, now);
      if (live == null) {
        return; // it has expired
      }
      keys.write(keys.key(row), entries);
      kind.write(live, entries);
      count++;
    }

    private void endMap() {
      if (mapRow != null) {
        mapped.sort(Comparator.comparingLong(MapCell.Stored::order));
        var map = new LinkedHashMap<Object, Object>();
        mapped.forEach(one -> map.put(one.key(), one.value()));
        entry(mapRow, map);
        mapped.clear();
        mapRow = null;
      }
    }

    private void endGroup() {
      if (count > 0) {
        out.block(group, count, entries);
      }
      entries.reset();
      count = 0;
    }

    void finish() {
      endMap();
      endGroup();
    }
  }

  /** Gathers the times of each key: rows have them the other way round. */
  private final class TimerGroups implements Rows.Visitor {
    private final Portable.Writer out;
    private final StateKind kind;
    private final DataWriter entries = new DataWriter(1 << 12);
    private final TreeMap<byte[], long[]> times = new TreeMap<>(Arrays::compareUnsigned);
    private int group = -1;

    TimerGroups(Portable.Writer out, StateKind kind) {
      this.out = out;
      this.kind = kind;
    }

    @Override
    public boolean row(byte[] row, byte[] value) {
      if (RowKeys.group(row) != group) {
        finish();
        group = RowKeys.group(row);
      }
      byte[] key = Arrays.copyOfRange(row, RowKeys.TIMER_KEY, row.length);
      times.merge(
          key,
          new long[] {RowKeys.time(row)},
          (before, one) -> {
            long[] more = Arrays.copyOf(before, before.length + 1);
            more[before.length] = one[0];
            return more;
          });
      return true;
    }

    void finish() {
      if (!times.isEmpty()) {
        times.forEach(
            (key, of) -> {
              keys.write(keys.read(new DataReader(key, loader)), entries);
              kind.write(of, entries);
            });
        out.block(group, times.size(), entries);
      }
      entries.reset();
      times.clear();
    }
  }
}
