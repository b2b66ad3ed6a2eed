package io.millrace.api;

import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.ReduceFunction;
import io.millrace.api.operator.Aggregation;
import io.millrace.api.operator.Operators;
import io.millrace.api.type.TypeExtractor;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.CountEvictor;
import io.millrace.api.window.CountTrigger;
import io.millrace.api.window.GlobalWindow;
import io.millrace.api.window.GlobalWindows;
import io.millrace.api.window.PurgingTrigger;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowAssigner;
import java.util.List;

/**
 * A stream whose next operator sees all records of a key in one subtask and may keep state and set
 * timers under that key.
 *
 * @param <T> records
 * @param <K> keys
 */
public final class KeyedStream<T, K> extends DataStream<T> {
  KeyedStream(StreamExecutionEnvironment environment, List<Node.Tap<T>> taps) {
    super(environment, taps);
  }

  /** Joins the records of each key; emits the value reached after each record. */
  public SingleOutputStreamOperator<T> reduce(ReduceFunction<T> function) {
    return reduce("reduce", "Reduce", function);
  }

  /** Running sum of a tuple's field; 0 also stands for records that are plain numbers. */
  public SingleOutputStreamOperator<T> sum(int position) {
    return sum(Integer.toString(position));
  }

  /**
   * Running sum of a field per key; the other fields stay those of the key's first record.
   *
   * @param field of a POJO, record or tuple ({@code f0}), or {@code *} for records that are plain
   *     numbers
   * @throws IllegalArgumentException if the type of the records is known and has no such field, or
   *     one that is no number
   */
  public SingleOutputStreamOperator<T> sum(String field) {
    return aggregate("sum", "Sum", Aggregation.Kind.SUM, field);
  }

  /** Running minimum of a tuple's field; 0 also stands for records that are plain values. */
  public SingleOutputStreamOperator<T> min(int position) {
    return min(Integer.toString(position));
  }

  /** Running minimum of a field per key; see {@link #sum(String)}. */
  public SingleOutputStreamOperator<T> min(String field) {
    return aggregate("min", "Min", Aggregation.Kind.MIN, field);
  }

  /** Running maximum of a tuple's field; 0 also stands for records that are plain values. */
  public SingleOutputStreamOperator<T> max(int position) {
    return max(Integer.toString(position));
  }

  /** Running maximum of a field per key; see {@link #sum(String)}. */
  public SingleOutputStreamOperator<T> max(String field) {
    return aggregate("max", "Max", Aggregation.Kind.MAX, field);
  }

  /** The general function with state and timers of the key. */
  public <O> SingleOutputStreamOperator<O> process(KeyedProcessFunction<K, T, O> function) {
    return operator(
        "keyed-process",
        "Keyed Process",
        function,
        () -> Operators.process(function),
        TypeExtractor.outputOf(function, KeyedProcessFunction.class, 2));
  }

  /** Like {@link #process(KeyedProcessFunction)} with the type of the results declared. */
  public <O> SingleOutputStreamOperator<O> process(
      KeyedProcessFunction<K, T, O> function, TypeInformation<O> type) {
    return process(function).returns(type);
  }

  /** The records of each key, put together in windows. */
  public <W extends Window> WindowedStream<T, K, W> window(WindowAssigner<? super T, W> assigner) {
    return new WindowedStream<>(this, assigner);
  }

  /** Windows of so many records of a key, one after the other; the last may never be complete. */
  public WindowedStream<T, K, GlobalWindow> countWindow(long size) {
    return window(GlobalWindows.create()).trigger(PurgingTrigger.of(CountTrigger.of(size)));
  }

  /** The last {@code size} records of a key, each time {@code slide} further ones have come. */
  public WindowedStream<T, K, GlobalWindow> countWindow(long size, long slide) {
    return window(GlobalWindows.create())
        .evictor(CountEvictor.of(size))
        .trigger(CountTrigger.of(slide));
  }

  /**
   * Joins with records of the same key whose event time is near. Needs timestamps in both streams.
   */
  public <T2> IntervalJoined.Bounds<T, T2, K> intervalJoin(KeyedStream<T2, K> other) {
    return new IntervalJoined.Bounds<>(this, other);
  }

  /** The record with the lowest value of a tuple's field so far; the first of equal ones. */
  public SingleOutputStreamOperator<T> minBy(int position) {
    return minBy(position, true);
  }

  /** The record with the lowest value of a field so far; the first of equal ones. */
  public SingleOutputStreamOperator<T> minBy(String field) {
    return minBy(field, true);
  }

  /** See {@link #minBy(String, boolean)}. */
  public SingleOutputStreamOperator<T> minBy(int position, boolean first) {
    return minBy(Integer.toString(position), first);
  }

  /**
   * The record with the lowest value of a field so far, emitted after each record.
   *
   * @param field as of {@link #min(String)}
   * @param first whether the first or the last of records with equal values stays
   */
  public SingleOutputStreamOperator<T> minBy(String field, boolean first) {
    return reduce(
        "min-by", "Min By", Operators.<T>extreme(Aggregation.Kind.MIN, field, first, getType()));
  }

  /** The record with the highest value of a tuple's field so far; the first of equal ones. */
  public SingleOutputStreamOperator<T> maxBy(int position) {
    return maxBy(position, true);
  }

  /** The record with the highest value of a field so far; the first of equal ones. */
  public SingleOutputStreamOperator<T> maxBy(String field) {
    return maxBy(field, true);
  }

  /** See {@link #maxBy(String, boolean)}. */
  public SingleOutputStreamOperator<T> maxBy(int position, boolean first) {
    return maxBy(Integer.toString(position), first);
  }

  /**
   * The record with the highest value of a field so far, emitted after each record.
   *
   * @param field as of {@link #max(String)}
   * @param first whether the first or the last of records with equal values stays
   */
  public SingleOutputStreamOperator<T> maxBy(String field, boolean first) {
    return reduce(
        "max-by", "Max By", Operators.<T>extreme(Aggregation.Kind.MAX, field, first, getType()));
  }

  /** What is known of the type of the keys. */
  @SuppressWarnings("unchecked") // keyBy has made the taps with K
  public TypeInformation<K> getKeyType() {
    return (TypeInformation<K>) taps.get(0).keyType();
  }

  @Override
  List<Node.Tap<T>> unkeyed() {
    return taps.stream().map(tap -> tap.with(null)).toList();
  }

  private SingleOutputStreamOperator<T> aggregate(
      String kind, String name, Aggregation.Kind what, String field) {
    return reduce(kind, name, Operators.<T>aggregation(what, field, getType()));
  }

  private SingleOutputStreamOperator<T> reduce(
      String kind, String name, ReduceFunction<T> function) {
    SingleOutputStreamOperator<T> reduced =
        operator(kind, name, function, () -> Operators.reduce(function, getType()), getType());
    reduced.node().states = List.of(Operators.ACCUMULATOR);
    return reduced;
  }
}
