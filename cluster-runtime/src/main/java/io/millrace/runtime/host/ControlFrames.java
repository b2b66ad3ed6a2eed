package io.millrace.runtime.host;

import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Message;
import io.netty.channel.Channel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sending on a control connection: best effort, bounded. What is dropped is said again later. */
final class ControlFrames {
  private static final Logger LOG = LoggerFactory.getLogger(ControlFrames.class);

  static boolean write(Channel channel, Address to, Message message, byte[] payload, int cap) {
    if (payload.length > cap) {
      LOG.error(
          "A {} of {} bytes is too large for the control connection to {}, which takes {}; dropped",
          message.getClass().getSimpleName(),
          payload.length,
          to,
          cap);
      return false;
    }
    if (!channel.isWritable()) {
      LOG.warn("{} does not read, dropped {}", to, message.getClass().getSimpleName());
      return false;
    }
    channel.writeAndFlush(Frames.frame(payload), channel.voidPromise());
    return true;
  }

  private ControlFrames() {}
}
