package io.millrace.runtime.state;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * A map, one row for each entry, found below the key's row by the entry's key. In front of the
 * value a row holds a number that grows from entry to entry: entries come in the order of their
 * first insertion, which that of the rows is not.
 *
 * <p>Single entries are read as they are asked for. Whoever wants all of them gets all rows read; a
 * map that is small beside the cache stays here as a whole from then on.
 */
final class MapCell extends Cell {
  private static final int ENTRY = 80;
  private static final int SELDOM = 8;

  private final StateKind.Mapped kind;

  /** Entries that have been read or put; all there are, in order, if the map is {@link #whole}. */
  private final LinkedHashMap<Object, Entry> entries = new LinkedHashMap<>();

  /** Keys whose row, if there is one, must go. */
  private final LinkedHashSet<Object> removed = new LinkedHashSet<>();

  private boolean whole;

  /** Whether no row that there is counts any more. */
  private boolean emptied;

  MapCell(ObjectCache.Slot slot, RowStateStore store, StateKind.Mapped kind) {
    super(slot, store);
    this.kind = kind;
  }

  /** A value with its place in the order of insertion. */
  private static final class Entry {
    final long order;
    Object value;
    boolean changed;

    /** Whether there is, or may be, a row of the key. */
    boolean stored;

    /** What the value counts for. */
    int bytes;

    /** Times that it was set since that was known. */
    int sets;

    Entry(long order, Object value, int bytes) {
      this.order = order;
      this.value = value;
      this.bytes = bytes;
    }

    static Entry of(Stored row) {
      var entry = new Entry(row.order, row.value, row.bytes);
      entry.stored = true;
      return entry;
    }
  }

  /**
   * A row as it was read.
   *
   * @param bytes of the value
   */
  record Stored(long order, Object key, Object value, int bytes) {}

  boolean contains(Object key) {
    return find(key) != null;
  }

  Object get(Object key) {
    Entry entry = find(key);
    return entry == null ? null : entry.value;
  }

  void put(Object key, Object value) {
    Entry entry = find(key);
    if (entry == null) {
      if (!whole) {
        leaveRoom();
      }
      entry = new Entry(store.nextOrder(), value, table().bytesOf(value, store));
      entry.stored = takeBack(key);
      entries.put(own(key), entry);
      holdsMore(ENTRY + entry.bytes);
    } else if (mayHaveGrown(++entry.sets)) {
      count(entry, table().measured(value, store));
    }
    entry.value = value;
    entry.changed = true;
    change();
  }

  private void count(Entry entry, int bytes) {
    holdsMore(bytes - entry.bytes);
    entry.bytes = bytes;
  }

  /**
   * Whether an entry that was set so often is to be measured again: at the 8th time, the 32nd and
   * so on, since chunks of records, which are entries too, are set for each of their records.
   */
  private static boolean mayHaveGrown(int sets) {
    return sets >= SELDOM
        && Integer.numberOfTrailingZeros(sets) % 2 == 1
        && Integer.bitCount(sets) == 1;
  }

  void remove(Object key) {
    Entry gone = entries.remove(key);
    if (gone != null) {
      holdsMore(-ENTRY - gone.bytes);
    }
    boolean hasRow = gone == null ? !whole : gone.stored;
    if (hasRow && removed.add(own(key))) {
      holdsMore(ENTRY);
      change();
      if (!store.cache().takes((long) ENTRY * removed.size())) {
        writeBack();
      }
    }
  }

  /** Whether the key was one whose row must go. */
  private boolean takeBack(Object key) {
    boolean was = removed.remove(key);
    if (was) {
      holdsMore(-ENTRY);
    }
    return was;
  }

  void clear() {
    entries.clear();
    removed.clear();
    whole = true;
    emptied = true;
    holds(0);
    change();
  }

  boolean isEmpty() {
    if (!entries.isEmpty()) {
      return false;
    }
    if (whole) {
      return true;
    }
    writeBack();
    var found = new boolean[1];
    store.rows().scan(row(), RowKeys.after(row()), (key, value) -> !(found[0] = true));
    return !found[0];
  }

  /** All entries, in the order of their first insertion. */
  Iterable<Map.Entry<Object, Object>> all() {
    if (!whole) {
      writeBack();
      List<Stored> rows = new ArrayList<>();
      long[] size = new long[1];
      store
          .rows()
          .scan(
              row(),
              RowKeys.after(row()),
              (key, value) -> {
                rows.add(stored(kind, store.loader(), key, row().length, value));
                size[0] += key.length + value.length + ENTRY;
                return true;
              });
      rows.sort(Comparator.comparingLong(Stored::order));
      if (!store.cache().takes(size[0])) {
        var all = new ArrayList<Map.Entry<Object, Object>>(rows.size());
        rows.forEach(one -> all.add(new SimpleImmutableEntry<>(one.key, valueOf(one))));
        return all;
      }
      become(rows);
      holds(size[0]);
    }
    return () -> new Entries(entries.entrySet().iterator());
  }

  /** Entries as users see them. */
  private record Entries(Iterator<Map.Entry<Object, Entry>> rest)
      implements Iterator<Map.Entry<Object, Object>> {
    @Override
    public boolean hasNext() {
      return rest.hasNext();
    }

    @Override
    public Map.Entry<Object, Object> next() {
      Map.Entry<Object, Entry> next = rest.next();
      return new SimpleImmutableEntry<>(next.getKey(), next.getValue().value);
    }
  }

  /** The object that is known already: what was handed out before stays the value. */
  private Object valueOf(Stored row) {
    Entry known = entries.get(row.key);
    return known == null ? row.value : known.value;
  }

  private void become(List<Stored> rows) {
    var before = new LinkedHashMap<>(entries);
    entries.clear();
    for (Stored row : rows) {
      Entry known = before.get(row.key);
      entries.put(row.key, known == null ? Entry.of(row) : known);
    }
    whole = true;
  }

  private Entry find(Object key) {
    Entry known = entries.get(key);
    if (known != null || whole || removed.contains(key)) {
      return known;
    }
    byte[] found = store.rows().get(rowOf(key));
    if (found == null) {
      return null;
    }
    leaveRoom();
    var in = new DataReader(found, store.loader());
    var entry = new Entry(in.readVarLong(), null, found.length);
    entry.stored = true;
    entry.value =
        kind.value().read(store.reader(found, in.position(), found.length - in.position()));
    entries.put(own(key), entry);
    holdsMore(ENTRY + found.length);
    return entry;
  }

  /** A function may look at far more entries, one by one, than the cache has room for. */
  private void leaveRoom() {
    if (!store.cache().takes(bytes)) {
      writeBack();
      entries.clear();
      holds(0);
    }
  }

  /** One that the caller cannot change. */
  private Object own(Object key) {
    return kind.key().copy(key);
  }

  private byte[] rowOf(Object key) {
    return store.keys().below(row(), kind.key(), key);
  }

  @Override
  void write() {
    if (emptied) {
      var stale = new ArrayList<byte[]>();
      store.rows().scan(row(), RowKeys.after(row()), (key, value) -> stale.add(key));
      stale.forEach(store.rows()::delete);
      emptied = false;
    }
    removed.forEach(key -> store.rows().delete(rowOf(key)));
    holdsMore((long) -ENTRY * removed.size());
    removed.clear();
    entries.forEach(
        (key, entry) -> {
          if (entry.changed) {
            byte[] value = value(kind, store.writer(), entry.order, entry.value);
            store.rows().put(rowOf(key), value);
            table().sawBytes(value.length);
            count(entry, value.length);
            entry.sets = 0;
            entry.stored = true;
            entry.changed = false;
          }
        });
    if (!whole && !store.cache().takes(bytes)) {
      entries.clear();
      holds(0);
    }
  }

  /** The value of an entry's row. */
  static byte[] value(StateKind.Mapped kind, DataWriter out, long order, Object value) {
    out.writeVarLong(order);
    // The value must be readable by itself: the number in front uses no dictionary.
    kind.value().write(value, out);
    return out.toByteArray();
  }

  /** Place in the order of insertion of a row's value. */
  static long order(byte[] value) {
    return new DataReader(value).readVarLong();
  }

  /** Where in a row's value that of the entry begins. */
  static int valueFrom(byte[] value) {
    var in = new DataReader(value);
    in.readVarLong();
    return in.position();
  }

  static Stored stored(
      StateKind.Mapped kind, ClassLoader loader, byte[] key, int keyFrom, byte[] value) {
    var in = new DataReader(value, loader);
    long order = in.readVarLong();
    return new Stored(
        order,
        kind.key().read(new DataReader(key, keyFrom, key.length - keyFrom, loader)),
        kind.value().read(in),
        value.length);
  }
}
