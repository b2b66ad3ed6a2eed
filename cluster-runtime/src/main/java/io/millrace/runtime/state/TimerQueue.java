package io.millrace.runtime.state;

import java.util.PriorityQueue;

/**
 * The order in which timers fire. What is set is kept in a {@link StateTable}; this queue is an
 * index over it that may hold entries whose timer was deleted since.
 */
final class TimerQueue {
  private final PriorityQueue<Entry> queue = new PriorityQueue<>();
  private long added;

  void add(long time, int group, int hash, Object key) {
    queue.add(new Entry(time, added++, group, hash, key));
  }

  Entry peek() {
    return queue.peek();
  }

  void remove() {
    queue.poll();
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
  }
}
