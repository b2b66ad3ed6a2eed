package io.millrace.runtime.state;

import io.millrace.api.operator.KeyGroupRange;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.KeyedStateAccess;
import java.util.function.LongSupplier;

/** All state and timers of one keyed operator's subtask; used by the task's thread only. */
public interface StateStore extends KeyedStateAccess {
  /**
   * The key that following calls are about, whatever becomes of the object: it is a part of a
   * record, which the program may change before the last of these calls. Throws {@code
   * NotHashableException} for a key without a stable hash.
   */
  void setCurrentKey(Object key);

  /** Whether it helps to be told of keys before their turn. */
  default boolean foresees() {
    return false;
  }

  /**
   * The key will soon be the current one: has what is kept under it fetched. Changes nothing.
   *
   * @return the key as it is now, whatever becomes of the object
   */
  default Object foresee(Object key) {
    throw new UnsupportedOperationException("this store has no use for keys before their turn");
  }

  /** Where each access to state looks at the wall clock, by which it expires. At first it is 0. */
  void clock(LongSupplier wallMillis);

  /** The same where time stands still until the next call. */
  default void now(long wallMillis) {
    clock(() -> wallMillis);
  }

  /** Following calls are about no key: using state under a key fails until the next one is set. */
  void clearCurrentKey();

  /** Time of the earliest timer, {@code Long.MAX_VALUE} if there is none. */
  long earliestTimer(TimerDomain domain);

  /**
   * Removes the earliest timer if it is due and makes its key the current one. Timers come in order
   * of time; for the same time in an order that is the same in every run.
   *
   * @return whether there was one; its time is then in {@link #firedTime}
   */
  boolean fireNext(TimerDomain domain, long upTo);

  /** As the other, for timers that were set under keys of some groups. */
  boolean fireNext(TimerDomain domain, long upTo, KeyGroupRange groups);

  /** Time of the timer that {@code fireNext} removed last. */
  long firedTime();

  /** Everything as it is now, without copying it. */
  FrozenState freeze();

  /**
   * As {@link #freeze}, but for stores of this kind alone: state that is in files stays in them, so
   * that those which an earlier checkpoint has need not be written again.
   */
  default FrozenState capture() {
    return freeze();
  }

  /**
   * Adds what {@link FrozenState#write} wrote, of this store's key groups only. Before any other
   * use.
   */
  void restore(byte[] frozen);

  /** Entries over all states, for gauges; an estimate if the store does not count. */
  long entryCount();

  /** Gives up what the store holds outside the heap; what was frozen can be written still. */
  void close();
}
