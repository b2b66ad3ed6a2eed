package io.millrace.api.operator.window;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.ReduceFunction;
import io.millrace.api.type.Serializer;
import io.millrace.api.window.Window;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Makes one of many records. What it keeps is in nobody else's hands. */
interface Accumulation<T, A, V, W extends Window> {
  /**
   * Adds a record.
   *
   * @param before null if there is none yet; may be changed and returned
   */
  A add(A before, T value, long timestamp) throws Exception;

  /** Joins two; may change and return either. */
  A merge(A left, A right) throws Exception;

  /** The contents in a form that may be given away, changed or merged while they are kept. */
  A copy(A contents);

  /** What is handed out; may take the contents apart. */
  Iterable<V> values(A contents) throws Exception;

  /** What is handed out of a window that holds no record. */
  Iterable<V> valuesOfNothing();

  /** See {@link Contents.Reduced}. */
  record Reducing<T, W extends Window>(ReduceFunction<T> function, Serializer<T> serializer)
      implements Accumulation<T, T, T, W> {
    @Override
    public T add(T before, T value, long timestamp) throws Exception {
      // With object reuse the record may be in others' hands too.
      if (before == null) {
        return serializer.copy(value);
      }
      T after = merge(before, value);
      return after == value ? serializer.copy(after) : after;
    }

    @Override
    public T merge(T left, T right) throws Exception {
      T joined = function.reduce(left, right);
      if (joined == null) {
        throw new IllegalStateException(
            "the reduce function returned null; it must return a record");
      }
      return joined;
    }

    @Override
    public T copy(T contents) {
      return serializer.copy(contents);
    }

    @Override
    public Iterable<T> values(T contents) {
      return List.of(contents);
    }

    @Override
    public Iterable<T> valuesOfNothing() {
      return List.of();
    }
  }

  /** See {@link Contents.Aggregated}. */
  record Aggregating<T, A, V, W extends Window>(
      AggregateFunction<T, A, V> function, Serializer<A> serializer)
      implements Accumulation<T, A, V, W> {
    @Override
    public A add(A before, T value, long timestamp) {
      A after = function.add(value, before == null ? function.createAccumulator() : before);
      if (after == null) {
        throw new IllegalStateException(
            "the aggregate function's add returned null; it must return an accumulator");
      }
      return after == value ? serializer.copy(after) : after;
    }

    @Override
    public A merge(A left, A right) {
      A merged = function.merge(left, right);
      if (merged == null) {
        throw new IllegalStateException(
            "the aggregate function's merge returned null; it must return an accumulator");
      }
      return merged;
    }

    @Override
    public A copy(A contents) {
      return serializer.copy(contents);
    }

    @Override
    public Iterable<V> values(A contents) {
      return Collections.singletonList(function.getResult(contents));
    }

    @Override
    public Iterable<V> valuesOfNothing() {
      return values(function.createAccumulator());
    }
  }

  /** See {@link Contents.Listed}: records that an evictor has left, on their way to a function. */
  record Listing<T, W extends Window>() implements Accumulation<T, List<T>, T, W> {
    @Override
    public List<T> add(List<T> before, T value, long timestamp) {
      List<T> list = before == null ? new ArrayList<>() : before;
      list.add(value);
      return list;
    }

    @Override
    public List<T> merge(List<T> left, List<T> right) {
      left.addAll(right);
      return left;
    }

    @Override
    public List<T> copy(List<T> contents) {
      return new ArrayList<>(contents);
    }

    @Override
    public Iterable<T> values(List<T> contents) {
      return Collections.unmodifiableList(contents);
    }

    @Override
    public Iterable<T> valuesOfNothing() {
      return List.of();
    }
  }
}
