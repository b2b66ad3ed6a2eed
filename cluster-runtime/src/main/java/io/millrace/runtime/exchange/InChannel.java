package io.millrace.runtime.exchange;

/** The consumer's end of a channel, used by the consuming task's thread only. */
public interface InChannel {
  /**
   * The next element, {@code null} if there is none yet. The task's waker is called when there is
   * one again.
   *
   * @throws ChannelBrokenException if the other end is gone and everything it sent has been taken
   */
  Element poll();

  /** Whether {@link #poll} would return something. */
  boolean isEmpty();

  /** Asks the enumerator at the other end for a split; at most one request is open at a time. */
  void request();

  void close();
}
