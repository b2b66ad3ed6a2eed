package io.millrace.runtime.host;

import io.millrace.runtime.exchange.ChannelSpec;
import io.millrace.runtime.exchange.Exchange;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.exchange.LocalExchange;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.exchange.Waker;

/** By reference inside this TaskManager, over the network to all others. */
final class NodeExchange implements Exchange {
  private final String taskManager;
  private final LocalExchange local = new LocalExchange();
  private final Exchange network;

  NodeExchange(String taskManager, Exchange network) {
    this.taskManager = taskManager;
    this.network = network;
  }

  @Override
  public OutChannel openOut(ChannelSpec spec, Peer peer, Waker waker) {
    return towards(peer).openOut(spec, peer, waker);
  }

  @Override
  public InChannel openIn(ChannelSpec spec, Peer peer, Waker waker) {
    return towards(peer).openIn(spec, peer, waker);
  }

  private Exchange towards(Peer peer) {
    return peer.taskManager().equals(taskManager) ? local : network;
  }
}
