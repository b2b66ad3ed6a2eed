package io.millrace.api.state;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.type.TypeInformation;
import java.util.Objects;

/** Declares one accumulator per key to which values are added. */
public final class AggregatingStateDescriptor<IN, ACC, OUT> extends StateDescriptor {
  private final AggregateFunction<IN, ACC, OUT> aggregateFunction;
  private final TypeInformation<ACC> accumulatorType;

  public AggregatingStateDescriptor(
      String name,
      AggregateFunction<IN, ACC, OUT> aggregateFunction,
      TypeInformation<ACC> accumulatorType) {
    super(name);
    this.aggregateFunction = Objects.requireNonNull(aggregateFunction, "aggregateFunction");
    this.accumulatorType = Objects.requireNonNull(accumulatorType, "accumulatorType");
  }

  public AggregatingStateDescriptor(
      String name, AggregateFunction<IN, ACC, OUT> aggregateFunction, Class<ACC> accumulatorType) {
    this(name, aggregateFunction, TypeInformation.of(accumulatorType));
  }

  public AggregateFunction<IN, ACC, OUT> aggregateFunction() {
    return aggregateFunction;
  }

  public TypeInformation<ACC> accumulatorType() {
    return accumulatorType;
  }
}
