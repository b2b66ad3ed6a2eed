package io.millrace.runtime.exchange;

/** The producer's end of a channel, used by the producing task's thread only. */
public interface OutChannel {
  /** Whether a batch may be sent now. The task's waker is called when this turns true again. */
  boolean hasCredit();

  /** Sends; a batch only with credit. Never waits. */
  void send(Element element);

  /** Whether the consumer has asked for a split since the last call that returned true. */
  boolean takeRequest();

  /**
   * @throws ChannelBrokenException if the other end is gone
   */
  void check();

  void close();
}
