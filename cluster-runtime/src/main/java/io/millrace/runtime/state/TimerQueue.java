package io.millrace.runtime.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The order in which timers fire: by time, and those of one time as they were set. What is set is
 * kept in a {@link StateTable}; this queue is an index over it that may hold entries whose timer
 * was deleted since: as many as there are timers, and a few more. Beyond that they are sorted out,
 * which costs each deletion a constant share.
 *
 * <p>Windows set one time for very many keys. So entries lie in a row for each time, and only times
 * are searched for: an entry more or less of a time that is known costs the same however many there
 * are.
 */
final class TimerQueue {
  /** So many do not matter. */
  private static final int SPARE = 64;

  /** No row is empty. */
  private final TreeMap<Long, Row> rows = new TreeMap<>();

  /** The first of {@link #rows}; {@code null} if there is none. */
  private Row first;

  /** The one that got an entry last, most often the next one's too; {@code null} if it is gone. */
  private Row recent;

  private int size;

  /** Timers that are set. */
  private int live;

  /** A timer was set that was not set before. */
  void add(long time, int group, int hash, Object key) {
    if (recent == null || recent.time != time) {
      recent = rows.get(time);
      if (recent == null) {
        recent = new Row(time);
        rows.put(time, recent);
        if (first == null || time < first.time) {
          first = recent;
        }
      }
    }
    recent.add(group, hash, key);
    size++;
    live++;
  }

  /** The entry that comes first, {@code null} if there is none. */
  Entry peek() {
    return first == null ? null : first.entry(first.from);
  }

  /** Removes the entry that comes first. */
  void remove() {
    first.removeFirst();
    size--;
    if (first.size() == 0) {
      rows.remove(first.time);
      lookAgain();
    }
  }

  private void lookAgain() {
    Map.Entry<Long, Row> now = rows.firstEntry();
    first = now == null ? null : now.getValue();
    recent = null;
  }

  int size() {
    return size;
  }

  /** A timer whose entry was removed is set no more. */
  void fired() {
    live--;
  }

  /**
   * A timer is set no more, and its entry stays for now.
   *
   * @param times all timers of an entry's key, ascending; null for none
   */
  void deleted(Function<Entry, long[]> times) {
    live--;
    if (size > 2 * (long) live + SPARE) {
      sortOut(times);
    }
  }

  /** Of each timer the first entry stays, so the order is what it would have been without. */
  private void sortOut(Function<Entry, long[]> times) {
    size = 0;
    for (var each = rows.values().iterator(); each.hasNext(); ) {
      Row row = each.next();
      row.sortOut(times);
      size += row.size();
      if (row.size() == 0) {
        each.remove();
      }
    }
    lookAgain();
  }

  /** The entries of one time, in the order in which they were added. */
  private static final class Row {
    final long time;

    /** Of the first entry; those before were removed. */
    int from;

    private int to;

    private Object[] keys = new Object[1];

    /** Group and hash of each key. */
    private int[] places = new int[2];

    Row(long time) {
      this.time = time;
    }

    int size() {
      return to - from;
    }

    Entry entry(int at) {
      return new Entry(time, places[2 * at], places[2 * at + 1], keys[at]);
    }

    void add(int group, int hash, Object key) {
      if (to == keys.length) {
        makeRoom();
      }
      put(to++, group, hash, key);
    }

    private void put(int at, int group, int hash, Object key) {
      keys[at] = key;
      places[2 * at] = group;
      places[2 * at + 1] = hash;
    }

    /** What was removed gives room enough if it is half. */
    private void makeRoom() {
      int left = size();
      boolean grow = from <= keys.length / 2;
      Object[] newKeys = grow ? new Object[2 * keys.length] : keys;
      int[] newPlaces = grow ? new int[2 * places.length] : places;
      System.arraycopy(keys, from, newKeys, 0, left);
      System.arraycopy(places, 2 * from, newPlaces, 0, 2 * left);
      keys = newKeys;
      places = newPlaces;
      endAt(left);
    }

    /** The entries have moved to the beginning. */
    private void endAt(int end) {
      if (end < to) {
        Arrays.fill(keys, end, to, null);
      }
      from = 0;
      to = end;
    }

    void removeFirst() {
      keys[from++] = null;
    }

    void sortOut(Function<Entry, long[]> times) {
      BitSet stay = staying(times);
      int kept = 0;
      for (int at = stay.nextSetBit(0); at >= 0; at = stay.nextSetBit(at + 1)) {
        put(kept++, places[2 * at], places[2 * at + 1], keys[at]);
      }
      endAt(kept);
      if (kept > 0 && kept < keys.length / 4) {
        keys = Arrays.copyOf(keys, kept);
        places = Arrays.copyOf(places, 2 * kept);
      }
    }

    /** The first entry of each timer that is set. */
    private BitSet staying(Function<Entry, long[]> times) {
      var set = new ArrayList<Integer>();
      for (int at = from; at < to; at++) {
        long[] ofKey = times.apply(entry(at));
        if (ofKey != null && Arrays.binarySearch(ofKey, time) >= 0) {
          set.add(at);
        }
      }
      set.sort(Comparator.comparingLong(this::place)); // stable: each timer's first comes first
      var stay = new BitSet(to);
      var alike = new ArrayList<long[]>();
      int last = -1;
      for (int at : set) {
        if (last < 0 || place(at) != place(last)) {
          alike.clear();
        }
        last = at;
        // The array belongs to one key: the same one again is another entry of the same timer.
        long[] ofKey = times.apply(entry(at));
        if (!holds(alike, ofKey)) {
          alike.add(ofKey);
          stay.set(at);
        }
      }
      return stay;
    }

    /** Group and hash in one. */
    private long place(int at) {
      return (long) places[2 * at] << 32 | places[2 * at + 1] & 0xffffffffL;
    }

    private static boolean holds(List<long[]> arrays, long[] wanted) {
      for (long[] each : arrays) {
        if (each == wanted) {
          return true;
        }
      }
      return false;
    }
  }

  record Entry(long time, int group, int hash, Object key) {}
}
