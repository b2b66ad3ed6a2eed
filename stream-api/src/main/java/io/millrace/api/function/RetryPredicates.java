package io.millrace.api.function;

import java.io.Serializable;
import java.util.Collection;
import java.util.function.Predicate;

/** The usual reasons to make a request again. */
public final class RetryPredicates {
  /** There is no error, but no result either. */
  public static final Serialized<Collection<?>> EMPTY_RESULT_PREDICATE = Collection::isEmpty;

  /** There is an error. */
  public static final Serialized<Throwable> HAS_EXCEPTION_PREDICATE = error -> true;

  /** There is an error of that class or one that extends it. */
  public static Serialized<Throwable> createExceptionTypePredicate(
      Class<? extends Throwable> type) {
    return new OfClass(type.getName());
  }

  /** By name: classes of exceptions are none that travel. */
  private record OfClass(String name) implements Serialized<Throwable> {
    @Override
    public boolean test(Throwable error) {
      for (Class<?> type = error.getClass(); type != null; type = type.getSuperclass()) {
        if (type.getName().equals(name)) {
          return true;
        }
      }
      return false;
    }
  }

  /** A predicate that travels to the cluster. */
  @FunctionalInterface
  public interface Serialized<T> extends Predicate<T>, Serializable {}

  private RetryPredicates() {}
}
