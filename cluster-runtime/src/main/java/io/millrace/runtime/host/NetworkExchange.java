package io.millrace.runtime.host;

import io.millrace.api.type.CorruptDataException;
import io.millrace.runtime.exchange.ChannelId;
import io.millrace.runtime.exchange.ChannelSpec;
import io.millrace.runtime.exchange.Exchange;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.exchange.Waker;
import io.millrace.runtime.host.Hello.Refusal;
import io.millrace.runtime.host.Hello.Role;
import io.millrace.runtime.protocol.Epoch;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Channels between TaskManagers. A TaskManager's data port offers the channels that its tasks
 * produce; the consumer's TaskManager comes for them, over one connection for each pair, on which
 * it gives channels numbers of its own.
 *
 * <p>All maps are guarded by this object; channels have locks of their own and are never called
 * with a lock of a channel held by the caller.
 */
final class NetworkExchange implements Exchange, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkExchange.class);
  private static final int MAX_EARLY = 65_536;
  private static final int MAX_REMEMBERED_REGIONS = 10_000;

  private final String applicationId;
  private final String name;
  private final Times times;
  private final TransportLimits limits;
  private final long maxRecord;
  private final int frameCap;
  private final EventLoopGroup loop;
  private final Dialer dialer;
  private final Port port;
  private final Map<ChannelId, RemoteOut> offered = new HashMap<>();
  private final Map<ChannelId, Early> early = new HashMap<>();
  private final Map<Peer, Line> lines = new HashMap<>();
  private boolean closed;

  /** Highest generation seen of each region; the oldest jobs are forgotten. */
  private final LinkedHashMap<Region, Integer> generations =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Region, Integer> eldest) {
          return size() > MAX_REMEMBERED_REGIONS;
        }
      };

  private record Region(String job, int region) {}

  /** A consumer that came before its channel was opened. */
  private record Early(ConsumerLine line, int number, int credit) {}

  /**
   * @param patience how long a consumer may wait for a channel that is not open yet
   * @param reach how long to try to connect to a peer
   */
  record Times(Duration patience, Duration reach) {
    static final Times DEFAULT = new Times(Duration.ofMinutes(5), Duration.ofSeconds(15));
  }

  /**
   * @param name of this TaskManager
   * @param bindHost empty for all of the machine's addresses
   * @param dataPort 0 for any
   */
  NetworkExchange(
      ClusterIdentity identity,
      String applicationId,
      String name,
      String bindHost,
      int dataPort,
      long maxRecord,
      TransportLimits limits,
      Times times)
      throws IOException {
    this.applicationId = applicationId;
    this.name = name;
    this.times = times;
    this.limits = limits;
    this.maxRecord = maxRecord;
    this.frameCap =
        (int) Math.min(Integer.MAX_VALUE - 1024, maxRecord + DataFrames.FRAME_BYTES)
            + DataFrames.OVERHEAD;
    this.loop = Loops.one("data-port");
    this.dialer = new Dialer(loop, identity, limits);
    try {
      this.port = Port.open(loop, bindHost, dataPort, identity, limits, frameCap, new DataHost());
    } catch (IOException e) {
      Loops.end(loop);
      throw e;
    }
  }

  int port() {
    return port.number();
  }

  @Override
  public OutChannel openOut(ChannelSpec spec, Peer peer, Waker waker) {
    ChannelId id = spec.id();
    var out = new RemoteOut(spec, waker, maxRecord, () -> forget(id));
    Early waiting;
    synchronized (this) {
      offered.put(id, out);
      generations.merge(new Region(id.job(), id.region()), id.generation(), Math::max);
      waiting = early.remove(id);
    }
    if (waiting != null) {
      waiting.line.attach(out, waiting.number, waiting.credit);
    }
    return out;
  }

  @Override
  public InChannel openIn(ChannelSpec spec, Peer peer, Waker waker) {
    Line line;
    synchronized (this) {
      line = lines.computeIfAbsent(peer, Line::new);
    }
    return line.open(spec, waker);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    port.close();
    Loops.end(loop);
  }

  private synchronized void forget(ChannelId id) {
    offered.remove(id);
  }

  // ---- the producer's side

  private final class DataHost implements Port.Host {
    private final Hello hello = new Hello(applicationId, Role.DATA_PRODUCER, name, Epoch.NONE);

    @Override
    public Hello hello() {
      return hello;
    }

    @Override
    public Optional<Refusal> judge(Hello peer) {
      return peer.role() == Role.DATA_CONSUMER ? Optional.empty() : Optional.of(Refusal.WRONG_ROLE);
    }

    @Override
    public ChannelHandler admit(Hello peer, Channel channel) {
      channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
      channel.pipeline().addFirst(new FlushConsolidationHandler(64, true));
      return new ConsumerLine(peer.name(), channel);
    }
  }

  /** A connection by which a consumer came. */
  private final class ConsumerLine extends SimpleChannelInboundHandler<byte[]> {
    private final String consumer;
    private final Channel channel;
    private String ending = "closed by the peer";

    // Used by the event loop's thread only.
    private final Map<Integer, RemoteOut> channels = new HashMap<>();

    ConsumerLine(String consumer, Channel channel) {
      this.consumer = consumer;
      this.channel = channel;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, byte[] payload) {
      switch (payload[0]) {
        case DataFrames.PING -> {}
        case DataFrames.SUBSCRIBE -> subscribe(payload);
        case DataFrames.CREDIT -> {
          RemoteOut out = channels.get(DataFrames.number(payload));
          int credit = DataFrames.readCredit(payload);
          if (out != null) {
            out.addCredit(credit);
          }
        }
        case DataFrames.REQUEST -> {
          int number = DataFrames.number(payload);
          RemoteOut out = channels.get(number);
          if (out != null) {
            out.request();
          } else {
            rememberRequest(number);
          }
        }
        case DataFrames.UNSUBSCRIBE -> channels.remove(DataFrames.number(payload));
        default ->
            throw new CorruptDataException("a consumer does not send frames of kind " + payload[0]);
      }
    }

    /** A request may follow a subscription that still waits for its channel. */
    private final Set<Integer> earlyRequests = new HashSet<>();

    private void rememberRequest(int number) {
      if (earlyRequests.size() < MAX_EARLY) {
        earlyRequests.add(number);
      }
    }

    private void subscribe(byte[] payload) {
      int number = DataFrames.number(payload);
      DataFrames.Subscription wanted = DataFrames.readSubscription(payload);
      ChannelId id = wanted.id();
      RemoteOut out;
      String refusal = null;
      synchronized (NetworkExchange.this) {
        out = offered.get(id);
        if (out == null) {
          int newest = generations.getOrDefault(new Region(id.job(), id.region()), -1);
          if (id.generation() < newest) {
            refusal = "generation " + id.generation() + " is over, " + newest + " runs";
          } else if (early.size() >= MAX_EARLY || early.containsKey(id)) {
            refusal = "it is wanted twice, or too many channels are";
          } else {
            early.put(id, new Early(this, number, wanted.credit()));
            loop.schedule(
                () -> giveUp(id, number), times.patience().toMillis(), TimeUnit.MILLISECONDS);
          }
        }
      }
      if (refusal != null) {
        refuse(number, id, refusal);
      } else if (out != null) {
        attach(out, number, wanted.credit());
      }
    }

    private void giveUp(ChannelId id, int number) {
      boolean late;
      synchronized (NetworkExchange.this) {
        Early waiting = early.get(id);
        late = waiting != null && waiting.line == this && waiting.number == number;
        if (late) {
          early.remove(id);
        }
      }
      if (late) {
        refuse(number, id, "it was not opened within " + times.patience());
      }
    }

    private void refuse(int number, ChannelId id, String reason) {
      channel.writeAndFlush(
          DataFrames.refused(number, "channel " + id + " is not offered: " + reason),
          channel.voidPromise());
    }

    /** Any thread. */
    void attach(RemoteOut out, int number, int credit) {
      if (!loop.next().inEventLoop()) {
        loop.execute(() -> attach(out, number, credit));
        return;
      }
      if (!channel.isActive()) {
        out.breakOff(lost());
        return;
      }
      if (out.attach(channel, number, credit)) {
        channels.put(number, out);
        if (earlyRequests.remove(number)) {
          out.request();
        }
      } else {
        channel.writeAndFlush(
            DataFrames.refused(number, "the channel is taken already"), channel.voidPromise());
      }
    }

    private String lost() {
      return "the connection from TaskManager " + consumer + " was lost: " + ending;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof IdleStateEvent idle) {
        if (idle.state() == IdleState.READER_IDLE) {
          ending = "nothing came from it for " + limits.silence();
          context.close();
        } else {
          context.writeAndFlush(DataFrames.ping());
        }
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      synchronized (NetworkExchange.this) {
        early.values().removeIf(waiting -> waiting.line == this);
      }
      channels.values().forEach(out -> out.breakOff(lost()));
      channels.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      ending = Port.rootMessage(cause);
      if (!(cause instanceof IOException)) {
        LOG.warn("Data connection of TaskManager {} closed: {}", consumer, ending);
      }
      context.close();
    }
  }

  // ---- the consumer's side

  /** The connection to one producer, from the first channel that needs it until it breaks. */
  private final class Line extends SimpleChannelInboundHandler<byte[]> {
    private final Peer peer;
    private final String peerName;
    private final long startNanos = System.nanoTime();
    private String ending = "closed by the peer";

    // Used by the event loop's thread only.
    private final Map<Integer, RemoteIn> channels = new HashMap<>();
    private Channel channel;
    private int lastNumber;
    private boolean over;
    private int attempts;

    Line(Peer peer) {
      this.peer = peer;
      this.peerName =
          "TaskManager " + peer.taskManager() + " (" + peer.host() + ":" + peer.dataPort() + ")";
      loop.execute(this::dial);
    }

    InChannel open(ChannelSpec spec, Waker waker) {
      var number = new int[1];
      var in =
          new RemoteIn(spec, peerName, waker, () -> loop.execute(() -> channels.remove(number[0])));
      loop.execute(
          () -> {
            number[0] = ++lastNumber;
            if (over) {
              in.breakOff(lost());
              return;
            }
            channels.put(number[0], in);
            if (channel != null) {
              in.attach(channel, number[0]);
            }
          });
      return in;
    }

    private void dial() {
      dialer.dial(
          peer.host(),
          peer.dataPort(),
          new Hello(applicationId, Role.DATA_CONSUMER, name, Epoch.NONE),
          Role.DATA_PRODUCER,
          frameCap,
          new Dialer.Listener() {
            @Override
            public ChannelHandler connected(Hello hello, Channel established) {
              if (!hello.name().equals(peer.taskManager())) {
                // Another TaskManager got the port after the one that we want.
                breakAll("at its address is TaskManager " + hello.name());
                established.close();
                return Line.this;
              }
              channel = established;
              established.pipeline().addFirst(new FlushConsolidationHandler(64, true));
              List.copyOf(channels.keySet())
                  .forEach(number -> channels.get(number).attach(established, number));
              return Line.this;
            }

            @Override
            public void failed(String reason, Refusal refusal) {
              boolean late = System.nanoTime() - startNanos > times.reach().toNanos();
              if (refusal != null || late) {
                breakAll(reason);
              } else {
                loop.schedule(
                    Line.this::dial,
                    Math.min(1000, 50L << Math.min(attempts++, 5)),
                    TimeUnit.MILLISECONDS);
              }
            }
          });
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, byte[] payload) {
      switch (payload[0]) {
        case DataFrames.PING -> {}
        case DataFrames.BATCH, DataFrames.CONTROL -> {
          RemoteIn in = channels.get(DataFrames.number(payload));
          if (in != null) {
            in.arrive(payload);
          }
        }
        case DataFrames.REFUSED -> {
          RemoteIn in = channels.remove(DataFrames.number(payload));
          if (in != null) {
            in.breakOff(peerName + " refuses: " + DataFrames.readRefused(payload));
          }
        }
        default ->
            throw new CorruptDataException("a producer does not send frames of kind " + payload[0]);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof IdleStateEvent idle) {
        if (idle.state() == IdleState.READER_IDLE) {
          ending = "nothing came from it for " + limits.silence();
          context.close();
        } else {
          context.writeAndFlush(DataFrames.ping());
        }
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      breakAll(ending);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      ending = Port.rootMessage(cause);
      if (!(cause instanceof IOException)) {
        LOG.warn("Data connection to {} closed: {}", peerName, ending);
      }
      context.close();
    }

    private void breakAll(String reason) {
      if (over) {
        return;
      }
      over = true;
      ending = reason;
      boolean quiet;
      synchronized (NetworkExchange.this) {
        // The next channel to this peer makes a new connection.
        lines.remove(peer, this);
        quiet = closed;
      }
      if (!quiet && !channels.isEmpty()) {
        LOG.warn("{}", lost());
      }
      channels.values().forEach(in -> in.breakOff(lost()));
      channels.clear();
    }

    private String lost() {
      return "the connection to " + peerName + " was lost: " + ending;
    }
  }
}
