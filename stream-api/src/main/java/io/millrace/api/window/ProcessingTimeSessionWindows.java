package io.millrace.api.window;

import io.millrace.api.type.TypeInformation;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Windows that last as long as records keep coming, by the wall clock: sessions. */
public final class ProcessingTimeSessionWindows extends MergingWindowAssigner<Object, TimeWindow> {
  private final long gap;

  private ProcessingTimeSessionWindows(long gap) {
    this.gap = gap;
  }

  /**
   * Sessions that end when no record of the key has come for this long; two records exactly so far
   * apart still share one.
   *
   * @param gap at least 1 ms
   */
  public static ProcessingTimeSessionWindows withGap(Duration gap) {
    return new ProcessingTimeSessionWindows(Lengths.positive("the gap of sessions", gap));
  }

  /** Sessions in which each record says how long it keeps its session open. */
  public static <T> DynamicProcessingTimeSessionWindows<T> withDynamicGap(
      SessionWindowTimeGapExtractor<T> extractor) {
    return DynamicProcessingTimeSessionWindows.withDynamicGap(extractor);
  }

  @Override
  public Collection<TimeWindow> assignWindows(
      Object element, long timestamp, WindowAssignerContext context) {
    long start = context.getCurrentProcessingTime();
    return List.of(new TimeWindow(start, start + gap));
  }

  @Override
  public void mergeWindows(Collection<TimeWindow> windows, MergeCallback<TimeWindow> callback) {
    TimeWindow.mergeWindows(windows, callback);
  }

  @Override
  public Trigger<Object, TimeWindow> getDefaultTrigger() {
    return ProcessingTimeTrigger.create();
  }

  @Override
  public boolean isEventTime() {
    return false;
  }

  @Override
  public TypeInformation<TimeWindow> getWindowType() {
    return TimeWindow.TYPE;
  }

  @Override
  public String toString() {
    return "ProcessingTimeSessionWindows(gap " + gap + " ms)";
  }
}
