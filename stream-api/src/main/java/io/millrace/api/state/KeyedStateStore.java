package io.millrace.api.state;

/**
 * State of the current key, as a function sees it. Names are unique within the operator: whoever
 * asks for one again gets the same state, if kind, types and time to live are the same, and else an
 * {@link IllegalArgumentException}. A reducing or aggregating state is the same as a value of what
 * it has joined. Default values, functions, and what of a time to live is no time are those of each
 * who asks.
 */
public interface KeyedStateStore {
  <T> ValueState<T> getState(ValueStateDescriptor<T> descriptor);

  <T> ListState<T> getListState(ListStateDescriptor<T> descriptor);

  <K, V> MapState<K, V> getMapState(MapStateDescriptor<K, V> descriptor);

  <T> ReducingState<T> getReducingState(ReducingStateDescriptor<T> descriptor);

  <IN, ACC, OUT> AggregatingState<IN, OUT> getAggregatingState(
      AggregatingStateDescriptor<IN, ACC, OUT> descriptor);
}
