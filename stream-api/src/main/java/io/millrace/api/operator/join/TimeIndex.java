package io.millrace.api.operator.join;

import java.util.Arrays;

/**
 * Where the records of one side and key are: chunks in the order of time. A POJO, so that it is
 * written without marks. See {@link TimeBuffer}.
 */
public final class TimeIndex {
  private static final long[] NONE = {};

  /** Of each chunk the time of its first record, ascending. */
  public long[] firsts = NONE;

  /** Of each chunk the key in the map. */
  public long[] places = NONE;

  /** The place that the next new chunk gets. */
  public long next;

  public TimeIndex() {}

  int size() {
    return firsts.length;
  }

  boolean isEmpty() {
    return firsts.length == 0;
  }

  /** The earliest time of all records. */
  long earliest() {
    return firsts[0];
  }

  /** How many chunks begin before a time. */
  int beginBefore(long time) {
    int low = 0;
    int high = firsts.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (firsts[middle] < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The last chunk that begins at or before a time; the first if none does. */
  int lastFor(long time) {
    int at = time == Long.MAX_VALUE ? size() : beginBefore(time + 1);
    return Math.max(0, at - 1);
  }

  /** A new chunk in front of the one with that number; returns its place. */
  long insert(int at, long first) {
    firsts = with(firsts, at, first);
    places = with(places, at, next);
    return next++;
  }

  private static long[] with(long[] before, int at, long value) {
    long[] more = Arrays.copyOf(before, before.length + 1);
    System.arraycopy(before, at, more, at + 1, before.length - at);
    more[at] = value;
    return more;
  }

  void removeFirst(int count) {
    firsts = Arrays.copyOfRange(firsts, count, firsts.length);
    places = Arrays.copyOfRange(places, count, places.length);
  }
}
