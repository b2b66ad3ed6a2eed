package io.millrace.runtime.exchange;

import java.util.List;

/** The producer's end of a channel, used by the producing task's thread only. */
public interface OutChannel {
  /** Whether a batch may be sent now. The task's waker is called when this turns true again. */
  boolean hasCredit();

  /** Sends; a batch only with credit. Never waits. */
  void send(Element element);

  /**
   * Sends the barrier before everything that waits at this end for credit, unless it is on its way
   * already; one that waits here itself comes forward.
   *
   * @return what it has overtaken, in order
   */
  List<InFlight> overtake(Element.Barrier barrier);

  /** Whether the newest barrier that was handed over is on its way to the consumer. */
  boolean passed();

  /** Whether the consumer has asked for a split since the last call that returned true. */
  boolean takeRequest();

  /**
   * @throws ChannelBrokenException if the other end is gone
   */
  void check();

  void close();
}
