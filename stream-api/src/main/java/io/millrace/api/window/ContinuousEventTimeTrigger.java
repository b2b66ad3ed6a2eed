package io.millrace.api.window;

import io.millrace.api.operator.Timestamps;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import java.time.Duration;
import java.util.List;

/** Fires at regular intervals of event time and at the end of the window. */
public final class ContinuousEventTimeTrigger<W extends Window> extends Trigger<Object, W> {
  private final long interval;
  private final ReducingStateDescriptor<Long> nextFire =
      new ReducingStateDescriptor<>("fire-time", Math::min, Long.class);

  private ContinuousEventTimeTrigger(long interval) {
    this.interval = interval;
  }

  /**
   * @param interval at least 1 ms; fires at multiples of it since the epoch
   */
  public static <W extends Window> ContinuousEventTimeTrigger<W> of(Duration interval) {
    return new ContinuousEventTimeTrigger<>(Lengths.positive("the interval", interval));
  }

  @Override
  public List<StateDescriptor> states() {
    return List.of(nextFire);
  }

  @Override
  public TriggerResult onElement(Object element, long timestamp, W window, TriggerContext ctx)
      throws Exception {
    if (window.maxTimestamp() <= ctx.getCurrentWatermark()) {
      return TriggerResult.FIRE;
    }
    ctx.registerEventTimeTimer(window.maxTimestamp());
    ReducingState<Long> fireAt = ctx.getPartitionedState(nextFire);
    if (fireAt.get() == null) {
      long begin =
          TimeWindow.getWindowStartWithOffset(EventTime.of(timestamp, interval), 0, interval);
      setNext(begin, window, ctx, fireAt);
    }
    return TriggerResult.CONTINUE;
  }

  @Override
  public TriggerResult onEventTime(long time, W window, TriggerContext ctx) throws Exception {
    if (time == window.maxTimestamp()) {
      return TriggerResult.FIRE;
    }
    ReducingState<Long> fireAt = ctx.getPartitionedState(nextFire);
    Long due = fireAt.get();
    if (due == null || due != time) {
      return TriggerResult.CONTINUE;
    }
    fireAt.clear();
    setNext(time, window, ctx, fireAt);
    return TriggerResult.FIRE;
  }

  @Override
  public TriggerResult onProcessingTime(long time, W window, TriggerContext ctx) {
    return TriggerResult.CONTINUE;
  }

  @Override
  public void clear(W window, TriggerContext ctx) {
    ReducingState<Long> fireAt = ctx.getPartitionedState(nextFire);
    Long due = fireAt.get();
    if (due != null) {
      ctx.deleteEventTimeTimer(due);
      fireAt.clear();
    }
    ctx.deleteEventTimeTimer(window.maxTimestamp());
  }

  @Override
  public boolean canMerge() {
    return true;
  }

  @Override
  public void onMerge(W window, OnMergeContext ctx) throws Exception {
    ctx.mergePartitionedState(nextFire);
    Long due = ctx.getPartitionedState(nextFire).get();
    if (due != null) {
      ctx.registerEventTimeTimer(due);
    }
  }

  private static boolean endless(Window window) {
    return window.maxTimestamp() == Long.MAX_VALUE;
  }

  private void setNext(long time, W window, TriggerContext ctx, ReducingState<Long> fireAt)
      throws Exception {
    // At the end of all input a window without an end would otherwise fire for ever.
    boolean last = ctx.getCurrentWatermark() == Timestamps.MAX_WATERMARK && endless(window);
    long next = last ? window.maxTimestamp() : Math.min(time + interval, window.maxTimestamp());
    fireAt.add(next);
    ctx.registerEventTimeTimer(next);
  }
}
