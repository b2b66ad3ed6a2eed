package io.millrace.api;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ReduceFunction;
import io.millrace.api.operator.Aggregation.Kind;
import io.millrace.api.operator.window.WindowCall;
import io.millrace.api.type.TypeExtractor;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.AllWindowFunction;
import io.millrace.api.window.Evictor;
import io.millrace.api.window.ProcessAllWindowFunction;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowAssigner;
import java.time.Duration;

/**
 * A stream without keys, put together in windows; one subtask computes them all. A setter changes
 * this object and returns it; the methods that compute make an operator of it as it is then.
 *
 * @param <T> records
 * @param <W> windows
 */
public final class AllWindowedStream<T, W extends Window> {
  private final WindowDraft<T, Byte, W> draft;

  AllWindowedStream(KeyedStream<T, Byte> stream, WindowAssigner<? super T, W> assigner) {
    draft = new WindowDraft<>(stream, true, assigner);
  }

  /**
   * When windows are computed; by default when they end.
   *
   * @throws UnsupportedOperationException if the windows merge and the trigger cannot
   */
  public AllWindowedStream<T, W> trigger(Trigger<? super T, ? super W> trigger) {
    draft.trigger(trigger);
    return this;
  }

  /** Which records of a window count. All of them are then kept until it ends. */
  public AllWindowedStream<T, W> evictor(Evictor<? super T, ? super W> evictor) {
    draft.evictor(evictor);
    return this;
  }

  /**
   * How long after the watermark has passed its end a window still takes records; each of them
   * computes it again. By default not at all. For event time only.
   *
   * @param lateness 0 or more
   */
  public AllWindowedStream<T, W> allowedLateness(Duration lateness) {
    draft.allowedLateness(lateness);
    return this;
  }

  /**
   * Where records go that come after all their windows have gone; without it they are dropped, and
   * counted as {@code numLateRecordsDropped}.
   */
  public AllWindowedStream<T, W> sideOutputLateData(OutputTag<T> tag) {
    draft.sideOutputLateData(tag);
    return this;
  }

  /** Joins the records of a window into one. */
  public SingleOutputStreamOperator<T> reduce(ReduceFunction<T> function) {
    return draft.reduce("window-reduce", "Window reduce", function);
  }

  /** Joins the records of a window into one, which the window function gets. */
  public <O> SingleOutputStreamOperator<O> reduce(
      ReduceFunction<T> function, AllWindowFunction<T, O, W> windowFunction) {
    return draft.reduce(
        "window-reduce",
        "Window reduce",
        function,
        WindowCall.ofAll(windowFunction),
        TypeExtractor.outputOf(windowFunction, AllWindowFunction.class, 1));
  }

  /** Joins the records of a window into one, which the window function gets. */
  public <O> SingleOutputStreamOperator<O> reduce(
      ReduceFunction<T> function, ProcessAllWindowFunction<T, O, W> windowFunction) {
    return draft.reduce(
        "window-reduce",
        "Window reduce",
        function,
        WindowCall.ofAll(windowFunction),
        TypeExtractor.outputOf(windowFunction, ProcessAllWindowFunction.class, 1));
  }

  /** Like the above with the type of the results declared. */
  public <O> SingleOutputStreamOperator<O> reduce(
      ReduceFunction<T> function,
      AllWindowFunction<T, O, W> windowFunction,
      TypeInformation<O> type) {
    return reduce(function, windowFunction).returns(type);
  }

  /** Like the above with the type of the results declared. */
  public <O> SingleOutputStreamOperator<O> reduce(
      ReduceFunction<T> function,
      ProcessAllWindowFunction<T, O, W> windowFunction,
      TypeInformation<O> type) {
    return reduce(function, windowFunction).returns(type);
  }

  /** Adds the records of a window to an accumulator. */
  public <A, V> SingleOutputStreamOperator<V> aggregate(AggregateFunction<T, A, V> function) {
    return draft.aggregate(
        function, WindowCall.pass(), TypeExtractor.outputOf(function, AggregateFunction.class, 2));
  }

  /** Adds the records of a window to an accumulator, whose result the window function gets. */
  public <A, V, O> SingleOutputStreamOperator<O> aggregate(
      AggregateFunction<T, A, V> function, AllWindowFunction<V, O, W> windowFunction) {
    return draft.aggregate(
        function,
        WindowCall.ofAll(windowFunction),
        TypeExtractor.outputOf(windowFunction, AllWindowFunction.class, 1));
  }

  /** Adds the records of a window to an accumulator, whose result the window function gets. */
  public <A, V, O> SingleOutputStreamOperator<O> aggregate(
      AggregateFunction<T, A, V> function, ProcessAllWindowFunction<V, O, W> windowFunction) {
    return draft.aggregate(
        function,
        WindowCall.ofAll(windowFunction),
        TypeExtractor.outputOf(windowFunction, ProcessAllWindowFunction.class, 1));
  }

  /** Like {@link #aggregate(AggregateFunction)} with the types declared. */
  public <A, V> SingleOutputStreamOperator<V> aggregate(
      AggregateFunction<T, A, V> function,
      TypeInformation<A> accumulatorType,
      TypeInformation<V> resultType) {
    return draft.aggregate(function, accumulatorType, WindowCall.pass(), resultType);
  }

  /** Like {@link #aggregate(AggregateFunction, AllWindowFunction)} with the types declared. */
  public <A, V, O> SingleOutputStreamOperator<O> aggregate(
      AggregateFunction<T, A, V> function,
      AllWindowFunction<V, O, W> windowFunction,
      TypeInformation<A> accumulatorType,
      TypeInformation<O> resultType) {
    return draft.aggregate(function, accumulatorType, WindowCall.ofAll(windowFunction), resultType);
  }

  /**
   * Like {@link #aggregate(AggregateFunction, ProcessAllWindowFunction)} with the types declared.
   */
  public <A, V, O> SingleOutputStreamOperator<O> aggregate(
      AggregateFunction<T, A, V> function,
      ProcessAllWindowFunction<V, O, W> windowFunction,
      TypeInformation<A> accumulatorType,
      TypeInformation<V> aggregateType,
      TypeInformation<O> resultType) {
    return draft.aggregate(function, accumulatorType, WindowCall.ofAll(windowFunction), resultType);
  }

  /** Gives all records of a window to a function. */
  public <O> SingleOutputStreamOperator<O> apply(AllWindowFunction<T, O, W> function) {
    return draft.list(
        "window-apply",
        "Window apply",
        WindowCall.ofAll(function),
        TypeExtractor.outputOf(function, AllWindowFunction.class, 1));
  }

  /** Another name of {@link #reduce(ReduceFunction, AllWindowFunction)}. */
  public <O> SingleOutputStreamOperator<O> apply(
      ReduceFunction<T> function, AllWindowFunction<T, O, W> windowFunction) {
    return reduce(function, windowFunction);
  }

  /** Another name of {@link #reduce(ReduceFunction, AllWindowFunction, TypeInformation)}. */
  public <O> SingleOutputStreamOperator<O> apply(
      ReduceFunction<T> function,
      AllWindowFunction<T, O, W> windowFunction,
      TypeInformation<O> type) {
    return reduce(function, windowFunction, type);
  }

  /** Like {@link #apply(AllWindowFunction)} with the type of the results declared. */
  public <O> SingleOutputStreamOperator<O> apply(
      AllWindowFunction<T, O, W> function, TypeInformation<O> type) {
    return apply(function).returns(type);
  }

  /** Gives all records of a window to a function. */
  public <O> SingleOutputStreamOperator<O> process(ProcessAllWindowFunction<T, O, W> function) {
    return draft.list(
        "window-process",
        "Window process",
        WindowCall.ofAll(function),
        TypeExtractor.outputOf(function, ProcessAllWindowFunction.class, 1));
  }

  /** Like {@link #process(ProcessAllWindowFunction)} with the type of the results declared. */
  public <O> SingleOutputStreamOperator<O> process(
      ProcessAllWindowFunction<T, O, W> function, TypeInformation<O> type) {
    return process(function).returns(type);
  }

  /** Sum of a tuple's field; 0 also stands for records that are plain numbers. */
  public SingleOutputStreamOperator<T> sum(int position) {
    return sum(Integer.toString(position));
  }

  /** Sum of a field, see {@link KeyedStream#sum(String)}. */
  public SingleOutputStreamOperator<T> sum(String field) {
    return draft.aggregate(Kind.SUM, field);
  }

  /** Minimum of a tuple's field; 0 also stands for records that are plain values. */
  public SingleOutputStreamOperator<T> min(int position) {
    return min(Integer.toString(position));
  }

  /** Minimum of a field, see {@link KeyedStream#sum(String)}. */
  public SingleOutputStreamOperator<T> min(String field) {
    return draft.aggregate(Kind.MIN, field);
  }

  /** Maximum of a tuple's field; 0 also stands for records that are plain values. */
  public SingleOutputStreamOperator<T> max(int position) {
    return max(Integer.toString(position));
  }

  /** Maximum of a field, see {@link KeyedStream#sum(String)}. */
  public SingleOutputStreamOperator<T> max(String field) {
    return draft.aggregate(Kind.MAX, field);
  }

  /** The first record with the lowest value in a tuple's field. */
  public SingleOutputStreamOperator<T> minBy(int position) {
    return minBy(position, true);
  }

  /** The first record with the lowest value in a field. */
  public SingleOutputStreamOperator<T> minBy(String field) {
    return minBy(field, true);
  }

  /**
   * @param first whether of several records with the lowest value the first is meant, else the last
   */
  public SingleOutputStreamOperator<T> minBy(int position, boolean first) {
    return minBy(Integer.toString(position), first);
  }

  /** Like {@link #minBy(int, boolean)} by name. */
  public SingleOutputStreamOperator<T> minBy(String field, boolean first) {
    return draft.extreme(Kind.MIN, field, first);
  }

  /** The first record with the highest value in a tuple's field. */
  public SingleOutputStreamOperator<T> maxBy(int position) {
    return maxBy(position, true);
  }

  /** The first record with the highest value in a field. */
  public SingleOutputStreamOperator<T> maxBy(String field) {
    return maxBy(field, true);
  }

  /**
   * @param first whether of several records with the highest value the first is meant, else the
   *     last
   */
  public SingleOutputStreamOperator<T> maxBy(int position, boolean first) {
    return maxBy(Integer.toString(position), first);
  }

  /** Like {@link #maxBy(int, boolean)} by name. */
  public SingleOutputStreamOperator<T> maxBy(String field, boolean first) {
    return draft.extreme(Kind.MAX, field, first);
  }

  public StreamExecutionEnvironment getExecutionEnvironment() {
    return draft.environment();
  }

  /** What is known of the type of the records. */
  public TypeInformation<T> getInputType() {
    return draft.inputType();
  }
}
