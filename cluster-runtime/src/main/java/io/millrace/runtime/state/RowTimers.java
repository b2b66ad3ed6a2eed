package io.millrace.runtime.state;

import io.millrace.api.operator.KeyGroupRange;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.Serializer;
import java.util.Arrays;
import java.util.TreeSet;

/**
 * The timers of one domain, as rows that are ordered by group and then time. Of each group the
 * earliest few are in memory, so that the earliest of all is known without reading, and a group is
 * read again only when those are used up. One of these becomes a row when others drive it out of
 * memory, or before a freeze: most have fired by then, and cost no row.
 */
final class RowTimers {
  private static final int MOST_IN_HEAD = 128;
  private static final int REFILL = 64;
  private static final byte[] NOTHING = {};

  private final int table;
  private final Rows rows;
  private final RowKeys keys;
  private final int firstGroup;

  /** Made as they are needed. */
  private final Head[] heads;

  /** Those that have a timer, by their earliest. */
  private final TreeSet<Head> order = new TreeSet<>();

  RowTimers(int table, Rows rows, RowKeys keys, int firstGroup, int groupCount) {
    this.table = table;
    this.rows = rows;
    this.keys = keys;
    this.firstGroup = firstGroup;
    this.heads = new Head[groupCount];
  }

  int table() {
    return table;
  }

  /** Finds those that are in the rows already. */
  void load() {
    for (int group = firstGroup; group < firstGroup + heads.length; group++) {
      Head head = head(group);
      head.fill(keys.timer(table, group, Long.MIN_VALUE, NOTHING));
      head.changed();
    }
  }

  /**
   * @param key as bytes
   */
  void set(long time, int group, byte[] key) {
    var entry = new Entry(time, key);
    Head head = head(group);
    if (head.find(entry) != null) {
      return;
    }
    if (!head.complete && entry.compareTo(head.entries.last()) > 0) {
      rows.put(head.row(entry), NOTHING);
      return;
    }
    head.entries.add(entry);
    if (head.entries.size() > MOST_IN_HEAD) {
      Entry last = head.entries.pollLast();
      if (!last.isRow) {
        rows.put(head.row(last), NOTHING);
      }
      head.complete = false;
    }
    head.changed();
  }

  void delete(long time, int group, byte[] key) {
    var entry = new Entry(time, key);
    Head head = head(group);
    Entry found = head.find(entry);
    if (found != null) {
      remove(head, found);
    } else if (!head.complete) {
      rows.delete(head.row(entry));
    }
  }

  /** Makes rows of those that are in memory only. */
  void writeBack() {
    Rows.Batch batch = rows.batch();
    for (Head head : heads) {
      if (head != null) {
        head.writeBack(batch);
      }
    }
    batch.write();
  }

  /** Time of the earliest, {@code Long.MAX_VALUE} if there is none. */
  long earliest() {
    return order.isEmpty() ? Long.MAX_VALUE : order.first().first.time;
  }

  /** Removes the earliest if it is due; {@code null} if it is not. */
  Due next(long upTo) {
    if (order.isEmpty() || order.first().first.time > upTo) {
      return null;
    }
    return take(order.first());
  }

  /** As {@link #next(long)}, of some groups only. */
  Due next(long upTo, KeyGroupRange groups) {
    for (Head head : order) {
      if (head.first.time > upTo) {
        return null;
      }
      if (groups.contains(head.group)) {
        return take(head);
      }
    }
    return null;
  }

  private Due take(Head head) {
    Entry entry = head.first;
    remove(head, entry);
    return new Due(entry.time, head.group, entry.key);
  }

  /** A timer that has come. */
  record Due(long time, int group, byte[] key) {}

  private Head head(int group) {
    Head head = heads[group - firstGroup];
    if (head == null) {
      head = new Head(group);
      heads[group - firstGroup] = head;
    }
    return head;
  }

  private void remove(Head head, Entry entry) {
    if (entry.isRow) {
      rows.delete(head.row(entry));
    }
    head.entries.remove(entry);
    if (head.entries.isEmpty() && !head.complete) {
      // From where the head ended: rows before that are gone, and passing them over costs time.
      head.fill(head.row(entry));
    }
    head.changed();
  }

  /** The earliest timers of a group: all that come before any other of it. */
  private final class Head implements Comparable<Head> {
    final int group;
    final TreeSet<Entry> entries = new TreeSet<>();

    /** Whether there are no others. */
    boolean complete = true;

    /** The first of {@link #entries} when this was last put in order. */
    Entry first;

    Head(int group) {
      this.group = group;
    }

    /** The one that is equal to it, {@code null} if there is none. */
    Entry find(Entry entry) {
      Entry found = entries.ceiling(entry);
      return found != null && found.compareTo(entry) == 0 ? found : null;
    }

    byte[] row(Entry entry) {
      return keys.timer(table, group, entry.time, entry.key);
    }

    void writeBack(Rows.Batch batch) {
      for (Entry entry : entries) {
        if (!entry.isRow) {
          byte[] row = row(entry);
          batch.put(row, 0, row.length, 0, 0);
          entry.isRow = true;
        }
      }
    }

    void fill(byte[] from) {
      complete = true;
      byte[] end = RowKeys.after(Arrays.copyOf(from, RowKeys.HEADER));
      rows.scan(
          from,
          end,
          (row, value) -> {
            if (entries.size() == REFILL) {
              complete = false;
              return false;
            }
            entries.add(Entry.of(row));
            return true;
          });
    }

    void changed() {
      Entry now = entries.isEmpty() ? null : entries.first();
      if (now != first) {
        if (first != null) {
          order.remove(this);
        }
        first = now;
        if (now != null) {
          order.add(this);
        }
      }
    }

    @Override
    public int compareTo(Head other) {
      int byTime = Long.compare(first.time, other.first.time);
      return byTime != 0 ? byTime : Integer.compare(group, other.group);
    }
  }

  private static final class Entry implements Comparable<Entry> {
    final long time;
    final byte[] key;

    /** Whether it is one of the rows. */
    boolean isRow;

    Entry(long time, byte[] key) {
      this.time = time;
      this.key = key;
    }

    static Entry of(byte[] row) {
      var entry =
          new Entry(RowKeys.time(row), Arrays.copyOfRange(row, RowKeys.TIMER_KEY, row.length));
      entry.isRow = true;
      return entry;
    }

    @Override
    public int compareTo(Entry other) {
      int byTime = Long.compare(time, other.time);
      return byTime != 0 ? byTime : Arrays.compareUnsigned(key, other.key);
    }
  }

  /**
   * Sets what a checkpoint has; the block holds keys, each with its times.
   *
   * @param written reads its keys
   */
  void restore(int group, Serializer<Object> written, DataReader block) {
    var times = new StateKind.Times();
    for (int left = block.readVarInt(); left > 0; left--) {
      byte[] key = keys.bytes(written.read(block));
      for (long time : (long[]) times.read(block)) {
        set(time, group, key);
      }
    }
  }
}
