package io.millrace.runtime.state;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import java.util.ArrayList;
import java.util.List;

/** One state of an operator: a map for each of the subtask's key groups. */
final class StateTable {
  private final String name;
  private final StateKind kind;
  private final Serializer<Object> keySerializer;
  private final int firstGroup;
  private final PagedMap[] groups;
  private final Sweep sweep;

  private final boolean mutable;
  private Object handedOut;
  private long handedOutAt;

  StateTable(
      String name,
      StateKind kind,
      Serializer<Object> keySerializer,
      int firstGroup,
      int groupCount,
      Versions versions) {
    this.name = name;
    this.kind = kind;
    this.keySerializer = keySerializer;
    this.firstGroup = firstGroup;
    this.groups = new PagedMap[groupCount];
    this.mutable = kind.mutable();
    for (int i = 0; i < groupCount; i++) {
      groups[i] = new PagedMap(versions, kind.mutable() ? kind::copy : null);
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

  /** Remembers the value that the current key's user may now change in place. */
  void handedOut(Object value, long moment) {
    if (mutable) {
      handedOut = value;
      handedOutAt = moment;
    }
  }

  /** Whether the table holds this very object for the current key: then it need not be put. */
  boolean isHandedOut(Object value, long moment) {
    return mutable && value == handedOut && handedOutAt == moment;
  }

  long entryCount() {
    long count = 0;
    for (PagedMap group : groups) {
      count += group.size();
    }
    return count;
  }

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
   * Adds the entries of one block as {@link Frozen#write} wrote it; {@code seen} gets each of them.
   */
  void read(int group, byte written, DataReader block, long now, EntryConsumer seen) {
    int count = block.readVarInt();
    PagedMap map = group(group);
    for (int i = 0; i < count; i++) {
      Object key = keySerializer.read(block);
      Object value = kind.read(written, block, now);
      if (value == null) {
        continue; // it has expired
      }
      int hash = HeapStateStore.spread(keySerializer.hash(key));
      map.put(hash, key, value);
      seen.accept(hash, key, value);
    }
  }

  /** Gets entries while they are restored. */
  interface EntryConsumer {
    void accept(int hash, Object key, Object value);
  }

  /** A table at the moment of a freeze. */
  record Frozen(StateTable table, List<Page[]> groups, long now) {
    /**
     * Each non-empty group: its number, the length of its block, the block: a count and so many
     * keys and values.
     */
    void write(DataWriter out, DataWriter block) {
      out.writeString(table.name);
      out.writeByte(table.kind.code());
      out.writeString(table.kind.types());
      int filledAt = out.position();
      int filled = 0;
      out.writeInt(0);
      for (int i = 0; i < groups.size(); i++) {
        block.reset();
        if (writeGroup(groups.get(i), block)) {
          out.writeInt(table.firstGroup + i);
          out.writeInt(block.position());
          out.writeBytes(block.array(), 0, block.position());
          filled++;
        }
      }
      out.patchInt(filledAt, filled);
    }

    private boolean writeGroup(Page[] directory, DataWriter block) {
      int count = 0;
      Page last = null;
      for (Page page : directory) {
        count += page == last ? 0 : live(page);
        last = page;
      }
      block.writeVarInt(count);
      last = null;
      for (Page page : directory) {
        if (page != last) {
          writePage(page, block);
          last = page;
        }
      }
      return count > 0;
    }

    private int live(Page page) {
      if (!table.kind.timed()) {
        return page.size();
      }
      int live = 0;
      for (int slot = 0; slot < page.slots(); slot++) {
        live += page.key(slot) != null && table.kind.live(page.value(slot), now) != null ? 1 : 0;
      }
      return live;
    }

    private void writePage(Page page, DataWriter block) {
      for (int slot = 0; slot < page.slots(); slot++) {
        Object value = page.key(slot) == null ? null : table.kind.live(page.value(slot), now);
        if (value != null) {
          table.keySerializer.write(page.key(slot), block);
          table.kind.write(value, block);
        }
      }
    }
  }
}
