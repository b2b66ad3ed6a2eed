package io.millrace.api.window;

import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import java.time.Duration;
import java.util.List;

/**
 * Fires at regular intervals of the wall clock as long as the window lasts, and when the wall clock
 * comes to its end.
 */
public final class ContinuousProcessingTimeTrigger<W extends Window> extends Trigger<Object, W> {
  private final long interval;
  private final ReducingStateDescriptor<Long> nextFire =
      new ReducingStateDescriptor<>("fire-time", Math::min, Long.class);

  private ContinuousProcessingTimeTrigger(long interval) {
    this.interval = interval;
  }

  /**
   * @param interval at least 1 ms; fires at multiples of it since the epoch
   */
  public static <W extends Window> ContinuousProcessingTimeTrigger<W> of(Duration interval) {
    return new ContinuousProcessingTimeTrigger<>(Lengths.positive("the interval", interval));
  }

  @Override
  public List<StateDescriptor> states() {
    return List.of(nextFire);
  }

  @Override
  public TriggerResult onElement(Object element, long timestamp, W window, TriggerContext ctx)
      throws Exception {
    ReducingState<Long> fireAt = ctx.getPartitionedState(nextFire);
    if (fireAt.get() == null) {
      long now = ctx.getCurrentProcessingTime();
      setNext(TimeWindow.getWindowStartWithOffset(now, 0, interval), now, window, ctx, fireAt);
    }
    return TriggerResult.CONTINUE;
  }

  @Override
  public TriggerResult onEventTime(long time, W window, TriggerContext ctx) {
    return TriggerResult.CONTINUE;
  }

  @Override
  public TriggerResult onProcessingTime(long time, W window, TriggerContext ctx) throws Exception {
    ReducingState<Long> fireAt = ctx.getPartitionedState(nextFire);
    Long due = fireAt.get();
    if (due == null || due != time) {
      return TriggerResult.CONTINUE;
    }
    fireAt.clear();
    setNext(time, time + 1, window, ctx, fireAt);
    return TriggerResult.FIRE;
  }

  @Override
  public void clear(W window, TriggerContext ctx) {
    ReducingState<Long> fireAt = ctx.getPartitionedState(nextFire);
    Long due = fireAt.get();
    if (due != null) {
      ctx.deleteProcessingTimeTimer(due);
      fireAt.clear();
    }
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
      ctx.registerProcessingTimeTimer(due);
    }
  }

  /**
   * @param earliest the end counts from then on: the wall clock may have passed it since, and the
   *     window is to be computed all the same
   */
  private void setNext(
      long time, long earliest, W window, TriggerContext ctx, ReducingState<Long> fireAt)
      throws Exception {
    long next = time + interval;
    // A window of event time may last beyond its end by the wall clock, or lie far behind it.
    if (window.maxTimestamp() >= earliest) {
      next = Math.min(next, window.maxTimestamp());
    }
    fireAt.add(next);
    ctx.registerProcessingTimeTimer(next);
  }
}
