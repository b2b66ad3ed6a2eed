package io.millrace.api.window;

import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The time from {@code start}, included, to {@code end}, not included, in milliseconds since the
 * epoch.
 */
public record TimeWindow(long start, long end) implements Window {
  /** The type of these windows. */
  public static final TypeInformation<TimeWindow> TYPE = TypeInformation.of(TimeWindow.class);

  /** Milliseconds since the epoch, included. */
  public long getStart() {
    return start;
  }

  /** Milliseconds since the epoch, not included. */
  public long getEnd() {
    return end;
  }

  @Override
  public long maxTimestamp() {
    return end - 1;
  }

  /** In the form that is usual in the field: programs print windows. */
  @Override
  public String toString() {
    return "TimeWindow{start=" + start + ", end=" + end + "}";
  }

  /** Whether the two overlap or touch. */
  public boolean intersects(TimeWindow other) {
    return start <= other.end && end >= other.start;
  }

  /** The smallest window that holds both. */
  public TimeWindow cover(TimeWindow other) {
    return new TimeWindow(Math.min(start, other.start), Math.max(end, other.end));
  }

  /**
   * The start of the window of the given size into which a timestamp falls, where windows start at
   * the offset and at each multiple of their size from there.
   */
  public static long getWindowStartWithOffset(long timestamp, long offset, long windowSize) {
    return timestamp - Math.floorMod(timestamp - offset, windowSize);
  }

  /** All windows of a size that start every {@code slide} and hold the timestamp, latest first. */
  static List<TimeWindow> sliding(long timestamp, long size, long slide, long offset) {
    var windows = new ArrayList<TimeWindow>((int) Math.min(1_000, size / slide + 1));
    long start = getWindowStartWithOffset(timestamp, offset, slide);
    for (; start > timestamp - size; start -= slide) {
      windows.add(new TimeWindow(start, start + size));
    }
    return windows;
  }

  /** Merges all that overlap or touch, directly or by way of others. */
  static void mergeWindows(
      Collection<TimeWindow> windows, MergingWindowAssigner.MergeCallback<TimeWindow> callback) {
    var sorted = new ArrayList<>(windows);
    sorted.sort(Comparator.comparingLong(TimeWindow::start).thenComparingLong(TimeWindow::end));
    int first = 0;
    while (first < sorted.size()) {
      TimeWindow merged = sorted.get(first);
      int next = first + 1;
      while (next < sorted.size() && merged.intersects(sorted.get(next))) {
        merged = merged.cover(sorted.get(next++));
      }
      if (next - first > 1) {
        callback.merge(sorted.subList(first, next), merged);
      }
      first = next;
    }
  }
}
