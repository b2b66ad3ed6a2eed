package io.millrace.runtime.host;

import io.millrace.api.type.CorruptDataException;
import io.millrace.runtime.host.Hello.Refusal;
import io.millrace.runtime.host.Hello.Role;
import io.millrace.runtime.jobmanager.Connection;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.kernel.MessageCodec;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToTaskManager;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JobManager's control port: brings the messages of TaskManagers and clients to its inbox, each
 * from the address of the connection it came by, and carries answers back.
 */
final class ControlServer implements Wires, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

  private final Hello hello;
  private final TransportLimits limits;
  private final Inbox inbox;
  private final EventLoopGroup loop;
  private final Knocker knocker;
  private final Port port;
  private final MessageCodec<ToJobManager> fromTaskManagers =
      new MessageCodec<>(ToJobManager.class);
  private final MessageCodec<ToTaskManager> toTaskManagers =
      new MessageCodec<>(ToTaskManager.class);
  private final MessageCodec<ClientRequest> fromClients = new MessageCodec<>(ClientRequest.class);
  private final MessageCodec<ClientAnswer> toClients = new MessageCodec<>(ClientAnswer.class);
  private final Map<Address, Channel> connections = new ConcurrentHashMap<>();
  private final Set<Deployment> unsent = ConcurrentHashMap.newKeySet();
  private long clients;

  /**
   * @param bindHost empty for all of the machine's addresses
   * @param port 0 for any
   * @param epoch of this JobManager's process; a peer that knows a higher one is turned away
   */
  ControlServer(
      ClusterIdentity identity,
      String applicationId,
      String bindHost,
      int port,
      Epoch epoch,
      TransportLimits limits,
      Inbox inbox)
      throws IOException {
    this.hello = new Hello(applicationId, Role.JOBMANAGER, "jobmanager", epoch);
    this.limits = limits;
    this.inbox = inbox;
    this.loop = Loops.one("control-port");
    this.knocker = new Knocker("control-knock");
    try {
      this.port =
          Port.open(loop, bindHost, port, identity, limits, limits.controlCap(), new ControlHost());
    } catch (IOException e) {
      Loops.end(loop);
      throw e;
    }
  }

  int port() {
    return port.number();
  }

  long refusals() {
    return port.refusals();
  }

  @Override
  public void send(Address to, Message message) {
    Channel channel = connections.get(to);
    if (channel == null) {
      LOG.debug("No connection to {}, dropped {}", to, message.getClass().getSimpleName());
      return;
    }
    if (message instanceof ClientAnswer answer) {
      answer(channel, to, answer);
    } else if (message instanceof ToTaskManager.Deploy deploy) {
      deploy(channel, to, deploy);
    } else {
      byte[] payload = toTaskManagers.encode((ToTaskManager) message);
      ControlFrames.write(channel, to, message, payload, limits.controlCap());
    }
  }

  /** One that waits for its socket. */
  private record Deployment(Channel channel, JobId job, int region, int generation) {}

  /**
   * It is said again with each heartbeat that does not have its tasks, and may be large: while a
   * copy waits for the socket, more of them would only stand in the way of what comes next.
   */
  private void deploy(Channel channel, Address to, ToTaskManager.Deploy deploy) {
    var waiting =
        new Deployment(channel, deploy.spec().job(), deploy.region(), deploy.generation());
    if (!unsent.add(waiting)) {
      return;
    }
    boolean onItsWay = false;
    try {
      byte[] payload = toTaskManagers.encode(deploy);
      onItsWay =
          ControlFrames.write(
              channel, to, deploy, payload, limits.controlCap(), () -> unsent.remove(waiting));
    } finally {
      if (!onItsWay) {
        unsent.remove(waiting);
      }
    }
  }

  private void answer(Channel client, Address to, ClientAnswer answer) {
    try {
      ControlFrames.write(client, to, answer, toClients.encode(answer), limits.controlCap());
    } catch (ControlFrames.MessageTooLargeException e) {
      LOG.warn("A client gets no answer: {}", e.getMessage());
      var refused = new ClientAnswer.Refused(answer.number(), "the answer is " + e.getMessage());
      ControlFrames.write(client, to, refused, toClients.encode(refused), limits.controlCap());
    }
  }

  @Override
  public void close() {
    knocker.close();
    port.close();
    Loops.end(loop);
  }

  private final class ControlHost implements Port.Host {
    @Override
    public Hello hello() {
      return hello;
    }

    @Override
    public Optional<Refusal> judge(Hello peer) {
      if (peer.role() != Role.TASKMANAGER && peer.role() != Role.CLIENT) {
        return Optional.of(Refusal.WRONG_ROLE);
      }
      return peer.epoch().attempt() > hello.epoch().attempt()
          ? Optional.of(Refusal.STALE_EPOCH)
          : Optional.empty();
    }

    @Override
    public ChannelHandler admit(Hello peer, Channel channel) {
      boolean client = peer.role() == Role.CLIENT;
      Address address =
          client ? new Address("client/" + ++clients) : new TaskManagerId(peer.name()).address();
      Channel before = connections.put(address, channel);
      if (before != null) {
        before.close();
      }
      if (!client) {
        inbox.deliver(address, new Connection.Opened(new TaskManagerId(peer.name())));
      }
      return new Conversation(address, peer.name(), client);
    }
  }

  /** One connection that was let in. */
  private final class Conversation extends SimpleChannelInboundHandler<byte[]> {
    private final Address address;
    private final String name;
    private final boolean client;

    /** Where the TaskManager listens, once it has said so. */
    private Optional<TaskManagerLocation> location = Optional.empty();

    Conversation(Address address, String name, boolean client) {
      this.address = address;
      this.name = name;
      this.client = client;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, byte[] payload) {
      if (client) {
        inbox.deliver(address, fromClients.decode(payload));
        return;
      }
      ToJobManager message = fromTaskManagers.decode(payload);
      if (!message.taskManager().address().equals(address)) {
        throw new CorruptDataException(
            address + " speaks for TaskManager " + message.taskManager());
      }
      if (message instanceof ToJobManager.Register register) {
        location = Optional.of(register.location());
      }
      inbox.deliver(address, message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof IdleStateEvent idle && idle.state() == IdleState.READER_IDLE) {
        LOG.info("Nothing from {} for {}, connection closed", address, limits.silence());
        context.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (connections.remove(address, context.channel()) && !client) {
        var id = new TaskManagerId(name);
        inbox.deliver(address, new Connection.Lost(id));
        location.ifPresent(
            at ->
                knocker.knock(
                    at.host(),
                    at.dataPort(),
                    () -> inbox.deliver(address, new Connection.Refused(id))));
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (cause instanceof IOException) {
        LOG.debug("Connection of {} ended: {}", address, cause.getMessage());
      } else {
        LOG.warn("Connection of {} closed: {}", address, Port.rootMessage(cause));
      }
      context.close();
    }
  }
}
