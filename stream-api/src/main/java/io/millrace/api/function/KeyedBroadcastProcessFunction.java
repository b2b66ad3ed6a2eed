package io.millrace.api.function;

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

/**
 * A {@link BroadcastProcessFunction} of a keyed stream: its records have state and timers of their
 * key. A broadcast record has no key; it reaches state under keys through {@code
 * applyToKeyedState}.
 *
 * @param <K> keys of the stream
 * @param <A> records of the stream
 * @param <B> broadcast records
 * @param <O> records emitted
 */
public abstract class KeyedBroadcastProcessFunction<K, A, B, O> extends AbstractRichFunction {
  /** A record of the stream; broadcast state is there to be looked at. */
  public abstract void processElement(A value, ReadOnlyContext context, Collector<O> out)
      throws Exception;

  /** A broadcast record. */
  public abstract void processBroadcastElement(B value, Context context, Collector<O> out)
      throws Exception;

  /**
   * A timer of the current key has come due. What is emitted here carries the time of an event-time
   * timer, and no timestamp for one of processing time; {@code context.timestamp()} is the timer's
   * time either way, and so is the timestamp of what goes out at the side.
   */
  public void onTimer(long timeMillis, OnTimerContext context, Collector<O> out) throws Exception {}

  /** What may be asked while a record of the stream is processed. */
  public abstract class ReadOnlyContext implements BroadcastProcessFunction.ReadOnlyContext {
    public abstract K getCurrentKey();

    public abstract TimerService timerService();
  }

  /** What may be asked when a timer fires. */
  public abstract class OnTimerContext extends ReadOnlyContext {
    public abstract TimerDomain timeDomain();
  }

  /** What may be asked while a broadcast record is processed. */
  public abstract class Context implements BroadcastProcessFunction.Context {
    /** Calls the function with the state of each key of this subtask that has some. */
    public abstract <T> void applyToKeyedState(
        ValueStateDescriptor<T> descriptor, KeyedStateFunction<K, ValueState<T>> function)
        throws Exception;

    /** Calls the function with the state of each key of this subtask that has some. */
    public abstract <T> void applyToKeyedState(
        ListStateDescriptor<T> descriptor, KeyedStateFunction<K, ListState<T>> function)
        throws Exception;

    /** Calls the function with the state of each key of this subtask that has some. */
    public abstract <T> void applyToKeyedState(
        ReducingStateDescriptor<T> descriptor, KeyedStateFunction<K, ReducingState<T>> function)
        throws Exception;

    /** Calls the function with the state of each key of this subtask that has some. */
    public abstract <MK, MV> void applyToKeyedState(
        MapStateDescriptor<MK, MV> descriptor, KeyedStateFunction<K, MapState<MK, MV>> function)
        throws Exception;

    /** Calls the function with the state of each key of this subtask that has some. */
    public abstract <IN, ACC, OUT> void applyToKeyedState(
        AggregatingStateDescriptor<IN, ACC, OUT> descriptor,
        KeyedStateFunction<K, AggregatingState<IN, OUT>> function)
        throws Exception;
  }
}
