package io.millrace.api.window;

import io.millrace.api.type.TypeInformation;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Windows that last as long as records keep coming, by event time: sessions. */
public final class EventTimeSessionWindows extends MergingWindowAssigner<Object, TimeWindow> {
  private final long gap;

  private EventTimeSessionWindows(long gap) {
    this.gap = gap;
  }

  /**
   * Sessions that end when no record of the key has come for this long; two records exactly so far
   * apart still share one.
   *
   * @param gap at least 1 ms
   */
  public static EventTimeSessionWindows withGap(Duration gap) {
    return new EventTimeSessionWindows(Lengths.positive("the gap of sessions", gap));
  }

  /** Sessions in which each record says how long it keeps its session open. */
  public static <T> DynamicEventTimeSessionWindows<T> withDynamicGap(
      SessionWindowTimeGapExtractor<T> extractor) {
    return DynamicEventTimeSessionWindows.withDynamicGap(extractor);
  }

  @Override
  public Collection<TimeWindow> assignWindows(
      Object element, long timestamp, WindowAssignerContext context) {
    long start = EventTime.of(timestamp, gap);
    return List.of(new TimeWindow(start, start + gap));
  }

  @Override
  public void mergeWindows(Collection<TimeWindow> windows, MergeCallback<TimeWindow> callback) {
    TimeWindow.mergeWindows(windows, callback);
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

  @Override
  public String toString() {
    return "EventTimeSessionWindows(gap " + gap + " ms)";
  }
}
