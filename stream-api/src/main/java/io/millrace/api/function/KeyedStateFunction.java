package io.millrace.api.function;

import io.millrace.api.state.State;

/** What is to be done with the state of each key. */
@FunctionalInterface
public interface KeyedStateFunction<K, S extends State> {
  /**
   * @param state of this key; may be changed
   */
  void process(K key, S state) throws Exception;
}
