package io.millrace.api.window;

import io.millrace.api.type.TypeInformation;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** Windows of one size, one after the other, by event time. */
public final class TumblingEventTimeWindows extends WindowAssigner<Object, TimeWindow> {
  private final long size;
  private final long offset;
  private final WindowStagger stagger;

  private TumblingEventTimeWindows(long size, long offset, WindowStagger stagger) {
    this.size = size;
    this.offset = offset;
    this.stagger = Objects.requireNonNull(stagger, "stagger");
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
    return of(size, offset, WindowStagger.ALIGNED);
  }

  /**
   * Windows that start at multiples of their size plus an offset, and are moved further for each
   * key group.
   *
   * @param offset as above
   * @param stagger how far they are moved
   */
  public static TumblingEventTimeWindows of(Duration size, Duration offset, WindowStagger stagger) {
    long millis = Lengths.positive("the size of windows", size);
    return new TumblingEventTimeWindows(millis, Lengths.offset(offset, millis), stagger);
  }

  @Override
  public Collection<TimeWindow> assignWindows(
      Object element, long timestamp, WindowAssignerContext context) {
    long time = EventTime.of(timestamp, EventTime.sum(size, size));
    long start =
        TimeWindow.getWindowStartWithOffset(time, stagger.added(offset, size, context), size);
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

  /** Milliseconds, without what the windows of a key group are moved further. */
  public long getOffset() {
    return offset;
  }

  /** How far the windows of each key group are moved. */
  public WindowStagger getStagger() {
    return stagger;
  }

  @Override
  public String toString() {
    return "TumblingEventTimeWindows("
        + size
        + " ms"
        + (offset == 0 ? "" : ", offset " + offset + " ms")
        + (stagger == WindowStagger.ALIGNED ? ")" : ", " + stagger + ")");
  }
}
