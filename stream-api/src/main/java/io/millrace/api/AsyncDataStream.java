package io.millrace.api;

import io.millrace.api.function.AsyncFunction;
import io.millrace.api.function.AsyncRetryStrategies;
import io.millrace.api.function.AsyncRetryStrategy;
import io.millrace.api.graph.UserCode;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.async.AsyncFactory;
import io.millrace.api.type.TypeExtractor;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Asks something outside for each record of a stream, with many requests in flight at a time.
 *
 * <p>{@code orderedWait} emits answers in the order of the records, {@code unorderedWait} as they
 * come, but never across a watermark. Answers carry the timestamp of the record that was asked
 * about. When {@code capacity} requests of a subtask are open no further record is taken; barriers
 * pass all the same, and what is in flight is part of the checkpoint and asked again after a
 * failure.
 *
 * <p>In all methods: {@code timeout} is the time in which a request must be answered, all tries
 * together, 0 for no limit; {@code capacity} is the number of open requests of a subtask, at least
 * 1, by default {@value #DEFAULT_CAPACITY}.
 */
public final class AsyncDataStream {
  /** Requests of a subtask that may be open at a time. */
  public static final int DEFAULT_CAPACITY = 100;

  /** Answers in the order in which they come, between watermarks. */
  public static <I, O> SingleOutputStreamOperator<O> unorderedWait(
      DataStream<I> in, AsyncFunction<I, O> function, long timeout, TimeUnit unit, int capacity) {
    return operator(in, function, unit.toMillis(timeout), capacity, null, false);
  }

  /** Like {@link #unorderedWait(DataStream, AsyncFunction, long, TimeUnit, int)}. */
  public static <I, O> SingleOutputStreamOperator<O> unorderedWait(
      DataStream<I> in, AsyncFunction<I, O> function, long timeout, TimeUnit unit) {
    return unorderedWait(in, function, timeout, unit, DEFAULT_CAPACITY);
  }

  /** Answers in the order of the records. */
  public static <I, O> SingleOutputStreamOperator<O> orderedWait(
      DataStream<I> in, AsyncFunction<I, O> function, long timeout, TimeUnit unit, int capacity) {
    return operator(in, function, unit.toMillis(timeout), capacity, null, true);
  }

  /** Like {@link #orderedWait(DataStream, AsyncFunction, long, TimeUnit, int)}. */
  public static <I, O> SingleOutputStreamOperator<O> orderedWait(
      DataStream<I> in, AsyncFunction<I, O> function, long timeout, TimeUnit unit) {
    return orderedWait(in, function, timeout, unit, DEFAULT_CAPACITY);
  }

  /** Like {@code unorderedWait}; requests are made again as the strategy says. */
  public static <I, O> SingleOutputStreamOperator<O> unorderedWaitWithRetry(
      DataStream<I> in,
      AsyncFunction<I, O> function,
      long timeout,
      TimeUnit unit,
      int capacity,
      AsyncRetryStrategy<O> retry) {
    Objects.requireNonNull(retry, "retry");
    return operator(in, function, unit.toMillis(timeout), capacity, retry, false);
  }

  /** Like {@code unorderedWait}; requests are made again as the strategy says. */
  public static <I, O> SingleOutputStreamOperator<O> unorderedWaitWithRetry(
      DataStream<I> in,
      AsyncFunction<I, O> function,
      long timeout,
      TimeUnit unit,
      AsyncRetryStrategy<O> retry) {
    return unorderedWaitWithRetry(in, function, timeout, unit, DEFAULT_CAPACITY, retry);
  }

  /** Like {@code orderedWait}; requests are made again as the strategy says. */
  public static <I, O> SingleOutputStreamOperator<O> orderedWaitWithRetry(
      DataStream<I> in,
      AsyncFunction<I, O> function,
      long timeout,
      TimeUnit unit,
      int capacity,
      AsyncRetryStrategy<O> retry) {
    Objects.requireNonNull(retry, "retry");
    return operator(in, function, unit.toMillis(timeout), capacity, retry, true);
  }

  /** Like {@code orderedWait}; requests are made again as the strategy says. */
  public static <I, O> SingleOutputStreamOperator<O> orderedWaitWithRetry(
      DataStream<I> in,
      AsyncFunction<I, O> function,
      long timeout,
      TimeUnit unit,
      AsyncRetryStrategy<O> retry) {
    return orderedWaitWithRetry(in, function, timeout, unit, DEFAULT_CAPACITY, retry);
  }

  /**
   * @param retry null for none
   */
  private static <I, O> SingleOutputStreamOperator<O> operator(
      DataStream<I> in,
      AsyncFunction<I, O> function,
      long timeoutMillis,
      int capacity,
      AsyncRetryStrategy<O> retry,
      boolean ordered) {
    AsyncRetryStrategy<O> strategy = retry == null ? AsyncRetryStrategies.noRetry() : retry;
    UserCode.of(strategy, "the retry strategy behind '" + in.upstreamName() + "'");
    Supplier<OperatorFactory<I, O>> factory =
        () ->
            new AsyncFactory<>(function, strategy, in.getType(), timeoutMillis, capacity, ordered);
    factory.get(); // refuses here what makes no sense
    SingleOutputStreamOperator<O> made =
        in.operator(
            ordered ? "async-ordered" : "async-unordered",
            ordered ? "Async wait (ordered)" : "Async wait (unordered)",
            function,
            factory,
            TypeExtractor.outputOf(function, AsyncFunction.class, 1));
    // The records that wait here are its own: nobody else in its chain holds them too.
    made.startNewChain();
    return made;
  }

  private AsyncDataStream() {}
}
