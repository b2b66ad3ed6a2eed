package io.millrace.api.window;

import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import java.util.List;

/** Fires when a window has got so many records since it fired last. */
public final class CountTrigger<W extends Window> extends Trigger<Object, W> {
  private final long maxCount;
  private final ReducingStateDescriptor<Long> count =
      new ReducingStateDescriptor<>("count", Long::sum, Long.class);

  private CountTrigger(long maxCount) {
    if (maxCount < 1) {
      throw new IllegalArgumentException("the count must be at least 1, found " + maxCount);
    }
    this.maxCount = maxCount;
  }

  /**
   * @param maxCount at least 1
   */
  public static <W extends Window> CountTrigger<W> of(long maxCount) {
    return new CountTrigger<>(maxCount);
  }

  @Override
  public List<StateDescriptor> states() {
    return List.of(count);
  }

  @Override
  public TriggerResult onElement(Object element, long timestamp, W window, TriggerContext ctx)
      throws Exception {
    ReducingState<Long> seen = ctx.getPartitionedState(count);
    seen.add(1L);
    if (seen.get() < maxCount) {
      return TriggerResult.CONTINUE;
    }
    seen.clear();
    return TriggerResult.FIRE;
  }

  @Override
  public TriggerResult onEventTime(long time, W window, TriggerContext ctx) {
    return TriggerResult.CONTINUE;
  }

  @Override
  public TriggerResult onProcessingTime(long time, W window, TriggerContext ctx) {
    return TriggerResult.CONTINUE;
  }

  @Override
  public void clear(W window, TriggerContext ctx) {
    ctx.getPartitionedState(count).clear();
  }

  @Override
  public boolean canMerge() {
    return true;
  }

  @Override
  public void onMerge(W window, OnMergeContext ctx) throws Exception {
    ctx.mergePartitionedState(count);
  }
}
