package io.millrace.api.window;

import io.millrace.api.type.TypeInformation;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** Sessions by event time in which each record says how long it keeps its session open. */
public final class DynamicEventTimeSessionWindows<T> extends MergingWindowAssigner<T, TimeWindow> {
  private final SessionWindowTimeGapExtractor<T> extractor;

  private DynamicEventTimeSessionWindows(SessionWindowTimeGapExtractor<T> extractor) {
    this.extractor = Objects.requireNonNull(extractor, "extractor");
  }

  /** Asks the extractor for each record's gap. */
  public static <T> DynamicEventTimeSessionWindows<T> withDynamicGap(
      SessionWindowTimeGapExtractor<T> extractor) {
    return new DynamicEventTimeSessionWindows<>(extractor);
  }

  @Override
  public Collection<TimeWindow> assignWindows(
      T element, long timestamp, WindowAssignerContext context) {
    long gap = SessionWindowTimeGapExtractor.checked(extractor, element);
    long start = EventTime.of(timestamp, gap);
    return List.of(new TimeWindow(start, start + gap));
  }

  @Override
  public void mergeWindows(Collection<TimeWindow> windows, MergeCallback<TimeWindow> callback) {
    TimeWindow.mergeWindows(windows, callback);
  }

  @Override
  @SuppressWarnings("unchecked") // the trigger looks at no record
  public Trigger<T, TimeWindow> getDefaultTrigger() {
    return (Trigger<T, TimeWindow>) (Trigger<?, TimeWindow>) EventTimeTrigger.create();
  }

  @Override
  public boolean isEventTime() {
    return true;
  }

  @Override
  public TypeInformation<TimeWindow> getWindowType() {
    return TimeWindow.TYPE;
  }
}
