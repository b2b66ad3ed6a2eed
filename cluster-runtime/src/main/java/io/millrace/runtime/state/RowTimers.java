package io.millrace.runtime.state;

import io.millrace.api.operator.KeyGroupRange;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.Serializer;
import java.util.Arrays;
import java.util.TreeSet;

/**
 * The timers of one domain. Every timer is a row, ordered by group and then time; of each group the
 * earliest few are in memory too, so that the earliest of all is known without reading, and a group
 * is read again only when those are used up.
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
    if (head.contains(entry)) {
      return;
    }
    rows.put(keys.timer(table, group, time, key), NOTHING);
    if (head.complete || entry.compareTo(head.entries.last()) < 0) {
      head.entries.add(entry);
      if (head.entries.size() > MOST_IN_HEAD) {
        head.entries.pollLast();
        head.complete = false;
      }
      head.changed();
    }
  }

  void delete(long time, int group, byte[] key) {
    var entry = new Entry(time, key);
    Head head = head(group);
    if (head.contains(entry)) {
      remove(head, entry);
    } else if (!head.complete) {
      rows.delete(keys.timer(table, group, time, key));
    }
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
    byte[] row = keys.timer(table, head.group, entry.time, entry.key);
    rows.delete(row);
    head.entries.remove(entry);
    if (head.entries.isEmpty() && !head.complete) {
      // From where the head ended: rows before that are gone, and passing them over costs time.
      head.fill(row);
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

    boolean contains(Entry entry) {
      return entries.contains(entry);
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

  private record Entry(long time, byte[] key) implements Comparable<Entry> {
    static Entry of(byte[] row) {
      return new Entry(RowKeys.time(row), Arrays.copyOfRange(row, RowKeys.TIMER_KEY, row.length));
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
