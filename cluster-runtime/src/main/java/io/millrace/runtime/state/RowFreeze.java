package io.millrace.runtime.state;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
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
  private final List<RowHead.Table> unclaimed = new ArrayList<>();
  private final List<Carried> untouched = new ArrayList<>();

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
    untouched.add(new Carried(name, blocks));
  }

  private record Carried(String name, List<Portable.Block> blocks) {}

  /** State that came in rows and that nobody has asked for since. */
  void unclaimed(RowHead.Table table) {
    unclaimed.add(table);
  }

  FrozenState of(Rows.View view) {
    var sections = new ArrayList<Portable.Section>();
    timers.forEach((name, table) -> sections.add(new Timers(view, name, table)));
    tables.forEach(table -> sections.add(new State(view, table)));
    unclaimed.forEach(table -> sections.add(new RawRows.Section(view, table)));
    untouched.forEach(each -> sections.add(new Untouched(view, each.name(), each.blocks())));
    return new FrozenState() {
      @Override
      public Iterator<byte[]> parts() {
        return Portable.parts(sections.iterator(), view::close);
      }

      @Override
      public void discard() {
        view.close();
      }
    };
  }

  /** What has been gathered of one key group for the next block. */
  private static final class Gathered {
    private final DataWriter entries = DataWriter.describing(1 << 12);
    private int group = -1;
    private int count;

    /** Blocks hold one group each. */
    void enter(int newGroup, Portable.Part part) {
      if (newGroup != group) {
        end(part);
        group = newGroup;
      }
    }

    void end(Portable.Part part) {
      if (count > 0) {
        part.block(group, count, entries);
      }
      entries.reset();
      count = 0;
    }

    boolean fills(Portable.Part part) {
      return part.fullWith(entries.position());
    }
  }

  /** Rows of a state, in their order, key by key. */
  private final class State implements Portable.Section {
    private final Rows.View view;
    private final RowTable table;
    private final Gathered gathered = new Gathered();

    /** Of the map at hand: what its rows' keys begin with, and its entries. */
    private byte[] mapRow;

    private final List<MapCell.Stored> mapped = new ArrayList<>();
    private byte[] from;

    State(Rows.View view, RowTable table) {
      this.view = view;
      this.table = table;
      this.from = RowKeys.first(table.id());
    }

    @Override
    public String name() {
      return table.name();
    }

    @Override
    public byte kind() {
      return table.kind().code();
    }

    @Override
    public String types() {
      return table.kind().types();
    }

    @Override
    public Shape shape() {
      return table.kind().shape();
    }

    @Override
    public Shape keys() {
      return keys.shape();
    }

    @Override
    public boolean fill(Portable.Part part) {
      byte[] start = from;
      from = null;
      view.scan(start, RowKeys.first(table.id() + 1), (row, value) -> add(row, value, part));
      endMap();
      gathered.end(part);
      return from == null;
    }

    private boolean add(byte[] row, byte[] value, Portable.Part part) {
      int end = table.kind() instanceof StateKind.Mapped ? RowKeys.keyEnd(row) : row.length;
      boolean sameMap = mapRow != null && Arrays.equals(mapRow, 0, mapRow.length, row, 0, end);
      if (!sameMap) {
        endMap();
        if (gathered.fills(part)) {
          from = row;
          return false;
        }
        gathered.enter(RowKeys.group(row), part);
      }
      if (table.kind() instanceof StateKind.Mapped map) {
        mapRow = sameMap ? mapRow : Arrays.copyOf(row, end);
        mapped.add(MapCell.stored(map, loader, row, end, value));
      } else if (table.kind() instanceof StateKind.Many many) {
        var list = new ArrayList<Object>();
        ListCell.read(many.element(), loader, value, list);
        entry(row, list);
      } else {
        entry(row, table.kind().read(new DataReader(value, loader)));
      }
      return true;
    }

    private void entry(byte[] row, Object value) {
      Object live = table.kind().live(value, now);
      if (live == null) {
        return; // it has expired
      }
      keys.write(keys.key(row), gathered.entries);
      table.kind().write(live, gathered.entries);
      gathered.count++;
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
  }

  /** Timers by group; the times of each key are gathered, as rows have them the other way round. */
  private final class Timers implements Portable.Section {
    private static final StateKind.Times TIMES = new StateKind.Times();

    private final Rows.View view;
    private final String name;
    private final int table;
    private final TreeMap<byte[], long[]> times = new TreeMap<>(Arrays::compareUnsigned);
    private final Gathered gathered = new Gathered();
    private byte[] from;

    Timers(Rows.View view, String name, int table) {
      this.view = view;
      this.name = name;
      this.table = table;
      this.from = RowKeys.first(table);
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public byte kind() {
      return TIMES.code();
    }

    @Override
    public String types() {
      return TIMES.types();
    }

    @Override
    public Shape shape() {
      return TIMES.shape();
    }

    @Override
    public Shape keys() {
      return keys.shape();
    }

    @Override
    public boolean fill(Portable.Part part) {
      byte[] start = from;
      from = null;
      view.scan(start, RowKeys.first(table + 1), (row, value) -> add(row, part));
      endGroup();
      gathered.end(part);
      return from == null;
    }

    private boolean add(byte[] row, Portable.Part part) {
      if (RowKeys.group(row) != gathered.group || times.isEmpty()) {
        endGroup();
        if (gathered.fills(part)) {
          from = row;
          return false;
        }
        gathered.enter(RowKeys.group(row), part);
      }
      byte[] key = Arrays.copyOfRange(row, RowKeys.TIMER_KEY, row.length);
      times.merge(key, new long[] {RowKeys.time(row)}, Timers::both);
      return true;
    }

    private static long[] both(long[] before, long[] one) {
      long[] more = Arrays.copyOf(before, before.length + 1);
      more[before.length] = one[0];
      return more;
    }

    private void endGroup() {
      times.forEach(
          (key, of) -> {
            keys.write(keys.read(new DataReader(key, loader)), gathered.entries);
            TIMES.write(of, gathered.entries);
            gathered.count++;
          });
      times.clear();
    }
  }

  /** Blocks of a checkpoint as they came. */
  private final class Untouched implements Portable.Section {
    private final Rows.View view;
    private final String name;
    private final List<Portable.Block> blocks;
    private int next;

    Untouched(Rows.View view, String name, List<Portable.Block> blocks) {
      this.view = view;
      this.name = name;
      this.blocks = blocks;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public byte kind() {
      return blocks.get(0).kind();
    }

    @Override
    public String types() {
      return blocks.get(0).types();
    }

    @Override
    public Shape shape() {
      return blocks.get(0).shape();
    }

    @Override
    public Shape keys() {
      return blocks.get(0).keys();
    }

    @Override
    public boolean fill(Portable.Part part) {
      while (next < blocks.size() && !part.full()) {
        Portable.Block block = blocks.get(next++);
        byte[] row = RowKeys.numbered(restoredTable, block.number());
        view.scan(
            row,
            RowKeys.after(row),
            (key, bytes) -> {
              part.block(block.group(), bytes);
              return false;
            });
      }
      return next == blocks.size();
    }
  }
}
