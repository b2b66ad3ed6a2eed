package io.millrace.runtime.exchange;

/** Opens channels. The two ends of a channel may be opened in any order. */
public interface Exchange {
  /**
   * @param peer name of the TaskManager of the consumer
   */
  OutChannel openOut(ChannelSpec spec, Peer peer, Waker waker);

  /**
   * @param peer name of the TaskManager of the producer
   */
  InChannel openIn(ChannelSpec spec, Peer peer, Waker waker);

  /** The TaskManager at the other end. */
  record Peer(String taskManager, String host, int dataPort) {}
}
