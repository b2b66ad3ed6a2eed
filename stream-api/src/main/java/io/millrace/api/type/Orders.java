package io.millrace.api.type;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.Comparator;

/**
 * The comparators of sorted sets, maps and queues, as what data says of them: nothing for the
 * natural order, a name for the others of the JDK, and an object that is one. Data may bring that
 * only if all that it can do is in its class: no state of its own leads it anywhere else.
 */
final class Orders {
  private static final String REVERSE = "reverse";
  private static final String CASE_INSENSITIVE = "case-insensitive";

  private Orders() {}

  static boolean isNatural(Comparator<?> comparator) {
    return comparator == null || comparator == Comparator.naturalOrder();
  }

  static boolean isReverse(Comparator<?> comparator) {
    return comparator == Collections.reverseOrder();
  }

  /**
   * What is written of it; null for the natural order.
   *
   * @throws NoSerializerException if it is a lambda or has fields
   */
  static Object written(Comparator<?> comparator, String typeName) {
    if (isNatural(comparator)) {
      return null;
    }
    if (isReverse(comparator)) {
      return REVERSE;
    }
    if (comparator == String.CASE_INSENSITIVE_ORDER) {
      return CASE_INSENSITIVE;
    }
    if (!isSaidByItsClass(comparator.getClass())) {
      throw new NoSerializerException(
          typeName,
          "",
          "its comparator " + comparator.getClass().getName() + " would be lost",
          "make the comparator an enum, a record or a class without fields (no lambda), use the"
              + " natural order of a type of your own, or a LinkedHashSet or LinkedHashMap");
    }
    return comparator;
  }

  /** The comparator that was written so. */
  @SuppressWarnings("unchecked") // of whatever is in the collection
  static Comparator<Object> of(Object written) {
    if (written == null) {
      return null;
    }
    if (written.equals(REVERSE)) {
      return Collections.reverseOrder();
    }
    if (written.equals(CASE_INSENSITIVE)) {
      return (Comparator<Object>) (Comparator<?>) String.CASE_INSENSITIVE_ORDER;
    }
    if (written instanceof Comparator<?> comparator && isSaidByItsClass(written.getClass())) {
      return (Comparator<Object>) comparator;
    }
    throw new CorruptDataException(
        "a " + written.getClass().getName() + " in the place of a comparator");
  }

  private static boolean isSaidByItsClass(Class<?> type) {
    if (AllowedClasses.isJdk(type) || type.isHidden() || type.isSynthetic()) {
      return false;
    }
    return Enum.class.isAssignableFrom(type) || type.isRecord() || hasNoFields(type);
  }

  private static boolean hasNoFields(Class<?> type) {
    for (Class<?> owner = type; owner != Object.class; owner = owner.getSuperclass()) {
      for (Field field : owner.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          return false;
        }
      }
    }
    return true;
  }
}
