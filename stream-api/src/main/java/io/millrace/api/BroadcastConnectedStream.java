package io.millrace.api;

import io.millrace.api.function.BroadcastProcessFunction;
import io.millrace.api.function.KeyedBroadcastProcessFunction;
import io.millrace.api.operator.Operators;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.type.TypeExtractor;
import io.millrace.api.type.TypeInformation;
import java.util.List;

/**
 * A stream, keyed or not, beside one that is broadcast.
 *
 * @param <A> records of the stream
 * @param <B> broadcast records
 */
public final class BroadcastConnectedStream<A, B> {
  private final ConnectedStreams<A, B> streams;
  private final BroadcastStream<B> broadcast;
  private final List<MapStateDescriptor<?, ?>> states;

  BroadcastConnectedStream(DataStream<A> stream, BroadcastStream<B> broadcast) {
    this.streams = new ConnectedStreams<>(stream, broadcast.stream);
    this.broadcast = broadcast;
    this.states = broadcast.states;
  }

  public StreamExecutionEnvironment getExecutionEnvironment() {
    return streams.getExecutionEnvironment();
  }

  public DataStream<A> getFirstInput() {
    return streams.getFirstInput();
  }

  public BroadcastStream<B> getSecondInput() {
    return broadcast;
  }

  /**
   * Processes a stream that is not keyed.
   *
   * @throws IllegalStateException if it is keyed
   */
  public <O> SingleOutputStreamOperator<O> process(BroadcastProcessFunction<A, B, O> function) {
    if (streams.getFirstInput() instanceof KeyedStream) {
      throw new IllegalStateException(
          "a keyed stream needs a KeyedBroadcastProcessFunction, found a BroadcastProcessFunction");
    }
    return streams.operator(
        "broadcast-process",
        "Broadcast Process",
        function,
        () -> Operators.process(function, states),
        TypeExtractor.outputOf(function, BroadcastProcessFunction.class, 2));
  }

  /** Like {@link #process(BroadcastProcessFunction)} with the type of the results declared. */
  public <O> SingleOutputStreamOperator<O> process(
      BroadcastProcessFunction<A, B, O> function, TypeInformation<O> type) {
    return process(function).returns(type);
  }

  /**
   * Processes a keyed stream.
   *
   * @throws IllegalStateException if it is not keyed
   */
  public <K, O> SingleOutputStreamOperator<O> process(
      KeyedBroadcastProcessFunction<K, A, B, O> function) {
    if (!(streams.getFirstInput() instanceof KeyedStream)) {
      throw new IllegalStateException(
          "a KeyedBroadcastProcessFunction needs a keyed stream; call keyBy before connect");
    }
    return streams.operator(
        "keyed-broadcast-process",
        "Keyed Broadcast Process",
        function,
        () -> Operators.process(function, states),
        TypeExtractor.outputOf(function, KeyedBroadcastProcessFunction.class, 3));
  }

  /** Like {@link #process(KeyedBroadcastProcessFunction)} with the type of the results declared. */
  public <K, O> SingleOutputStreamOperator<O> process(
      KeyedBroadcastProcessFunction<K, A, B, O> function, TypeInformation<O> type) {
    return process(function).returns(type);
  }
}
