package io.millrace.api.window;

import io.millrace.api.type.TypeInformation;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** Sessions by the wall clock in which each record says how long it keeps its session open. */
public final class DynamicProcessingTimeSessionWindows<T>
    extends MergingWindowAssigner<T, TimeWindow> {
  private final SessionWindowTimeGapExtractor<T> extractor;

  private DynamicProcessingTimeSessionWindows(SessionWindowTimeGapExtractor<T> extractor) {
    this.extractor = Objects.requireNonNull(extractor, "extractor");
  }

  /** Asks the extractor for each record's gap. */
  public static <T> DynamicProcessingTimeSessionWindows<T> withDynamicGap(
      SessionWindowTimeGapExtractor<T> extractor) {
    return new DynamicProcessingTimeSessionWindows<>(extractor);
  }

  @Override
  public Collection<TimeWindow> assignWindows(
      T element, long timestamp, WindowAssignerContext context) {
    long start = context.getCurrentProcessingTime();
    return List.of(
        new TimeWindow(start, start + SessionWindowTimeGapExtractor.checked(extractor, element)));
  }

  @Override
  public void mergeWindows(Collection<TimeWindow> windows, MergeCallback<TimeWindow> callback) {
    TimeWindow.mergeWindows(windows, callback);
  }

  @Override
  @SuppressWarnings("unchecked") // the trigger looks at no record
  public Trigger<T, TimeWindow> getDefaultTrigger() {
    return (Trigger<T, TimeWindow>) (Trigger<?, TimeWindow>) ProcessingTimeTrigger.create();
  }

  @Override
  public boolean isEventTime() {
    return false;
  }

  @Override
  public TypeInformation<TimeWindow> getWindowType() {
    return TimeWindow.TYPE;
  }
}
