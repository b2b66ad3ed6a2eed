package io.millrace.api.window;

import java.time.Duration;

/** Keeps the records that are at most so much older than the youngest one. */
public final class TimeEvictor<W extends Window> implements Evictor<Object, W> {
  private final long windowSize;
  private final boolean doEvictAfter;

  private TimeEvictor(long windowSize, boolean doEvictAfter) {
    this.windowSize = windowSize;
    this.doEvictAfter = doEvictAfter;
  }

  /** Removes the others before the window is computed. */
  public static <W extends Window> TimeEvictor<W> of(Duration windowSize) {
    return of(windowSize, false);
  }

  /**
   * @param windowSize at least 1 ms
   * @param doEvictAfter whether to remove the others after the window was computed
   */
  public static <W extends Window> TimeEvictor<W> of(Duration windowSize, boolean doEvictAfter) {
    return new TimeEvictor<>(Lengths.positive("the time to keep", windowSize), doEvictAfter);
  }

  @Override
  public void evictBefore(
      Iterable<TimestampedValue<Object>> elements, int size, W window, EvictorContext context) {
    if (!doEvictAfter) {
      evict(elements);
    }
  }

  @Override
  public void evictAfter(
      Iterable<TimestampedValue<Object>> elements, int size, W window, EvictorContext context) {
    if (doEvictAfter) {
      evict(elements);
    }
  }

  private void evict(Iterable<TimestampedValue<Object>> elements) {
    long youngest = Long.MIN_VALUE;
    for (TimestampedValue<Object> element : elements) {
      youngest = Math.max(youngest, element.timestamp());
    }
    if (youngest == Long.MIN_VALUE) {
      return; // no record has a time
    }
    long limit = youngest - windowSize;
    for (var each = elements.iterator(); each.hasNext(); ) {
      if (each.next().timestamp() <= limit) {
        each.remove();
      }
    }
  }
}
