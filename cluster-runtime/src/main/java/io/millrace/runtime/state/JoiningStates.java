package io.millrace.runtime.state;

import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.KeyedStateAccess;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.TypeInformation;

/** States in which something is joined: values, in whichever store. */
record JoiningStates(KeyedStateAccess store, ClassLoader loader) {
  <T> ReducingState<T> reducing(ReducingStateDescriptor<T> descriptor) {
    return ReducingState.over(
        store.value(accumulator(descriptor)),
        descriptor.reduceFunction(),
        descriptor.type().serializer(loader));
  }

  <IN, ACC, OUT> AggregatingState<IN, OUT> aggregating(
      AggregatingStateDescriptor<IN, ACC, OUT> descriptor) {
    return AggregatingState.over(
        store.value(accumulator(descriptor)),
        descriptor.aggregateFunction(),
        descriptor.accumulatorType().serializer(loader));
  }

  /** Declares the value in which it is joined. */
  static <T> ValueStateDescriptor<T> accumulator(ReducingStateDescriptor<T> descriptor) {
    return accumulator(descriptor, descriptor.type());
  }

  static <ACC> ValueStateDescriptor<ACC> accumulator(
      AggregatingStateDescriptor<?, ACC, ?> descriptor) {
    return accumulator(descriptor, descriptor.accumulatorType());
  }

  private static <T> ValueStateDescriptor<T> accumulator(
      StateDescriptor descriptor, TypeInformation<T> type) {
    var value = new ValueStateDescriptor<T>(descriptor.name(), type);
    value.enableTimeToLive(descriptor.timeToLive());
    value.setMeaning(descriptor.meaning());
    return value;
  }
}
