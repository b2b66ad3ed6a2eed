package io.millrace.api.source;

import io.millrace.api.connector.Source;
import io.millrace.api.function.GeneratorFunction;
import io.millrace.api.type.NoSerializerException;
import io.millrace.api.type.TypeInformation;
import java.util.Collection;
import java.util.Iterator;

/** The sources that come with the API. Each record is read exactly once, also after failures. */
public final class Sources {
  /** The count of a generator without end. */
  public static final long ENDLESS = Long.MAX_VALUE;

  /** The given records, in their order if one reader reads them. */
  public static <T> Source<T, ?> elements(Collection<T> elements, TypeInformation<T> type) {
    return new SpanSource<>(
        0, elements.size(), StoredElements.of(elements, type), Double.POSITIVE_INFINITY);
  }

  /** The numbers from {@code from} to {@code to}, both included. */
  public static Source<Long, ?> sequence(long from, long to) {
    if (from > to) {
      throw new IllegalArgumentException(
          "a sequence must not end before it begins, found " + from + " to " + to);
    }
    if (to - from < 0 || to - from == Long.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a sequence has less than 2^63 numbers; that from " + from + " to " + to + " has more");
    }
    return new SpanSource<>(
        from,
        to - from + 1,
        new RecordMaker.OfFunction<>(index -> index),
        Double.POSITIVE_INFINITY);
  }

  /**
   * Records made from the numbers 0 to {@code count - 1}.
   *
   * @param count {@link #ENDLESS} for no end
   * @param recordsPerSecond of all readers together, more than 0
   */
  public static <T> Source<T, ?> generator(
      GeneratorFunction<T> function, long count, double recordsPerSecond) {
    return new SpanSource<>(0, count, new RecordMaker.OfFunction<>(function), recordsPerSecond);
  }

  /** The type that all elements share, dynamic if they are of several classes. */
  @SuppressWarnings("unchecked") // all elements have this class
  public static <T> TypeInformation<T> commonType(Collection<T> elements) {
    Iterator<T> all = elements.iterator();
    if (!all.hasNext()) {
      throw new IllegalArgumentException(
          "a stream of no elements needs its type: fromCollection(elements, type)");
    }
    Class<?> type = null;
    while (all.hasNext()) {
      T element = all.next();
      if (element == null) {
        throw new IllegalArgumentException("an element is null; null is no record");
      }
      if (type != null && type != element.getClass()) {
        return (TypeInformation<T>) TypeInformation.dynamic();
      }
      type = element.getClass();
    }
    try {
      return (TypeInformation<T>) TypeInformation.of(type);
    } catch (NoSerializerException e) {
      // Classes such as those behind List.of are known by their interface, value by value.
      return (TypeInformation<T>) TypeInformation.dynamic();
    }
  }

  private Sources() {}
}
