package io.millrace.runtime.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
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

  /** So many new entries are put into their rows at once. */
  private static final int TOGETHER = 16;

  private static final int FEWEST_PLACES = 16;

  /** By time, in open addressing with linear probing; no row is empty. */
  private Row[] table = new Row[FEWEST_PLACES];

  /** The same rows, the earliest first. */
  private final PriorityQueue<Row> order =
      new PriorityQueue<>(Comparator.comparingLong((Row row) -> row.time));

  /** The first of them; {@code null} if there is none. */
  private Row first;

  /** The one that got an entry last, most often the next one's too; {@code null} if it is gone. */
  private Row recent;

  /**
   * Entries that are in no row yet, in the order in which they were added: to find a row is to wait
   * for memory, and several can be waited for at once. None is of the time of {@link #recent},
   * which those that come later would get into before it.
   */
  private final long[] newTimes = new long[TOGETHER];

  private final int[] newGroups = new int[TOGETHER];
  private final int[] newHashes = new int[TOGETHER];
  private final Object[] newKeys = new Object[TOGETHER];
  private int news;
  private long earliestNew = Long.MAX_VALUE;

  /** Of no meaning: without a use, nothing would be looked at ahead. */
  private long seen;

  private final List<Entry> aside = new ArrayList<>();

  private int size;

  /** Timers that are set. */
  private int live;

  /** A timer was set that was not set before. */
  void add(long time, int group, int hash, Object key) {
    size++;
    live++;
    if (recent != null && recent.time == time) {
      recent.add(group, hash, key);
      return;
    }
    newTimes[news] = time;
    newGroups[news] = group;
    newHashes[news] = hash;
    newKeys[news] = key;
    earliestNew = Math.min(earliestNew, time);
    if (++news == TOGETHER) {
      settle();
    }
  }

  /** Puts all entries into rows. */
  private void settle() {
    for (int i = 0; i < news; i++) {
      Row row = table[home(newTimes[i])];
      seen += row == null ? 0 : row.look();
    }
    for (int i = 0; i < news; i++) {
      if (recent == null || recent.time != newTimes[i]) {
        recent = row(newTimes[i], newKeys[i]);
      }
      recent.add(newGroups[i], newHashes[i], newKeys[i]);
      newKeys[i] = null;
    }
    news = 0;
    earliestNew = Long.MAX_VALUE;
  }

  /** The row of the entry that comes first; {@code null} if there is none. */
  private Row front() {
    if (news > 0 && (first == null || earliestNew <= first.time)) {
      settle();
    }
    return first;
  }

  private Row row(long time, Object key) {
    int at = placeOf(time);
    if (table[at] == null) {
      if (order.size() >= table.length / 2) {
        rebuild(table.length * 2);
        at = placeOf(time);
      }
      table[at] = new Row(time, key);
      order.add(table[at]);
      first = order.peek();
    }
    return table[at];
  }

  /** Where the row of a time is, or where it belongs. */
  private int placeOf(long time) {
    int at = home(time);
    while (table[at] != null && table[at].time != time) {
      at = (at + 1) & (table.length - 1);
    }
    return at;
  }

  private int home(long time) {
    long mixed = time * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32) & (table.length - 1);
  }

  private void rebuild(int places) {
    table = new Row[places];
    for (Row row : order) {
      table[placeOf(row.time)] = row;
    }
  }

  /** When the entry that comes first is due; {@code Long.MAX_VALUE} if there is none. */
  long firstTime() {
    return first == null ? earliestNew : Math.min(first.time, earliestNew);
  }

  /** The entry that comes first, {@code null} if there is none. */
  Entry peek() {
    Row row = front();
    return row == null ? null : row.entry(row.from);
  }

  /** Removes the entry that comes first. */
  void remove() {
    front().removeFirst();
    size--;
    if (first.size() == 0) {
      drop(order.poll());
      lookAgain();
    }
  }

  /**
   * Takes out the entry that comes first until {@link #putBack}; whoever does that looks for others
   * meanwhile.
   */
  void setAside() {
    aside.add(peek());
    remove();
  }

  /** Entries of one time keep their order. */
  void putBack() {
    for (Entry entry : aside) {
      add(entry.time(), entry.group(), entry.hash(), entry.key());
    }
    live -= aside.size();
    aside.clear();
  }

  /** Takes a row out of the table and closes the gap, so that no probe ends early. */
  private void drop(Row row) {
    int mask = table.length - 1;
    int gap = placeOf(row.time);
    for (int next = (gap + 1) & mask; table[next] != null; next = (next + 1) & mask) {
      if (((next - home(table[next].time)) & mask) >= ((next - gap) & mask)) {
        table[gap] = table[next];
        gap = next;
      }
    }
    table[gap] = null;
    if (table.length > FEWEST_PLACES && order.size() < table.length / 8) {
      rebuild(table.length / 2);
    }
  }

  private void lookAgain() {
    first = order.peek();
    recent = null;
  }

  int size() {
    return size;
  }

  /** Gets places of entries. */
  interface Places {
    void look(int group, int hash);
  }

  /**
   * Shows the places of the entries that come next at the first one's time; before every so many
   * entries of such a time, and in between nothing.
   */
  void ahead(int entries, Places to) {
    Row row = front();
    if (row != null && row.from % entries == 0) {
      int end = Math.min(row.to, row.from + entries);
      for (int at = row.from; at < end; at++) {
        to.look(row.group(at), row.hash(at));
      }
    }
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
    settle();
    size = 0;
    for (Row row : order) {
      row.sortOut(times);
      size += row.size();
    }
    order.removeIf(row -> row.size() == 0);
    rebuild(table.length);
    lookAgain();
  }

  /** The entries of one time, in the order in which they were added. */
  private static final class Row {
    /** In place of a key that is {@code null}. */
    private static final Object NULL = new Object();

    final long time;

    /** Of the first entry; those before were removed. */
    int from;

    private int to;

    /** What keys are that are kept as numbers; {@code null} if none are. */
    private final Class<?> keyBox;

    /** Of each entry its group and hash, and its key if that is kept as number. */
    private long[] numbers = new long[2];

    /** Keys that are objects; {@code null} if there are none. */
    private Object[] keys;

    Row(long time, Object firstKey) {
      this.time = time;
      boolean isNumber = firstKey instanceof Long || firstKey instanceof Integer;
      this.keyBox = isNumber ? firstKey.getClass() : null;
    }

    int size() {
      return to - from;
    }

    Entry entry(int at) {
      return new Entry(time, group(at), hash(at), key(at));
    }

    int group(int at) {
      return (int) (numbers[2 * at] >>> 32);
    }

    int hash(int at) {
      return (int) numbers[2 * at];
    }

    private Object key(int at) {
      if (keys != null && keys[at] != null) {
        return keys[at] == NULL ? null : keys[at];
      }
      long number = numbers[2 * at + 1];
      return keyBox == Long.class ? (Object) number : (Object) (int) number;
    }

    /** Has what the next entry needs brought from memory. */
    long look() {
      return numbers[Math.min(2 * to, numbers.length - 1)];
    }

    void add(int group, int hash, Object key) {
      if (2 * to == numbers.length) {
        makeRoom();
      }
      numbers[2 * to] = (long) group << 32 | hash & 0xffffffffL;
      if (key != null && key.getClass() == keyBox) {
        numbers[2 * to + 1] = ((Number) key).longValue();
      } else {
        if (keys == null) {
          keys = new Object[numbers.length / 2];
        }
        keys[to] = key == null ? NULL : key;
      }
      to++;
    }

    /** What was removed gives room enough if it is half. */
    private void makeRoom() {
      int left = size();
      int places = numbers.length / 2;
      boolean grow = from <= places / 2;
      long[] newNumbers = grow ? new long[2 * numbers.length] : numbers;
      System.arraycopy(numbers, 2 * from, newNumbers, 0, 2 * left);
      numbers = newNumbers;
      if (keys != null) {
        Object[] newKeys = grow ? new Object[2 * places] : keys;
        System.arraycopy(keys, from, newKeys, 0, left);
        keys = newKeys;
      }
      endAt(left);
    }

    /** The entries have moved to the beginning. */
    private void endAt(int end) {
      if (keys != null && end < to) {
        Arrays.fill(keys, end, Math.min(to, keys.length), null);
      }
      from = 0;
      to = end;
    }

    void removeFirst() {
      if (keys != null) {
        keys[from] = null;
      }
      from++;
    }

    void sortOut(Function<Entry, long[]> times) {
      BitSet stay = staying(times);
      int kept = 0;
      for (int at = stay.nextSetBit(0); at >= 0; at = stay.nextSetBit(at + 1)) {
        numbers[2 * kept] = numbers[2 * at];
        numbers[2 * kept + 1] = numbers[2 * at + 1];
        if (keys != null) {
          keys[kept] = keys[at];
        }
        kept++;
      }
      endAt(kept);
      if (kept > 0 && kept < numbers.length / 8) {
        numbers = Arrays.copyOf(numbers, 2 * kept);
        keys = keys == null ? null : Arrays.copyOf(keys, kept);
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
      return numbers[2 * at];
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
