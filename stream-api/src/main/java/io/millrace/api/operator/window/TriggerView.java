package io.millrace.api.operator.window;

import io.millrace.api.operator.EventClock;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.Window;
import java.util.List;

/** What a trigger may ask, about whichever window is current. */
final class TriggerView<W extends Window, A> implements Trigger.OnMergeContext {
  private final OperatorContext context;
  private final Moment moment;
  private final EventClock clock;
  private final WindowStates<W> states;
  private KeyWindows<W, A> windows;
  private Pane<W, A> pane;
  private List<W> merged = List.of();

  TriggerView(OperatorContext context, Moment moment, EventClock clock, WindowStates<W> states) {
    this.context = context;
    this.moment = moment;
    this.clock = clock;
    this.states = states;
  }

  TriggerView<W, A> at(KeyWindows<W, A> ofKey, Pane<W, A> current) {
    windows = ofKey;
    pane = current;
    states.at(current.window);
    return this;
  }

  /** For the current window, which these have become. */
  TriggerView<W, A> mergedFrom(List<W> old) {
    merged = old;
    return this;
  }

  /** Has the operator called at that time, or earlier. */
  void want(TimerDomain domain, long time) {
    long set = windows.timer(domain);
    if (set == KeyWindows.NONE || time < set) {
      context.keyed().wakeAt(domain, time);
      windows.setTimer(domain, time);
    }
  }

  @Override
  public long getCurrentProcessingTime() {
    return moment.millis();
  }

  @Override
  public long getCurrentWatermark() {
    return clock.watermark();
  }

  @Override
  public void registerProcessingTimeTimer(long time) {
    register(TimerDomain.PROCESSING_TIME, time);
  }

  @Override
  public void registerEventTimeTimer(long time) {
    register(TimerDomain.EVENT_TIME, time);
  }

  private void register(TimerDomain domain, long time) {
    pane.addTimer(domain, time);
    want(domain, time);
  }

  @Override
  public void deleteProcessingTimeTimer(long time) {
    pane.removeTimer(TimerDomain.PROCESSING_TIME, time);
  }

  @Override
  public void deleteEventTimeTimer(long time) {
    pane.removeTimer(TimerDomain.EVENT_TIME, time);
  }

  @Override
  public <V> ValueState<V> getPartitionedState(ValueStateDescriptor<V> descriptor) {
    return states.getState(descriptor);
  }

  @Override
  public <V> ListState<V> getPartitionedState(ListStateDescriptor<V> descriptor) {
    return states.getListState(descriptor);
  }

  @Override
  public <K, V> MapState<K, V> getPartitionedState(MapStateDescriptor<K, V> descriptor) {
    return states.getMapState(descriptor);
  }

  @Override
  public <V> ReducingState<V> getPartitionedState(ReducingStateDescriptor<V> descriptor) {
    return states.getReducingState(descriptor);
  }

  @Override
  public <IN, ACC, OUT> AggregatingState<IN, OUT> getPartitionedState(
      AggregatingStateDescriptor<IN, ACC, OUT> descriptor) {
    return states.getAggregatingState(descriptor);
  }

  @Override
  public <V> void mergePartitionedState(ListStateDescriptor<V> descriptor) throws Exception {
    states.merge(descriptor, merged, pane.window);
  }

  @Override
  public <V> void mergePartitionedState(ReducingStateDescriptor<V> descriptor) throws Exception {
    states.merge(descriptor, merged, pane.window);
  }

  @Override
  public <IN, ACC, OUT> void mergePartitionedState(
      AggregatingStateDescriptor<IN, ACC, OUT> descriptor) throws Exception {
    states.merge(descriptor, merged, pane.window);
  }
}
