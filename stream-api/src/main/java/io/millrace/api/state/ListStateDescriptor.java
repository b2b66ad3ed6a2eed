package io.millrace.api.state;

import io.millrace.api.type.TypeInformation;

/** Declares a list per key. */
public record ListStateDescriptor<T>(String name, TypeInformation<T> elementType)
    implements StateDescriptor {
  public ListStateDescriptor {
    StateName.check(name);
  }

  public ListStateDescriptor(String name, Class<T> elementType) {
    this(name, TypeInformation.of(elementType));
  }
}
