package io.millrace.runtime.host;

import io.millrace.runtime.host.Hello.Refusal;
import io.millrace.runtime.host.Hello.RefusedException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening port with its doorkeeper: TLS with the application's certificate on both sides, then
 * a greeting, and only then does the {@link Host} hear of a connection. Strangers are few, small
 * and short-lived. All of a port runs on the one thread of its event loop.
 */
final class Port implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Port.class);
  private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Who opens a port. */
  interface Host {
    /** What this side says of itself. */
    Hello hello();

    /** Whether the peer may come in; what it says of itself is proven by nothing but the pin. */
    Optional<Refusal> judge(Hello peer);

    /** Takes the payloads of the connection from now on. */
    ChannelHandler admit(Hello peer, Channel channel);
  }

  private final Host host;
  private final Tls tls;
  private final TransportLimits limits;
  private final int frameCap;
  private final Channel listener;
  private final ChannelGroup connections;
  private final AtomicLong refusals = new AtomicLong();

  // Used by the event loop's thread only.
  private final LinkedHashSet<Channel> strangers = new LinkedHashSet<>();
  private long lastLogNanos = System.nanoTime() - LOG_EVERY_NANOS;
  private long unlogged;

  /**
   * @param loop of one thread
   * @param port 0 for any
   */
  static Port open(
      EventLoopGroup loop,
      String bindHost,
      int port,
      ClusterIdentity identity,
      TransportLimits limits,
      int frameCap,
      Host host)
      throws IOException {
    return new Port(loop, bindHost, port, identity, limits, frameCap, host);
  }

  private Port(
      EventLoopGroup loop,
      String bindHost,
      int port,
      ClusterIdentity identity,
      TransportLimits limits,
      int frameCap,
      Host host)
      throws IOException {
    this.host = host;
    this.limits = limits;
    this.frameCap = frameCap;
    this.tls = identity.serverTls();
    this.connections = new DefaultChannelGroup(loop.next());
    var bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            // Strangers get small buffers of their own that vanish with them, none from a pool.
            .childOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(4 << 10))
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(8 << 20, 64 << 20))
            .childHandler(new Welcome());
    var bound =
        bootstrap
            .bind(
                bindHost.isEmpty()
                    ? new InetSocketAddress(port)
                    : new InetSocketAddress(bindHost, port))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on " + bindHost + ":" + port + ": " + bound.cause().getMessage(),
          bound.cause());
    }
    this.listener = bound.channel();
  }

  int number() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** Connections refused or dropped before they were let in. */
  long refusals() {
    return refusals.get();
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
  }

  private void letGo(Channel channel, String reason) {
    if (strangers.remove(channel)) {
      refusals.incrementAndGet();
      log(channel, reason);
    }
    channel.close();
  }

  /** One line for many: whoever knocks at random must not fill the log. */
  private void log(Channel channel, String reason) {
    long now = System.nanoTime();
    if (now - lastLogNanos < LOG_EVERY_NANOS) {
      unlogged++;
      return;
    }
    lastLogNanos = now;
    LOG.warn(
        "Refused a connection from {} to port {}: {} ({} more since the last such line)",
        channel.remoteAddress(),
        number(),
        reason,
        unlogged);
    unlogged = 0;
  }

  private final class Welcome extends ChannelInitializer<SocketChannel> {
    @Override
    protected void initChannel(SocketChannel channel) {
      connections.add(channel);
      while (strangers.size() >= limits.strangers()) {
        // The oldest has had the most time; so connections that only sit there hold up nobody.
        Iterator<Channel> oldest = strangers.iterator();
        letGo(oldest.next(), "too many connections at once that have not said who they are");
      }
      strangers.add(channel);
      SslHandler tlsHandler = tls.newHandler();
      tlsHandler.setHandshakeTimeoutMillis(limits.greetingTime().toMillis());
      // A peer that does not read cannot delay the end of its connection.
      tlsHandler.setCloseNotifyFlushTimeoutMillis(500);
      var decoder = new Frames.Decoder(limits.greetingCap());
      channel.pipeline().addLast(new Allowance(), tlsHandler, decoder, new Greeting(decoder));
    }
  }

  /** Counts what a stranger sends, and its time; leaves once it is none. */
  private final class Allowance extends ChannelInboundHandlerAdapter {
    private int received;
    private Future<?> deadline;

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      deadline =
          context
              .executor()
              .schedule(
                  () -> {
                    if (strangers.contains(context.channel())) {
                      letGo(context.channel(), "no greeting in " + limits.greetingTime());
                    }
                  },
                  limits.greetingTime().toMillis(),
                  TimeUnit.MILLISECONDS);
    }

    /** Also when the connection has ended: its deadline would keep all of it in memory. */
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      deadline.cancel(false);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      if (message instanceof ByteBuf bytes && strangers.contains(context.channel())) {
        received += bytes.readableBytes();
        if (received > limits.strangerBytes()) {
          bytes.release();
          letGo(context.channel(), "more than " + limits.strangerBytes() + " bytes as a greeting");
          return;
        }
      }
      super.channelRead(context, message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
      letGo(context.channel(), "closed without a greeting");
      super.channelInactive(context);
    }
  }

  /** Reads the greeting, then makes way for the one whom the host names. */
  private final class Greeting extends SimpleChannelInboundHandler<byte[]> {
    private final Frames.Decoder decoder;

    Greeting(Frames.Decoder decoder) {
      this.decoder = decoder;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, byte[] payload) {
      Channel channel = context.channel();
      Hello peer;
      try {
        peer = Hello.read(payload);
        Optional<Refusal> refusal =
            peer.applicationId().equals(host.hello().applicationId())
                ? host.judge(peer)
                : Optional.of(Refusal.WRONG_APPLICATION);
        if (refusal.isPresent()) {
          throw new RefusedException(refusal.get(), false);
        }
      } catch (RefusedException e) {
        refusals.incrementAndGet();
        strangers.remove(channel);
        log(channel, e.getMessage());
        decoder.raiseCap(0);
        context
            .writeAndFlush(Frames.frame(Hello.refusal(e.refusal())))
            .addListener(ChannelFutureListener.CLOSE);
        // Whoever does not read the answer is not waited for.
        context.executor().schedule(() -> channel.close(), 500, TimeUnit.MILLISECONDS);
        return;
      }
      strangers.remove(channel);
      decoder.raiseCap(frameCap);
      channel.config().setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator());
      context.writeAndFlush(Frames.frame(host.hello().welcome()));
      context
          .pipeline()
          .addLast(
              new IdleStateHandler(
                  limits.silence().toMillis(),
                  limits.silence().toMillis() / 4,
                  0,
                  TimeUnit.MILLISECONDS),
              host.admit(peer, channel));
      context.pipeline().remove(Allowance.class);
      context.pipeline().remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      letGo(context.channel(), "not one of ours: " + rootMessage(cause));
    }
  }

  static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String message = root.getMessage() == null ? root.toString() : root.getMessage();
    // Strangers choose parts of these texts.
    return message.length() > 200 ? message.substring(0, 200) + "…" : message;
  }
}
