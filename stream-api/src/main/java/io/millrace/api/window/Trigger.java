package io.millrace.api.window;

import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.io.Serializable;
import java.util.List;

/**
 * Tells when a window is computed. One object serves all windows of a subtask: what it has to
 * remember of a window it keeps in {@link TriggerContext#getPartitionedState}.
 *
 * @param <T> records
 * @param <W> windows
 */
public abstract class Trigger<T, W extends Window> implements Serializable {
  /** A record was added to the window. */
  public abstract TriggerResult onElement(T element, long timestamp, W window, TriggerContext ctx)
      throws Exception;

  /** A processing-time timer of the window has come due, or the window ends by the wall clock. */
  public abstract TriggerResult onProcessingTime(long time, W window, TriggerContext ctx)
      throws Exception;

  /**
   * An event-time timer of the window has come due, or the window is about to be forgotten because
   * the watermark has passed its end and the allowed lateness.
   */
  public abstract TriggerResult onEventTime(long time, W window, TriggerContext ctx)
      throws Exception;

  /**
   * What the trigger remembers of each window: the very descriptors that it asks with, told once
   * before the first record. State that is not named here may be used all the same, but {@code
   * millrace state check} cannot say whether it can be restored.
   */
  public List<StateDescriptor> states() {
    return List.of();
  }

  /** Whether {@link #onMerge} works; windows that merge need it. */
  public boolean canMerge() {
    return false;
  }

  /**
   * Several windows have become the given one. Merges what the trigger remembers of them and sets
   * the timers of the new window; {@link #clear} is then called for each of the old ones.
   */
  public void onMerge(W window, OnMergeContext ctx) throws Exception {
    throw new UnsupportedOperationException(
        getClass().getSimpleName() + " cannot merge; override canMerge and onMerge");
  }

  /** The window ends: forgets what the trigger remembers of it and deletes its timers. */
  public abstract void clear(W window, TriggerContext ctx) throws Exception;

  /** Time, timers and state of the window in question. */
  public interface TriggerContext {
    /** The wall clock of the machine. */
    long getCurrentProcessingTime();

    /** The watermark, {@code Long.MIN_VALUE} before the first one. */
    long getCurrentWatermark();

    /** Has {@link Trigger#onProcessingTime} called at that time for this window. */
    void registerProcessingTimeTimer(long time);

    /** Has {@link Trigger#onEventTime} called once the watermark reaches that time. */
    void registerEventTimeTimer(long time);

    void deleteProcessingTimeTimer(long time);

    void deleteEventTimeTimer(long time);

    /** A value for this key and window. */
    <V> ValueState<V> getPartitionedState(ValueStateDescriptor<V> descriptor);

    /** A list for this key and window. */
    <V> ListState<V> getPartitionedState(ListStateDescriptor<V> descriptor);

    /** A map for this key and window. */
    <K, V> MapState<K, V> getPartitionedState(MapStateDescriptor<K, V> descriptor);

    /** A reduced value for this key and window. */
    <V> ReducingState<V> getPartitionedState(ReducingStateDescriptor<V> descriptor);

    /** An accumulator for this key and window. */
    <IN, ACC, OUT> AggregatingState<IN, OUT> getPartitionedState(
        AggregatingStateDescriptor<IN, ACC, OUT> descriptor);
  }

  /** What may also be done while windows merge. */
  public interface OnMergeContext extends TriggerContext {
    /** Moves the lists of the old windows into that of the new one. */
    <V> void mergePartitionedState(ListStateDescriptor<V> descriptor) throws Exception;

    /** Moves the values of the old windows into that of the new one. */
    <V> void mergePartitionedState(ReducingStateDescriptor<V> descriptor) throws Exception;

    /** Moves the accumulators of the old windows into that of the new one. */
    <IN, ACC, OUT> void mergePartitionedState(AggregatingStateDescriptor<IN, ACC, OUT> descriptor)
        throws Exception;
  }
}
