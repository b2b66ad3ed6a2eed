package io.millrace.api.state;

import io.millrace.api.type.TypeInformation;

/** Declares one value per key. */
public record ValueStateDescriptor<T>(String name, TypeInformation<T> type)
    implements StateDescriptor {
  public ValueStateDescriptor {
    StateName.check(name);
  }

  public ValueStateDescriptor(String name, Class<T> type) {
    this(name, TypeInformation.of(type));
  }
}
