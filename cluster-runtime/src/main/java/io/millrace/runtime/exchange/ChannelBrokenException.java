package io.millrace.runtime.exchange;

/** The connection behind a channel is gone; names the peer. */
public final class ChannelBrokenException extends RuntimeException {
  public ChannelBrokenException(String message) {
    super(message);
  }
}
