package io.millrace.api.state;

import io.millrace.api.type.TypeInformation;
import java.util.Objects;

/** Declares a list per key. */
public final class ListStateDescriptor<T> extends StateDescriptor {
  private final TypeInformation<T> elementType;

  public ListStateDescriptor(String name, TypeInformation<T> elementType) {
    super(name);
    this.elementType = Objects.requireNonNull(elementType, "elementType");
  }

  public ListStateDescriptor(String name, Class<T> elementType) {
    this(name, TypeInformation.of(elementType));
  }

  public TypeInformation<T> elementType() {
    return elementType;
  }
}
