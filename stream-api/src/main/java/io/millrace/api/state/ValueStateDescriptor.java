package io.millrace.api.state;

import io.millrace.api.type.TypeInformation;
import java.util.Objects;

/** Declares one value per key. */
public final class ValueStateDescriptor<T> extends StateDescriptor {
  private final TypeInformation<T> type;
  private final T defaultValue;

  public ValueStateDescriptor(String name, TypeInformation<T> type) {
    this(name, type, null);
  }

  public ValueStateDescriptor(String name, Class<T> type) {
    this(name, TypeInformation.of(type));
  }

  /**
   * @param defaultValue what a key has to which nothing was written yet; each key gets its own copy
   */
  public ValueStateDescriptor(String name, TypeInformation<T> type, T defaultValue) {
    super(name);
    this.type = Objects.requireNonNull(type, "type");
    this.defaultValue = defaultValue;
  }

  /** See {@link #ValueStateDescriptor(String, TypeInformation, Object)}. */
  public ValueStateDescriptor(String name, Class<T> type, T defaultValue) {
    this(name, TypeInformation.of(type), defaultValue);
  }

  public TypeInformation<T> type() {
    return type;
  }

  /** {@code null} if there is none. */
  public T defaultValue() {
    return defaultValue;
  }

  /** The same as {@link #defaultValue}. */
  public T getDefaultValue() {
    return defaultValue;
  }
}
