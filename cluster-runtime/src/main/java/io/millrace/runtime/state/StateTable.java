package io.millrace.runtime.state;

import io.millrace.api.state.Flattening;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Shape;
import java.util.ArrayList;
import java.util.List;

/** One state of an operator: a map for each of the subtask's key groups. */
final class StateTable {
  private final String name;
  private final StateKind kind;
  private final Serializer<Object> keySerializer;
  private final RestoredKeys restoredKeys;
  private final StateReadings readings;
  private final int firstGroup;
  private final PagedMap[] groups;
  private final Sweep sweep;

  /** Whether a value that was handed out is the very object that is kept. */
  private final boolean handsOut;

  private Object handedOut;
  private long handedOutAt;

  /**
   * @param flattening how values are kept as numbers; {@code null} if nobody has said how
   */
  StateTable(
      String name,
      StateKind kind,
      Flattening<Object> flattening,
      Serializer<Object> keySerializer,
      RestoredKeys restoredKeys,
      int firstGroup,
      int groupCount,
      Versions versions) {
    this.name = name;
    this.kind = kind;
    this.keySerializer = keySerializer;
    this.restoredKeys = restoredKeys;
    this.readings = new StateReadings(name, kind);
    this.firstGroup = firstGroup;
    this.groups = new PagedMap[groupCount];
    this.handsOut = kind.mutable() && flattening == null;
    for (int i = 0; i < groupCount; i++) {
      groups[i] = new PagedMap(versions, kind.mutable() ? kind::shared : null, flattening);
    }
    this.sweep = new Sweep(this, groups);
  }

  String name() {
    return name;
  }

  StateKind kind() {
    return kind;
  }

  PagedMap group(int group) {
    return groups[group - firstGroup];
  }

  /** By the first of its groups: keys are spread evenly. */
  int entriesPerGroup() {
    return groups[0].size();
  }

  /** Remembers the value that the current key's user may now change in place. */
  void handedOut(Object value, long moment) {
    if (handsOut) {
      handedOut = value;
      handedOutAt = moment;
    }
  }

  /** Whether the table holds this very object for the current key: then it need not be put. */
  boolean isHandedOut(Object value, long moment) {
    return handsOut && value == handedOut && handedOutAt == moment;
  }

  long entryCount() {
    long count = 0;
    for (PagedMap group : groups) {
      count += group.size();
    }
    return count;
  }

  /** All keys of a group as they are now, in the order of the pages. */
  List<Place> places(int group) {
    var places = new ArrayList<Place>();
    Page last = null;
    for (Page page : groups[group - firstGroup].frozen()) {
      for (int slot = 0; page != last && slot < page.slots(); slot++) {
        if (!page.isFree(slot)) {
          places.add(new Place(page.hash(slot), page.key(slot)));
        }
      }
      last = page;
    }
    return places;
  }

  /** Where a key is found in its group. */
  record Place(int hash, Object key) {}

  /** Looks at a few entries and takes out what has expired. */
  void sweep(int entries, long now) {
    sweep.step(entries, now);
  }

  /** What is in the table now, by reference; without what has expired by then. */
  Frozen freeze(long now) {
    var pages = new ArrayList<Page[]>(groups.length);
    for (PagedMap group : groups) {
      pages.add(group.frozen());
    }
    return new Frozen(this, pages, now);
  }

  /**
   * Adds the entries of one block as {@link Frozen#section} writes it; {@code seen} gets each of
   * them.
   *
   * @throws IllegalArgumentException if they are of types that cannot become those of the table
   */
  void read(Portable.Block block, DataReader in, long now, EntryConsumer seen) {
    StateKind reading = readings.of(block);
    Serializer<Object> keys = restoredKeys.reader(block.keys());
    int count = in.readVarInt();
    PagedMap map = group(block.group());
    for (int i = 0; i < count; i++) {
      Object key = keys.read(in);
      Object value = reading.read(block.kind(), in, now);
      if (value == null) {
        continue; // it has expired
      }
      int hash = HeapStateStore.spread(keySerializer.hash(key));
      map.put(hash, key, value);
      seen.accept(hash, key, value);
    }
  }

  /** Adds what stands in one block of rows. */
  void readRows(Portable.Block block, byte[] rows, ClassLoader loader, long now) {
    var entries =
        new RowEntries(
            restoredKeys.reader(block.keys()),
            readings.of(block),
            block.kind(),
            loader,
            now,
            (group, key, value) ->
                group(group).put(HeapStateStore.spread(keySerializer.hash(key)), key, value));
    RawRows.read(rows, block.group(), 0, entries);
    entries.end();
  }

  /** Gets entries while they are restored. */
  interface EntryConsumer {
    void accept(int hash, Object key, Object value);
  }

  /** A table at the moment of a freeze. */
  record Frozen(StateTable table, List<Page[]> groups, long now) {
    Portable.Section section() {
      return new Section(table, groups, now);
    }
  }

  /** Its pages, group by group. */
  private static final class Section implements Portable.Section {
    private final StateTable table;
    private final List<Page[]> groups;
    private final long now;
    private final DataWriter entries = DataWriter.describing(1 << 12);
    private int group;
    private int place;

    /** In the page at that place. */
    private int slot;

    Section(StateTable table, List<Page[]> groups, long now) {
      this.table = table;
      this.groups = groups;
      this.now = now;
    }

    @Override
    public String name() {
      return table.name;
    }

    @Override
    public byte kind() {
      return table.kind.code();
    }

    @Override
    public String types() {
      return table.kind.types();
    }

    @Override
    public Shape shape() {
      return table.kind.shape();
    }

    @Override
    public Shape keys() {
      return table.restoredKeys.shape();
    }

    @Override
    public boolean fill(Portable.Part part) {
      while (group < groups.size() && !part.full()) {
        Page[] directory = groups.get(group);
        int count = 0;
        entries.reset();
        while (place < directory.length && !part.fullWith(entries.position())) {
          // A page stands in several places in a row.
          if (place == 0 || directory[place] != directory[place - 1]) {
            count += write(directory[place], part);
          }
          if (slot == 0) {
            place++;
          }
        }
        if (count > 0) {
          part.block(table.firstGroup + group, count, entries);
        }
        if (place == directory.length) {
          group++;
          place = 0;
        }
      }
      return group == groups.size();
    }

    /**
     * Writes entries of the page until the part is full; values may be large.
     *
     * @return how many have not expired and so were written
     */
    private int write(Page page, Portable.Part part) {
      int count = 0;
      while (slot < page.slots() && !part.fullWith(entries.position())) {
        Object value = page.isFree(slot) ? null : table.kind.live(page.value(slot), now);
        if (value != null) {
          table.keySerializer.write(page.key(slot), entries);
          table.kind.write(value, entries);
          count++;
        }
        slot++;
      }
      slot = slot == page.slots() ? 0 : slot;
      return count;
    }
  }
}
