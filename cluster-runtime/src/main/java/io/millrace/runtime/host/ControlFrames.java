package io.millrace.runtime.host;

import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Message;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sending on a control connection: best effort, bounded. What is dropped is said again later, so
 * what is too large must not be dropped: it would be said again for ever.
 */
final class ControlFrames {
  private static final Logger LOG = LoggerFactory.getLogger(ControlFrames.class);

  /**
   * @return whether it is on its way
   * @throws MessageTooLargeException if the other end would not take it
   */
  static boolean write(Channel channel, Address to, Message message, byte[] payload, int cap) {
    if (refuses(channel, to, message, payload, cap)) {
      return false;
    }
    channel.writeAndFlush(Frames.frame(payload), channel.voidPromise());
    return true;
  }

  /**
   * As {@link #write}.
   *
   * @param gone called on the channel's thread once the message has left, or is lost with the
   *     channel; not if it is not on its way
   */
  static boolean write(
      Channel channel, Address to, Message message, byte[] payload, int cap, Runnable gone) {
    if (refuses(channel, to, message, payload, cap)) {
      return false;
    }
    channel
        .writeAndFlush(Frames.frame(payload))
        .addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE)
        .addListener(written -> gone.run());
    return true;
  }

  private static boolean refuses(
      Channel channel, Address to, Message message, byte[] payload, int cap) {
    if (payload.length > cap) {
      throw new MessageTooLargeException(message, payload.length, cap);
    }
    if (!channel.isWritable()) {
      LOG.warn("{} does not read, dropped {}", to, message.getClass().getSimpleName());
      return true;
    }
    return false;
  }

  /** Nothing may be so large that is sent. */
  static final class MessageTooLargeException extends RuntimeException {
    MessageTooLargeException(Message message, int bytes, int cap) {
      super(
          "a "
              + message.getClass().getSimpleName()
              + " of "
              + bytes
              + " bytes is too large for a control connection, which takes "
              + cap);
    }
  }

  private ControlFrames() {}
}
