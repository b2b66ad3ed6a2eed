package io.millrace.api.state;

import io.millrace.api.operator.TimerDomain;

/**
 * State and timers of whichever key is current. Handles stay valid while the key changes under
 * them.
 */
public interface KeyedStateAccess {
  /** The current key; a mutable one is a copy, which may be changed. */
  Object currentKey();

  /** The key group that the current key belongs to. */
  int currentKeyGroup();

  <T> ValueState<T> value(ValueStateDescriptor<T> descriptor);

  /**
   * As the other, of values that may be kept as numbers: {@code value()} may give another object
   * each time, so what is changed in one counts once it was given to {@code update}.
   *
   * @param flattening {@code null} if there is none
   */
  default <T> ValueState<T> value(ValueStateDescriptor<T> descriptor, Flattening<T> flattening) {
    return value(descriptor);
  }

  <T> ListState<T> list(ListStateDescriptor<T> descriptor);

  <K, V> MapState<K, V> map(MapStateDescriptor<K, V> descriptor);

  <T> ReducingState<T> reducing(ReducingStateDescriptor<T> descriptor);

  <IN, ACC, OUT> AggregatingState<IN, OUT> aggregating(
      AggregatingStateDescriptor<IN, ACC, OUT> descriptor);

  /**
   * Visits all keys of this subtask that have something in the state, in an order that is the same
   * in every run; mutable keys are copies. The visitor may change the state of the key it is called
   * with. No key is current afterwards.
   */
  void forEachKey(StateDescriptor descriptor, KeyVisitor visitor) throws Exception;

  /** Sets a timer for the current key; the same time twice is one timer. */
  void setTimer(TimerDomain domain, long timeMillis);

  void deleteTimer(TimerDomain domain, long timeMillis);

  /**
   * Sets a timer of which the operator keeps the time under the key: it is no state of its own. It
   * cannot be deleted, so whoever it comes to looks whether it is still wanted; it may come twice.
   */
  default void wakeAt(TimerDomain domain, long timeMillis) {
    setTimer(domain, timeMillis);
  }

  /**
   * Whether state was restored without what {@link #wakeAt} had been asked for: then it is to be
   * asked for again, for each key, when the operator opens.
   */
  default boolean forgetsWakes() {
    return false;
  }
}
