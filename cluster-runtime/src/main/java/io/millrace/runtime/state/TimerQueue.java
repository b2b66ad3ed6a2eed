package io.millrace.runtime.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Function;

/**
 * The order in which timers fire. What is set is kept in a {@link StateTable}; this queue is an
 * index over it that may hold entries whose timer was deleted since: as many as there are timers,
 * and a few more. Beyond that they are sorted out, which costs each deletion a constant share.
 */
final class TimerQueue {
  /** So many do not matter. */
  private static final int SPARE = 64;

  private final PriorityQueue<Entry> queue = new PriorityQueue<>();
  private long added;

  /** Timers that are set. */
  private int live;

  /** A timer was set that was not set before. */
  void add(long time, int group, int hash, Object key) {
    queue.add(new Entry(time, added++, group, hash, key));
    live++;
  }

  Entry peek() {
    return queue.peek();
  }

  void remove() {
    queue.poll();
  }

  int size() {
    return queue.size();
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
    if (queue.size() > 2 * (long) live + SPARE) {
      sortOut(times);
    }
  }

  /** Of each timer the first entry stays, so the order is what it would have been without. */
  private void sortOut(Function<Entry, long[]> times) {
    var entries = new ArrayList<Entry>();
    for (Entry entry : queue) {
      long[] ofKey = times.apply(entry);
      if (ofKey != null && Arrays.binarySearch(ofKey, entry.time()) >= 0) {
        entries.add(entry);
      }
    }
    queue.clear();
    entries.sort(
        Comparator.comparingLong(Entry::time)
            .thenComparingInt(Entry::group)
            .thenComparingInt(Entry::hash)
            .thenComparingLong(Entry::order));
    var alike = new ArrayList<long[]>();
    Entry last = null;
    for (Entry entry : entries) {
      if (last == null || !entry.mayBe(last)) {
        alike.clear();
      }
      last = entry;
      // The array belongs to one key: the same one again is another entry of the same timer.
      long[] ofKey = times.apply(entry);
      if (!holds(alike, ofKey)) {
        alike.add(ofKey);
        queue.add(entry);
      }
    }
  }

  private static boolean holds(List<long[]> arrays, long[] wanted) {
    for (long[] each : arrays) {
      if (each == wanted) {
        return true;
      }
    }
    return false;
  }

  /**
   * @param order of insertion, decides between equal times
   */
  record Entry(long time, long order, int group, int hash, Object key)
      implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      int byTime = Long.compare(time, other.time);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }

    /** Whether it may be of the same timer. */
    boolean mayBe(Entry other) {
      return time == other.time && group == other.group && hash == other.hash;
    }
  }
}
