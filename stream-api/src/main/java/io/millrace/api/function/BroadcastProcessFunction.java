package io.millrace.api.function;

import io.millrace.api.state.BroadcastState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReadOnlyBroadcastState;

/**
 * Processes a stream beside one that is broadcast: rules, patterns, reference data. Every subtask
 * gets every broadcast record and keeps what it needs in broadcast state.
 *
 * <p>The broadcast side must change that state in the same way in every subtask: from the record
 * and the state alone. Broadcast records of one producer come in its order, those of several in
 * any.
 *
 * @param <A> records of the stream
 * @param <B> broadcast records
 * @param <O> records emitted
 */
public abstract class BroadcastProcessFunction<A, B, O> extends AbstractRichFunction {
  /** A record of the stream; broadcast state is there to be looked at. */
  public abstract void processElement(A value, ReadOnlyContext context, Collector<O> out)
      throws Exception;

  /** A broadcast record. */
  public abstract void processBroadcastElement(B value, Context context, Collector<O> out)
      throws Exception;

  /** What may be asked during any call. */
  public interface BaseContext {
    /** Event time in milliseconds since the epoch, {@code null} if the record has none. */
    Long timestamp();

    /** The wall clock in milliseconds since the epoch. */
    long currentProcessingTime();

    /** The lower one of both sides, {@code Long.MIN_VALUE} before the first one. */
    long currentWatermark();

    /** See {@link ProcessFunction.Context#output}. */
    <X> void output(OutputTag<X> tag, X value);
  }

  /** What may be asked while a record of the stream is processed. */
  public interface ReadOnlyContext extends BaseContext {
    /**
     * @throws IllegalArgumentException if the state was not handed to {@code broadcast(...)}
     */
    <K, V> ReadOnlyBroadcastState<K, V> getBroadcastState(MapStateDescriptor<K, V> descriptor);
  }

  /** What may be asked while a broadcast record is processed. */
  public interface Context extends BaseContext {
    /**
     * @throws IllegalArgumentException if the state was not handed to {@code broadcast(...)}
     */
    <K, V> BroadcastState<K, V> getBroadcastState(MapStateDescriptor<K, V> descriptor);
  }
}
