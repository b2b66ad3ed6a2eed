package io.millrace.api.window;

import io.millrace.api.type.TypeInformation;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Windows of one size, one after the other, by event time. */
public final class TumblingEventTimeWindows extends WindowAssigner<Object, TimeWindow> {
  private final long size;
  private final long offset;

  private TumblingEventTimeWindows(long size, long offset) {
    this.size = size;
    this.offset = offset;
  }

  /** Windows that start at multiples of their size since the epoch; at least 1 ms. */
  public static TumblingEventTimeWindows of(Duration size) {
    return of(size, Duration.ZERO);
  }

  /**
   * Windows that start at multiples of their size plus an offset.
   *
   * @param offset nearer to 0 than the size; minus 8 hours makes days that begin at midnight in
   *     UTC+8
   */
  public static TumblingEventTimeWindows of(Duration size, Duration offset) {
    long millis = Lengths.positive("the size of windows", size);
    return new TumblingEventTimeWindows(millis, Lengths.offset(offset, millis));
  }

  @Override
  public Collection<TimeWindow> assignWindows(
      Object element, long timestamp, WindowAssignerContext context) {
    long start =
        TimeWindow.getWindowStartWithOffset(
            EventTime.of(timestamp, EventTime.sum(size, size)), offset, size);
    return List.of(new TimeWindow(start, start + size));
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
  public long getOffset() {
    return offset;
  }

  @Override
  public String toString() {
    return "TumblingEventTimeWindows("
        + size
        + " ms"
        + (offset == 0 ? ")" : ", offset " + offset + " ms)");
  }
}
