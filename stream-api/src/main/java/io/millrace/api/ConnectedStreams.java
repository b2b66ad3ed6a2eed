package io.millrace.api;

import io.millrace.api.function.CoFlatMapFunction;
import io.millrace.api.function.CoMapFunction;
import io.millrace.api.function.CoProcessFunction;
import io.millrace.api.function.KeySelector;
import io.millrace.api.function.KeyedCoProcessFunction;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.Operators;
import io.millrace.api.type.TypeExtractor;
import io.millrace.api.type.TypeInformation;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Two streams whose records go to one operator, which keeps them apart. Neither stream waits for
 * the other; event time is the lower watermark of both.
 *
 * @param <A> records of the first stream
 * @param <B> records of the second stream
 */
public final class ConnectedStreams<A, B> {
  private final DataStream<A> first;
  private final DataStream<B> second;

  ConnectedStreams(DataStream<A> first, DataStream<B> second) {
    if (first.environment != second.environment) {
      throw new IllegalArgumentException("streams of two environments cannot be connected");
    }
    this.first = first;
    this.second = second;
  }

  public StreamExecutionEnvironment getExecutionEnvironment() {
    return first.environment;
  }

  public DataStream<A> getFirstInput() {
    return first;
  }

  public DataStream<B> getSecondInput() {
    return second;
  }

  /**
   * Brings all records of one key, of either stream, to the same subtask, where they share the
   * key's state and timers.
   */
  public <K> ConnectedStreams<A, B> keyBy(KeySelector<A, K> firstKey, KeySelector<B, K> secondKey) {
    return new ConnectedStreams<>(first.keyBy(firstKey), second.keyBy(secondKey));
  }

  /** Like {@link #keyBy(KeySelector, KeySelector)} with the type of the key declared. */
  public <K> ConnectedStreams<A, B> keyBy(
      KeySelector<A, K> firstKey, KeySelector<B, K> secondKey, TypeInformation<K> keyType) {
    return new ConnectedStreams<>(first.keyBy(firstKey, keyType), second.keyBy(secondKey, keyType));
  }

  /** The fields of each stream that are its key, as in {@link DataStream#keyBy(int...)}. */
  public ConnectedStreams<A, B> keyBy(int[] firstPositions, int[] secondPositions) {
    return new ConnectedStreams<>(first.keyBy(firstPositions), second.keyBy(secondPositions));
  }

  /** Like {@link #keyBy(int[], int[])} for keys of one field. */
  public ConnectedStreams<A, B> keyBy(int firstPosition, int secondPosition) {
    return keyBy(new int[] {firstPosition}, new int[] {secondPosition});
  }

  /** The fields of each stream that are its key, as in {@link DataStream#keyBy(String...)}. */
  public ConnectedStreams<A, B> keyBy(String[] firstFields, String[] secondFields) {
    return new ConnectedStreams<>(first.keyBy(firstFields), second.keyBy(secondFields));
  }

  /** Like {@link #keyBy(String[], String[])} for keys of one field. */
  public ConnectedStreams<A, B> keyBy(String firstField, String secondField) {
    return keyBy(new String[] {firstField}, new String[] {secondField});
  }

  /** One record for each record. */
  public <O> SingleOutputStreamOperator<O> map(CoMapFunction<A, B, O> function) {
    return operator(
        "co-map",
        "Co-Map",
        function,
        () -> Operators.map(function),
        TypeExtractor.outputOf(function, CoMapFunction.class, 2));
  }

  /** Like {@link #map(CoMapFunction)} with the type of the results declared. */
  public <O> SingleOutputStreamOperator<O> map(
      CoMapFunction<A, B, O> function, TypeInformation<O> type) {
    return map(function).returns(type);
  }

  /** Any number of records for each record. */
  public <O> SingleOutputStreamOperator<O> flatMap(CoFlatMapFunction<A, B, O> function) {
    return operator(
        "co-flat-map",
        "Co-Flat Map",
        function,
        () -> Operators.flatMap(function),
        TypeExtractor.outputOf(function, CoFlatMapFunction.class, 2));
  }

  /** Like {@link #flatMap(CoFlatMapFunction)} with the type of the results declared. */
  public <O> SingleOutputStreamOperator<O> flatMap(
      CoFlatMapFunction<A, B, O> function, TypeInformation<O> type) {
    return flatMap(function).returns(type);
  }

  /** The general function; state and timers need both streams to be keyed. */
  public <O> SingleOutputStreamOperator<O> process(CoProcessFunction<A, B, O> function) {
    return operator(
        "co-process",
        "Co-Process",
        function,
        () -> Operators.process(function),
        TypeExtractor.outputOf(function, CoProcessFunction.class, 2));
  }

  /** Like {@link #process(CoProcessFunction)} with the type of the results declared. */
  public <O> SingleOutputStreamOperator<O> process(
      CoProcessFunction<A, B, O> function, TypeInformation<O> type) {
    return process(function).returns(type);
  }

  /**
   * The general function with state and timers that both streams share.
   *
   * @throws IllegalStateException if one of the streams is not keyed
   */
  public <K, O> SingleOutputStreamOperator<O> process(KeyedCoProcessFunction<K, A, B, O> function) {
    if (!(first instanceof KeyedStream) || !(second instanceof KeyedStream)) {
      throw new IllegalStateException(
          "a KeyedCoProcessFunction needs keys of both streams; call keyBy(firstKey, secondKey)"
              + " before process");
    }
    return operator(
        "keyed-co-process",
        "Keyed Co-Process",
        function,
        () -> Operators.process(function),
        TypeExtractor.outputOf(function, KeyedCoProcessFunction.class, 3));
  }

  /** Like {@link #process(KeyedCoProcessFunction)} with the type of the results declared. */
  public <K, O> SingleOutputStreamOperator<O> process(
      KeyedCoProcessFunction<K, A, B, O> function, TypeInformation<O> type) {
    return process(function).returns(type);
  }

  <O> SingleOutputStreamOperator<O> operator(
      String kind,
      String name,
      Serializable function,
      Supplier<OperatorFactory<A, O>> factory,
      TypeInformation<?> type) {
    Objects.requireNonNull(function, "function");
    UserCode.of(
        function,
        "the function of operator '"
            + name
            + "' behind '"
            + first.upstreamName()
            + "' and '"
            + second.upstreamName()
            + "'");
    return new SingleOutputStreamOperator<>(
        first.environment,
        new Node(first.environment.draft(), kind, name, Role.OPERATOR, factory, taps(), type));
  }

  private List<Node.Tap<?>> taps() {
    var taps = new ArrayList<Node.Tap<?>>();
    TypeInformation<?> keyType = commonKeyType();
    for (Node.Tap<A> tap : first.taps) {
      taps.add(keyType == null ? tap : tap.keyedAs(keyType));
    }
    for (Node.Tap<B> tap : second.taps) {
      taps.add((keyType == null ? tap : tap.keyedAs(keyType)).into(1));
    }
    return taps;
  }

  /** Null if not both streams are keyed. Where just one type is known both keys say their class. */
  private TypeInformation<?> commonKeyType() {
    if (!(first instanceof KeyedStream<A, ?> a) || !(second instanceof KeyedStream<B, ?> b)) {
      return null;
    }
    TypeInformation<?> left = a.getKeyType();
    TypeInformation<?> right = b.getKeyType();
    if (left.equals(right)) {
      return left;
    }
    if (left.isDynamic() || right.isDynamic()) {
      return TypeInformation.dynamic();
    }
    throw new IllegalArgumentException(
        "'"
            + first.upstreamName()
            + "' is keyed by "
            + left.name()
            + " and '"
            + second.upstreamName()
            + "' by "
            + right.name()
            + "; connected streams need keys of one type");
  }
}
