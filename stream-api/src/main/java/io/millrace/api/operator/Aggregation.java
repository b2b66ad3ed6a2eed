package io.millrace.api.operator;

import io.millrace.api.function.ReduceFunction;
import io.millrace.api.type.NoSerializerException;
import io.millrace.api.type.TypeInformation;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Joins one field of records; the other fields stay those of the key's first record.
 *
 * @param <T> records
 */
public final class Aggregation<T> implements ReduceFunction<T> {
  private final Kind kind;
  private final String field;
  // Of the class of the last record; streams of several classes are rare.
  private transient Class<?> seen;
  private transient FieldAccess access;

  Aggregation(Kind kind, String field) {
    this.kind = kind;
    this.field = field;
  }

  /** What is made of two values of the field. */
  public enum Kind {
    SUM,
    MIN,
    MAX
  }

  @Override
  @SuppressWarnings("unchecked") // the changed record has the class of the accumulated one
  public T reduce(T accumulated, T value) throws Exception {
    Object left = accessTo(accumulated).get(accumulated);
    Object right = accessTo(value).get(value);
    if (left == null || right == null) {
      throw new IllegalArgumentException(
          "field '"
              + field
              + "' of a "
              + value.getClass().getName()
              + " is null; it has no "
              + kind);
    }
    return (T) accessTo(accumulated).with(accumulated, join(left, right));
  }

  /**
   * @param records their type; what is not known of it, the records tell
   * @throws IllegalArgumentException if they have no such field, or one of another type
   */
  void check(TypeInformation<T> records) {
    if (records.isDynamic()) {
      return;
    }
    Class<?> type;
    try {
      type = FieldAccess.of(records.getTypeClass(), field).typeIn(records);
    } catch (NoSerializerException e) {
      return; // no such class here, so the first record tells
    }
    boolean fits =
        type == Object.class
            || (kind == Kind.SUM
                ? type == Number.class || summable(type)
                : Comparable.class.isAssignableFrom(type));
    if (!fits) {
      throw new IllegalArgumentException(
          "field '"
              + field
              + "' of "
              + records.name()
              + " is a "
              + type.getName()
              + "; "
              + kind
              + " needs a "
              + (kind == Kind.SUM ? "number" : "comparable value"));
    }
  }

  private FieldAccess accessTo(T value) {
    if (value.getClass() != seen) {
      seen = value.getClass();
      access = FieldAccess.of(seen, field);
    }
    return access;
  }

  private Object join(Object left, Object right) {
    return switch (kind) {
      case SUM -> sum(left, right);
      case MIN -> compare(right, left) < 0 ? right : left;
      case MAX -> compare(right, left) > 0 ? right : left;
    };
  }

  @SuppressWarnings("unchecked") // a ClassCastException tells it better than a check before
  private static int compare(Object left, Object right) {
    return ((Comparable<Object>) left).compareTo(right);
  }

  private static boolean summable(Class<?> type) {
    return type == Integer.class
        || type == Long.class
        || type == Double.class
        || type == Float.class
        || type == Short.class
        || type == Byte.class
        || type == BigInteger.class
        || type == BigDecimal.class;
  }

  private Object sum(Object left, Object right) {
    if (left instanceof Long a && right instanceof Long b) {
      return a + b;
    }
    if (left instanceof Integer a && right instanceof Integer b) {
      return a + b;
    }
    if (left instanceof Double a && right instanceof Double b) {
      return a + b;
    }
    if (left instanceof Float a && right instanceof Float b) {
      return a + b;
    }
    if (left instanceof Short a && right instanceof Short b) {
      return (short) (a + b);
    }
    if (left instanceof Byte a && right instanceof Byte b) {
      return (byte) (a + b);
    }
    if (left instanceof BigInteger a && right instanceof BigInteger b) {
      return a.add(b);
    }
    if (left instanceof BigDecimal a && right instanceof BigDecimal b) {
      return a.add(b);
    }
    throw new IllegalArgumentException(
        "values of "
            + left.getClass().getName()
            + " and "
            + right.getClass().getName()
            + " in field '"
            + field
            + "' cannot be added; both must be numbers of the same type");
  }

  @Override
  public String toString() {
    return kind + " of " + field;
  }
}
