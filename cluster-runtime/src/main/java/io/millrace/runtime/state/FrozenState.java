package io.millrace.runtime.state;

/**
 * State as it was at a freeze. As long as it is neither written nor discarded, changes to it cost a
 * copy of the page they fall into.
 */
public interface FrozenState {
  /** Turns it into bytes; called at most once, on any thread, while the store goes on. */
  byte[] write();

  /** Nobody will write it any more. On any thread, as often as one likes. */
  void discard();
}
