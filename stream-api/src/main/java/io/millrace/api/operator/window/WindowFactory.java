package io.millrace.api.operator.window;

import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.window.EventTimeTrigger;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.Window;

/**
 * Makes the operator that suits the windows.
 *
 * @param sharing whether windows may share what they have in common
 */
record WindowFactory<K, T, A, V, O, W extends Window>(
    WindowSpec<T, W> spec,
    Contents<T, A, V, W> contents,
    WindowCall<K, W, V, O> call,
    boolean sharing)
    implements OperatorFactory<T, O> {
  @Override
  public Operator<T, O> create() {
    SliceGrid grid = sharing ? grid() : null;
    return grid == null ? new WindowOperator<>(spec, contents, call) : slices(grid);
  }

  /** Null if the windows cannot be put together of slices. */
  private SliceGrid grid() {
    boolean plain = spec.evictor() == null && (Object) spec.firing() instanceof EventTimeTrigger;
    Object assigner = spec.assigner();
    if (plain && assigner instanceof TumblingEventTimeWindows tumbling) {
      // A window is one slice: nothing is ever merged.
      return contents instanceof Contents.Listed
          ? null
          : new SliceGrid(
              tumbling.getSize(), tumbling.getSize(), tumbling.getOffset(), spec.latenessMillis());
    }
    if (plain && assigner instanceof SlidingEventTimeWindows sliding && contents.mergeable()) {
      return new SliceGrid(
          sliding.getSize(), sliding.getSlide(), sliding.getOffset(), spec.latenessMillis());
    }
    return null;
  }

  @SuppressWarnings("unchecked") // those assigners make time windows
  private Operator<T, O> slices(SliceGrid grid) {
    return new SliceOperator<>(
        grid,
        (WindowSpec<T, TimeWindow>) spec,
        (Contents<T, A, V, TimeWindow>) contents,
        (WindowCall<K, TimeWindow, V, O>) call);
  }
}
