package io.millrace.api.operator.window;

import java.io.Serializable;

/**
 * Windows of one size at regular intervals, cut where any of them starts or ends: at most two
 * slices for each interval, however the size and the interval fit (pairs: Krishnamurthy, Wu,
 * Franklin, "On-the-fly sharing for streamed aggregation", SIGMOD 2006). Where the interval divides
 * the size, a slice is as long as an interval.
 *
 * @param size of a window in milliseconds
 * @param slide from one window's start to the next
 * @param offset of a window's start from the multiples of the slide
 * @param lateness how long a window takes records after its end
 */
record SliceGrid(long size, long slide, long offset, long lateness) implements Serializable {
  static final long NONE = Long.MIN_VALUE;

  /** Which records are in a slice that is known by its start; lateness has no part in that. */
  String inWords() {
    return "slices of windows of "
        + size
        + " ms every "
        + slide
        + " ms"
        + (Math.floorMod(offset, slide) == 0
            ? ""
            : ", offset " + Math.floorMod(offset, slide) + " ms");
  }

  /** The same windows, but so much later. */
  SliceGrid moved(long millis) {
    return new SliceGrid(size, slide, (offset + millis) % slide, lateness);
  }

  /** Whether a record of that time has windows whose ends are times. */
  boolean holds(long time) {
    long reach = WindowSpec.later(size, slide);
    return time <= Long.MAX_VALUE - reach && time >= Long.MIN_VALUE + reach;
  }

  /** The start of the slice that a time belongs to; {@link #NONE} if it lies between windows. */
  long sliceOf(long time) {
    long sinceStart = Math.floorMod(time - offset, slide);
    // Some window ends so long after each start of a window.
    long cut = size % slide;
    if (sinceStart < cut || cut == 0) {
      return time - sinceStart;
    }
    return size < slide ? NONE : time - sinceStart + cut;
  }

  /** When the slice, or the time between windows, ends that a time belongs to. */
  long endOf(long time) {
    long sinceStart = Math.floorMod(time - offset, slide);
    long cut = size % slide;
    return time - sinceStart + (sinceStart < cut ? cut : slide);
  }

  /** The highest timestamp of the first window that holds a slice. */
  long firstEnd(long slice) {
    long before = slice - size;
    return before - Math.floorMod(before - offset, slide) + slide + size - 1;
  }

  /** The highest timestamp of the last window that holds a slice. */
  long lastEnd(long slice) {
    return slice - Math.floorMod(slice - offset, slide) + size - 1;
  }

  /** When no window needs a slice any more. */
  long forgottenAt(long slice) {
    return WindowSpec.later(lastEnd(slice), lateness);
  }

  /** The next time after the given one at which a window ends that holds the slice, or NONE. */
  long nextEnd(long slice, long time) {
    long first = firstEnd(slice);
    if (time < first) {
      return first;
    }
    long next = first + ((time - first) / slide + 1) * slide;
    return next <= lastEnd(slice) ? next : NONE;
  }

  /** The earliest time whose first window to end is the one with this highest timestamp. */
  long earliestOf(long end) {
    return end + 1 - Math.min(size, slide);
  }

  /** Whether a window has this highest timestamp. */
  boolean isEnd(long time) {
    return Math.floorMod(time + 1 - size - offset, slide) == 0;
  }
}
