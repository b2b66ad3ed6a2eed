package io.millrace.runtime.host;

import io.millrace.runtime.host.Hello.Refusal;
import io.millrace.runtime.host.Hello.Role;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.kernel.MessageCodec;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.taskmanager.Line;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The line from a TaskManager or client to the JobManager. Connects again by itself, after times
 * that grow and vary, to wherever the JobManager is then.
 *
 * @param <O> family of what is sent
 * @param <I> family of what arrives
 */
final class ControlConnection<O extends Message, I extends Message> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlConnection.class);
  private static final long FIRST_PAUSE_MILLIS = 50;

  /**
   * However long it was away, a JobManager that is back hears of all well within adoption.timeout.
   */
  static final long LONGEST_PAUSE_MILLIS = 1_500;

  private final EventLoopGroup loop = Loops.one("control-line");
  private final Dialer dialer;
  private final String applicationId;
  private final Role role;
  private final String name;
  private final Supplier<InetSocketAddress> jobManager;
  private final TransportLimits limits;
  private final MessageCodec<O> out;
  private final MessageCodec<I> in;
  private final Consumer<? super I> inbox;
  private final Consumer<Line> news;

  private volatile Channel channel;
  private volatile boolean closed;
  private volatile Epoch seen = Epoch.NONE;
  private volatile String trouble = "not connected yet";

  // Used by the event loop's thread only.
  private int failures;

  /** Of the newest call; what older ones come to does not count any more. */
  private int call;

  /**
   * @param jobManager asked before every attempt; must not wait; {@code null} while unknown
   * @param inbox called on the connection's thread; must not wait
   * @param news told of on the same thread, when a connection is there and when that is lost
   */
  ControlConnection(
      ClusterIdentity identity,
      String applicationId,
      Role role,
      String name,
      Supplier<InetSocketAddress> jobManager,
      TransportLimits limits,
      Class<O> out,
      Class<I> in,
      Consumer<? super I> inbox,
      Consumer<Line> news) {
    this.dialer = new Dialer(loop, identity, limits);
    this.applicationId = applicationId;
    this.role = role;
    this.name = name;
    this.jobManager = jobManager;
    this.limits = limits;
    this.out = new MessageCodec<>(out);
    this.in = new MessageCodec<>(in);
    this.inbox = inbox;
    this.news = news;
  }

  void open() {
    loop.execute(this::dial);
  }

  /** The JobManager is elsewhere now: leaves the connection there is, and makes one there. */
  void redial() {
    loop.execute(
        () -> {
          failures = 0;
          Channel left = channel;
          channel = null;
          dial();
          if (left != null) {
            left.close();
          }
        });
  }

  /** Sends if there is a connection; otherwise the message is lost. */
  boolean send(O message) {
    Channel current = channel;
    return current != null
        && ControlFrames.write(
            current, Address.JOB_MANAGER, message, out.encode(message), limits.controlCap());
  }

  /**
   * As {@link #send}.
   *
   * @param gone called on any thread once the message has left, or is lost; not if it was not sent
   */
  boolean send(O message, Runnable gone) {
    Channel current = channel;
    return current != null
        && ControlFrames.write(
            current, Address.JOB_MANAGER, message, out.encode(message), limits.controlCap(), gone);
  }

  boolean connected() {
    return channel != null;
  }

  /** Why there is no connection, for people. */
  String trouble() {
    return trouble;
  }

  @Override
  public void close() {
    closed = true;
    Loops.end(loop);
  }

  private void dial() {
    if (closed) {
      return;
    }
    int mine = ++call;
    InetSocketAddress target = jobManager.get();
    if (target == null) {
      trouble = "the JobManager's address is not known";
      pauseThenDial(mine);
      return;
    }
    if (failures == 0) {
      trouble = target.getHostString() + ":" + target.getPort() + " has not greeted back";
    }
    dialer.dial(
        target.getHostString(),
        target.getPort(),
        new Hello(applicationId, role, name, seen),
        Role.JOBMANAGER,
        limits.controlCap(),
        new Dialer.Listener() {
          @Override
          public ChannelHandler connected(Hello peer, Channel established) {
            if (mine != call) {
              established.close();
              return new Conversation(mine);
            }
            seen = peer.epoch();
            failures = 0;
            channel = established;
            news.accept(new Line.Made());
            return new Conversation(mine);
          }

          @Override
          public void failed(String reason, Refusal refusal) {
            trouble = reason;
            if (failures == 0 || refusal != null) {
              LOG.info("{}", reason);
            }
            pauseThenDial(mine);
          }
        });
  }

  /** Many lose the JobManager at the same moment; they must not come back at the same moment. */
  private void pauseThenDial(int after) {
    if (closed || after != call) {
      return;
    }
    long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, 10));
    failures++;
    loop.schedule(
        () -> {
          if (after == call) {
            dial();
          }
        },
        ThreadLocalRandom.current().nextLong(pause / 2, pause + 1),
        TimeUnit.MILLISECONDS);
  }

  private final class Conversation extends SimpleChannelInboundHandler<byte[]> {
    private final int number;

    Conversation(int number) {
      this.number = number;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, byte[] payload) {
      if (number == call) {
        inbox.accept(in.decode(payload));
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof IdleStateEvent idle && idle.state() == IdleState.READER_IDLE) {
        context.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (number == call) {
        channel = null;
        trouble = "the connection to the JobManager was lost";
        pauseThenDial(number);
        news.accept(new Line.Lost());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (!(cause instanceof IOException)) {
        LOG.warn("Connection to the JobManager closed: {}", Port.rootMessage(cause));
      }
      context.close();
    }
  }
}
