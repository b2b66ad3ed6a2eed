package io.millrace.runtime.host;

import io.millrace.runtime.host.Hello.Refusal;
import io.millrace.runtime.host.Hello.RefusedException;
import io.millrace.runtime.host.Hello.Role;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The calling side of connections: TLS, greeting, then the listener's handler. */
final class Dialer {
  private final EventLoopGroup loop;
  private final Tls tls;
  private final TransportLimits limits;

  /** Learns how a call went, once, on the event loop's thread. */
  interface Listener {
    /** The peer let us in; the handler takes its payloads and sees the end of the connection. */
    ChannelHandler connected(Hello peer, Channel channel);

    /**
     * @param reason one line that names the peer
     * @param refusal {@code null} unless one side refused the other
     */
    void failed(String reason, Refusal refusal);
  }

  Dialer(EventLoopGroup loop, ClusterIdentity identity, TransportLimits limits) {
    this.loop = loop;
    this.tls = identity.clientTls();
    this.limits = limits;
  }

  void dial(String host, int port, Hello hello, Role expected, int frameCap, Listener listener) {
    var call = new Call(host + ":" + port, hello, expected, frameCap, listener);
    new Bootstrap()
        .group(loop)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) limits.greetingTime().toMillis())
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(8 << 20, 64 << 20))
        .handler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                SslHandler tlsHandler = tls.newHandler();
                tlsHandler.setHandshakeTimeoutMillis(limits.greetingTime().toMillis());
                // A peer that does not read cannot delay the end of its connection.
                tlsHandler.setCloseNotifyFlushTimeoutMillis(500);
                channel.pipeline().addLast(tlsHandler, call.decoder, call);
              }
            })
        // A fresh address for each call: names may point elsewhere by now.
        .connect(new InetSocketAddress(host, port))
        .addListener(
            connected -> {
              if (!connected.isSuccess()) {
                call.fail(Port.rootMessage(connected.cause()), null);
              }
            });
  }

  private final class Call extends SimpleChannelInboundHandler<byte[]> {
    final Frames.Decoder decoder = new Frames.Decoder(limits.greetingCap());
    private final String where;
    private final Hello hello;
    private final Role expected;
    private final int frameCap;
    private final Listener listener;
    private boolean answered;

    Call(String where, Hello hello, Role expected, int frameCap, Listener listener) {
      this.where = where;
      this.hello = hello;
      this.expected = expected;
      this.frameCap = frameCap;
      this.listener = listener;
    }

    void fail(String reason, Refusal refusal) {
      if (!answered) {
        answered = true;
        listener.failed("no connection to " + where + ": " + reason, refusal);
      }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      context
          .executor()
          .schedule(
              () -> {
                if (!answered) {
                  fail("no answer to the greeting in " + limits.greetingTime(), null);
                  context.close();
                }
              },
              limits.greetingTime().toMillis() * 2,
              TimeUnit.MILLISECONDS);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
      if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
        context.writeAndFlush(Frames.frame(hello.greeting()));
      }
      super.userEventTriggered(context, event);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, byte[] payload) {
      try {
        Hello peer = Hello.readAnswer(payload);
        if (!peer.applicationId().equals(hello.applicationId())) {
          throw new RefusedException(Refusal.WRONG_APPLICATION, false);
        }
        if (peer.role() != expected) {
          throw new RefusedException(Refusal.WRONG_ROLE, false);
        }
        if (peer.epoch().compareTo(hello.epoch()) < 0) {
          throw new RefusedException(Refusal.STALE_EPOCH, false);
        }
        decoder.raiseCap(frameCap);
        answered = true;
        long silenceMillis = limits.silence().toMillis();
        context
            .pipeline()
            .addLast(
                new IdleStateHandler(silenceMillis, silenceMillis / 4, 0, TimeUnit.MILLISECONDS),
                listener.connected(peer, context.channel()));
        context.pipeline().remove(this);
      } catch (RefusedException e) {
        fail(e.getMessage(), e.refusal());
        context.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      fail("closed before it was established", null);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      fail(Port.rootMessage(cause), null);
      context.close();
    }
  }
}
