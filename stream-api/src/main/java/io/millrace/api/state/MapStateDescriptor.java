package io.millrace.api.state;

import io.millrace.api.type.TypeInformation;

/** Declares a map per key. */
public record MapStateDescriptor<K, V>(
    String name, TypeInformation<K> keyType, TypeInformation<V> valueType)
    implements StateDescriptor {
  public MapStateDescriptor {
    StateName.check(name);
  }

  public MapStateDescriptor(String name, Class<K> keyType, Class<V> valueType) {
    this(name, TypeInformation.of(keyType), TypeInformation.of(valueType));
  }
}
