package io.millrace.api.operator;

import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.BroadcastProcessFunction;
import io.millrace.api.function.CoFlatMapFunction;
import io.millrace.api.function.CoMapFunction;
import io.millrace.api.function.CoProcessFunction;
import io.millrace.api.function.FilterFunction;
import io.millrace.api.function.FlatMapFunction;
import io.millrace.api.function.KeyedBroadcastProcessFunction;
import io.millrace.api.function.KeyedCoProcessFunction;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.MapFunction;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.function.ReduceFunction;
import io.millrace.api.function.SinkFunction;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.type.TypeInformation;
import java.util.List;

/** The operators that come with the API. Their factories travel in the job graph. */
public final class Operators {
  /** Name of the state in which reduce and the running aggregates keep their value. */
  public static final String ACCUMULATOR = "reduce/accumulator";

  public static <T, O> OperatorFactory<T, O> map(MapFunction<T, O> function) {
    return new Factory.OfMap<>(function);
  }

  public static <T, O> OperatorFactory<T, O> flatMap(FlatMapFunction<T, O> function) {
    return new Factory.OfFlatMap<>(function);
  }

  /** Emits nothing. */
  public static <T> OperatorFactory<T, Object> sink(SinkFunction<T> function) {
    return new Factory.OfSink<>(function);
  }

  public static <T> OperatorFactory<T, T> filter(FilterFunction<T> function) {
    return new Factory.OfFilter<>(function);
  }

  /** Runs behind {@code keyBy}; emits the value reached after each record. */
  public static <T> OperatorFactory<T, T> reduce(
      ReduceFunction<T> function, TypeInformation<T> type) {
    return new Factory.OfReduce<>(function, type);
  }

  /**
   * A running sum, minimum or maximum of one field, to be used with {@link #reduce}.
   *
   * @param field name of a field of a POJO, record or tuple ({@code f0}), a position in a tuple, or
   *     {@code *} for records that are plain values
   * @param records their type; as far as it is known, a field that they do not have, or one of
   *     another type than is needed, is refused at once
   * @throws IllegalArgumentException naming the fields there are
   */
  public static <T> ReduceFunction<T> aggregation(
      Aggregation.Kind kind, String field, TypeInformation<T> records) {
    var aggregation = new Aggregation<T>(kind, field);
    aggregation.check(records);
    return aggregation;
  }

  /**
   * Keeps the whole record that has the lowest or highest value in a field, to be used with {@link
   * #reduce}; field and type as of {@link #aggregation}.
   *
   * @param kind MIN or MAX
   * @param first whether of records with equal values the first one stays, else the last
   */
  public static <T> ReduceFunction<T> extreme(
      Aggregation.Kind kind, String field, boolean first, TypeInformation<T> records) {
    new Aggregation<T>(kind, field).check(records);
    return new Extreme<>(kind, field, first);
  }

  public static <T, O> OperatorFactory<T, O> process(ProcessFunction<T, O> function) {
    return new Factory.OfProcess<>(function);
  }

  /** Runs behind {@code keyBy}. */
  public static <K, T, O> OperatorFactory<T, O> process(KeyedProcessFunction<K, T, O> function) {
    return new Factory.OfKeyedProcess<>(function);
  }

  /** Has a second input, of B. */
  public static <A, B, O> OperatorFactory<A, O> map(CoMapFunction<A, B, O> function) {
    return new Factory.OfCoMap<>(function);
  }

  /** Has a second input, of B. */
  public static <A, B, O> OperatorFactory<A, O> flatMap(CoFlatMapFunction<A, B, O> function) {
    return new Factory.OfCoFlatMap<>(function);
  }

  /** Has a second input, of B. */
  public static <A, B, O> OperatorFactory<A, O> process(CoProcessFunction<A, B, O> function) {
    return new Factory.OfCoProcess<>(function);
  }

  /** Has a second input, of B; both are behind {@code keyBy}. */
  public static <K, A, B, O> OperatorFactory<A, O> process(
      KeyedCoProcessFunction<K, A, B, O> function) {
    return new Factory.OfKeyedCoProcess<>(function);
  }

  /**
   * Has a second input, of B, that is broadcast.
   *
   * @param declared the broadcast states
   */
  public static <A, B, O> OperatorFactory<A, O> process(
      BroadcastProcessFunction<A, B, O> function, List<MapStateDescriptor<?, ?>> declared) {
    return new Factory.OfBroadcastProcess<>(function, List.copyOf(declared));
  }

  /**
   * Runs behind {@code keyBy}, and has a second input, of B, that is broadcast.
   *
   * @param declared the broadcast states
   */
  public static <K, A, B, O> OperatorFactory<A, O> process(
      KeyedBroadcastProcessFunction<K, A, B, O> function, List<MapStateDescriptor<?, ?>> declared) {
    return new Factory.OfKeyedBroadcastProcess<>(function, List.copyOf(declared));
  }

  public static <T> OperatorFactory<T, T> timestamps(WatermarkStrategy<T> strategy) {
    return new Factory.OfTimestamps<>(strategy);
  }

  private Operators() {}
}
