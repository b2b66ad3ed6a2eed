package io.millrace.api.state;

import io.millrace.api.function.ReduceFunction;
import io.millrace.api.type.TypeInformation;
import java.util.Objects;

/** Declares one value per key into which others are joined. */
public final class ReducingStateDescriptor<T> extends StateDescriptor {
  private final ReduceFunction<T> reduceFunction;
  private final TypeInformation<T> type;

  public ReducingStateDescriptor(
      String name, ReduceFunction<T> reduceFunction, TypeInformation<T> type) {
    super(name);
    this.reduceFunction = Objects.requireNonNull(reduceFunction, "reduceFunction");
    this.type = Objects.requireNonNull(type, "type");
  }

  public ReducingStateDescriptor(String name, ReduceFunction<T> reduceFunction, Class<T> type) {
    this(name, reduceFunction, TypeInformation.of(type));
  }

  public ReduceFunction<T> reduceFunction() {
    return reduceFunction;
  }

  public TypeInformation<T> type() {
    return type;
  }
}
