package io.millrace.api.state;

import io.millrace.api.type.TypeInformation;

/**
 * How most values of a type are laid down as a fixed number of {@code long}s, so that a store in
 * memory can keep them in an array: there they are found in one place, the collector has nothing to
 * follow or to move, and a checkpoint copies no objects. Has no state of its own.
 */
public interface Flattening<T> {
  /** How many numbers a value takes. */
  int width();

  /**
   * Lays a value down.
   *
   * @return false if it is one of those that cannot be; what was written then means nothing
   */
  boolean lay(T value, long[] into, int at);

  /** The value that was laid down there, as a new object. */
  T lift(long[] from, int at);

  /** Of numbers; {@code null} for other types. */
  @SuppressWarnings("unchecked") // they are of the type
  static <T> Flattening<T> of(TypeInformation<T> type) {
    for (Numbers numbers : Numbers.values()) {
      if (numbers.type().equals(type)) {
        return (Flattening<T>) numbers;
      }
    }
    return null;
  }

  /** Of numbers; {@code null} for other classes. */
  static Flattening<?> ofClass(Class<?> type) {
    if (type == Long.class) {
      return Numbers.LONG;
    }
    if (type == Integer.class) {
      return Numbers.INTEGER;
    }
    return type == Double.class ? Numbers.DOUBLE : null;
  }
}
