package io.millrace.api.state;

import io.millrace.api.type.TypeInformation;
import java.util.Objects;

/** Declares a map per key. */
public final class MapStateDescriptor<K, V> extends StateDescriptor {
  private final TypeInformation<K> keyType;
  private final TypeInformation<V> valueType;

  public MapStateDescriptor(String name, TypeInformation<K> keyType, TypeInformation<V> valueType) {
    super(name);
    this.keyType = Objects.requireNonNull(keyType, "keyType");
    this.valueType = Objects.requireNonNull(valueType, "valueType");
  }

  public MapStateDescriptor(String name, Class<K> keyType, Class<V> valueType) {
    this(name, TypeInformation.of(keyType), TypeInformation.of(valueType));
  }

  public TypeInformation<K> keyType() {
    return keyType;
  }

  public TypeInformation<V> valueType() {
    return valueType;
  }
}
