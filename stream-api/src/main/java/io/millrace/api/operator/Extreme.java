package io.millrace.api.operator;

import io.millrace.api.function.ReduceFunction;

/**
 * Keeps the record with the lowest or the highest value in one field.
 *
 * @param <T> records
 */
final class Extreme<T> implements ReduceFunction<T> {
  private final Aggregation.Kind kind;
  private final String field;
  private final boolean first;
  // Of the class of the last record; streams of several classes are rare.
  private transient Class<?> seen;
  private transient FieldAccess access;

  /**
   * @param kind MIN or MAX
   * @param first whether of equal records the first one stays, else the last
   */
  Extreme(Aggregation.Kind kind, String field, boolean first) {
    this.kind = kind;
    this.field = field;
    this.first = first;
  }

  @Override
  public T reduce(T kept, T value) throws Exception {
    int order = compare(fieldOf(value), fieldOf(kept));
    boolean better = kind == Aggregation.Kind.MIN ? order < 0 : order > 0;
    return better || order == 0 && !first ? value : kept;
  }

  @SuppressWarnings("unchecked") // a ClassCastException tells it better than a check before
  private static int compare(Object left, Object right) {
    return ((Comparable<Object>) left).compareTo(right);
  }

  private Object fieldOf(T value) throws Exception {
    if (value.getClass() != seen) {
      seen = value.getClass();
      access = FieldAccess.of(seen, field);
    }
    Object found = access.get(value);
    if (found == null) {
      throw new IllegalArgumentException(
          "field '" + field + "' of a " + seen.getName() + " is null; it cannot be compared");
    }
    return found;
  }

  @Override
  public String toString() {
    return kind + " by " + field;
  }
}
