package io.millrace.runtime.exchange;

import java.util.concurrent.ConcurrentHashMap;

/** Channels between tasks of one process. */
public final class LocalExchange implements Exchange {
  private final ConcurrentHashMap<ChannelId, Ends> channels = new ConcurrentHashMap<>();

  @Override
  public OutChannel openOut(ChannelSpec spec, Peer peer, Waker waker) {
    return open(spec).out(waker, () -> close(spec.id()));
  }

  @Override
  public InChannel openIn(ChannelSpec spec, Peer peer, Waker waker) {
    return open(spec).in(waker, () -> close(spec.id()));
  }

  /** Channels of which at least one end is open. */
  public int openChannels() {
    return channels.size();
  }

  private LocalChannel open(ChannelSpec spec) {
    return channels.compute(
            spec.id(),
            (id, ends) ->
                ends == null
                    ? new Ends(new LocalChannel(spec.capacity()), 1)
                    : new Ends(ends.channel, ends.open + 1))
        .channel;
  }

  private void close(ChannelId id) {
    channels.computeIfPresent(
        id, (key, ends) -> ends.open == 1 ? null : new Ends(ends.channel, ends.open - 1));
  }

  /**
   * @param open ends that are open now
   */
  private record Ends(LocalChannel channel, int open) {}
}
