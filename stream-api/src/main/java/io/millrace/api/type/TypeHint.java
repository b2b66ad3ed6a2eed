package io.millrace.api.type;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/**
 * Captures a generic type that Java would erase: {@code new TypeHint<Tuple2<String, Long>>() {}}.
 */
public abstract class TypeHint<T> {
  private final Type type;

  protected TypeHint() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType superclass)
        || superclass.getRawType() != TypeHint.class) {
      throw new IllegalArgumentException(
          "a type hint is an anonymous subclass with its type argument:"
              + " new TypeHint<Tuple2<String, Long>>() {}");
    }
    type = superclass.getActualTypeArguments()[0];
  }

  public final Type type() {
    return type;
  }

  /** The type that was captured. */
  @SuppressWarnings("unchecked") // the argument of this very class
  public final TypeInformation<T> getTypeInfo() {
    return (TypeInformation<T>) TypeInformation.of(type);
  }
}
