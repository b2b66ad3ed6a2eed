package io.millrace.api;

import io.millrace.api.state.MapStateDescriptor;
import java.util.List;

/**
 * A stream of which every subtask of the next operator gets every record, with the states in which
 * that operator keeps them. To be handed to {@link DataStream#connect(BroadcastStream)}.
 *
 * @param <T> records
 */
public final class BroadcastStream<T> {
  final DataStream<T> stream;
  final List<MapStateDescriptor<?, ?>> states;

  BroadcastStream(DataStream<T> stream, List<MapStateDescriptor<?, ?>> states) {
    this.stream = stream;
    this.states = List.copyOf(states);
  }
}
