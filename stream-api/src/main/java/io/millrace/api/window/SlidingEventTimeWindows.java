package io.millrace.api.window;

import io.millrace.api.type.TypeInformation;
import java.time.Duration;
import java.util.Collection;

/** Windows of one size that start at regular intervals and may overlap, by event time. */
public final class SlidingEventTimeWindows extends WindowAssigner<Object, TimeWindow> {
  private final long size;
  private final long slide;
  private final long offset;

  private SlidingEventTimeWindows(long size, long slide, long offset) {
    this.size = size;
    this.slide = slide;
    this.offset = offset;
  }

  /**
   * Windows that start at multiples of {@code slide} since the epoch.
   *
   * @param slide at least 1 ms; where it is more than the size, records between two windows belong
   *     to none
   */
  public static SlidingEventTimeWindows of(Duration size, Duration slide) {
    return of(size, slide, Duration.ZERO);
  }

  /**
   * Windows that start at multiples of {@code slide} plus an offset.
   *
   * @param offset nearer to 0 than the slide
   */
  public static SlidingEventTimeWindows of(Duration size, Duration slide, Duration offset) {
    long slideMillis = Lengths.positive("the slide of windows", slide);
    return new SlidingEventTimeWindows(
        Lengths.positive("the size of windows", size),
        slideMillis,
        Lengths.offset(offset, slideMillis));
  }

  @Override
  public Collection<TimeWindow> assignWindows(
      Object element, long timestamp, WindowAssignerContext context) {
    return TimeWindow.sliding(
        EventTime.of(timestamp, EventTime.sum(size, slide)), size, slide, offset);
  }

  @Override
  public Trigger<Object, TimeWindow> getDefaultTrigger() {
    return EventTimeTrigger.create();
  }

  @Override
  public boolean isEventTime() {
    return true;
  }

  @Override
  public TypeInformation<TimeWindow> getWindowType() {
    return TimeWindow.TYPE;
  }

  /** Milliseconds. */
  public long getSize() {
    return size;
  }

  /** Milliseconds. */
  public long getSlide() {
    return slide;
  }

  /** Milliseconds. */
  public long getOffset() {
    return offset;
  }

  @Override
  public String toString() {
    return "SlidingEventTimeWindows("
        + size
        + " ms every "
        + slide
        + (offset == 0 ? " ms)" : " ms, offset " + offset + " ms)");
  }
}
