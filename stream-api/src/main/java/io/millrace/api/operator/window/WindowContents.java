package io.millrace.api.operator.window;

import io.millrace.api.type.Serializer;
import io.millrace.api.window.Evictor;
import io.millrace.api.window.TimestampedValue;
import io.millrace.api.window.Window;
import java.util.ArrayList;
import java.util.Collections;

/** {@link Contents} of windows that are kept each for itself, at work in one subtask. */
interface WindowContents<T, A, V, W extends Window> {
  /** What follows is about windows of that key. */
  default void at(KeyWindows<W, A> ofKey) {}

  /**
   * Adds a record.
   *
   * @param before null if there is none yet; may be changed and returned
   */
  A add(A before, T value, long timestamp) throws Exception;

  /** Joins those of two windows that have merged; may change and return either. */
  A merge(A left, A right) throws Exception;

  /**
   * Computes a window.
   *
   * @param keep whether the window goes on with its contents
   * @return the contents to go on with, null for none
   */
  A fire(
      A contents, boolean keep, W window, WindowCall.Bound<V> call, Evictor.EvictorContext context)
      throws Exception;

  /** Nobody needs them any more. */
  default void drop(A contents) {}

  /** One value made of all records. */
  record Joined<T, A, V, W extends Window>(Accumulation<T, A, V, W> accumulation)
      implements WindowContents<T, A, V, W> {
    @Override
    public A add(A before, T value, long timestamp) throws Exception {
      return accumulation.add(before, value, timestamp);
    }

    @Override
    public A merge(A left, A right) throws Exception {
      return accumulation.merge(left, right);
    }

    @Override
    public A fire(
        A contents,
        boolean keep,
        W window,
        WindowCall.Bound<V> call,
        Evictor.EvictorContext context)
        throws Exception {
      call.fire(accumulation.values(keep ? accumulation.copy(contents) : contents));
      return contents;
    }
  }

  /** All records. */
  record Listed<T, W extends Window>(RecordChunks<T> chunks, Serializer<T> element)
      implements WindowContents<T, Records<T>, T, W> {
    @Override
    public void at(KeyWindows<W, Records<T>> ofKey) {
      chunks.at(ofKey);
    }

    @Override
    public Records<T> add(Records<T> before, T value, long timestamp) {
      return chunks.add(before, value);
    }

    @Override
    public Records<T> merge(Records<T> left, Records<T> right) {
      return chunks.join(left, right);
    }

    /** Whoever may change what he gets must find it so when he looks again, and nobody else may. */
    @Override
    public Records<T> fire(
        Records<T> contents,
        boolean keep,
        W window,
        WindowCall.Bound<T> call,
        Evictor.EvictorContext context)
        throws Exception {
      Iterable<T> all = chunks.all(contents);
      if (!keep && contents.isShort()) {
        all = Collections.unmodifiableList(contents.end); // nobody looks at it afterwards
      } else if (!element.immutable()) {
        var own = new ArrayList<T>();
        all.forEach(each -> own.add(keep ? element.copy(each) : each));
        all = Collections.unmodifiableList(own);
      }
      call.fire(all);
      return contents;
    }

    @Override
    public void drop(Records<T> contents) {
      chunks.drop(contents);
    }
  }

  /** All records and their times, some of which an evictor removes. */
  record Evicted<T, V, W extends Window>(
      RecordChunks<TimestampedValue<T>> chunks,
      Evictor<T, W> evictor,
      Accumulation<T, ?, V, W> inner,
      Serializer<TimestampedValue<T>> element)
      implements WindowContents<T, Records<TimestampedValue<T>>, V, W> {
    @Override
    public void at(KeyWindows<W, Records<TimestampedValue<T>>> ofKey) {
      chunks.at(ofKey);
    }

    @Override
    public Records<TimestampedValue<T>> add(
        Records<TimestampedValue<T>> before, T value, long timestamp) {
      return chunks.add(before, new TimestampedValue<>(value, timestamp));
    }

    @Override
    public Records<TimestampedValue<T>> merge(
        Records<TimestampedValue<T>> left, Records<TimestampedValue<T>> right) {
      return chunks.join(left, right);
    }

    @Override
    public Records<TimestampedValue<T>> fire(
        Records<TimestampedValue<T>> contents,
        boolean keep,
        W window,
        WindowCall.Bound<V> call,
        Evictor.EvictorContext context)
        throws Exception {
      RecordChunks<TimestampedValue<T>>.Taken taken = chunks.take(contents);
      Evictable<TimestampedValue<T>> all = taken.left;
      evictor.evictBefore(all, all.size(), window, context);
      call.fire(joined(inner, all, keep));
      evictor.evictAfter(all, all.size(), window, context);
      taken.keepWhatIsLeft();
      return all.isEmpty() ? null : contents;
    }

    private <A> Iterable<V> joined(
        Accumulation<T, A, V, W> inner, Iterable<TimestampedValue<T>> records, boolean copies)
        throws Exception {
      A all = null;
      for (TimestampedValue<T> each : records) {
        TimestampedValue<T> own = copies ? element.copy(each) : each;
        all = inner.add(all, own.value(), own.timestamp());
      }
      return all == null ? inner.valuesOfNothing() : inner.values(all);
    }

    @Override
    public void drop(Records<TimestampedValue<T>> contents) {
      chunks.drop(contents);
    }
  }
}
