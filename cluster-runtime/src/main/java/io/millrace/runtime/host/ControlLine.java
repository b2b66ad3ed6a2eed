package io.millrace.runtime.host;

import io.millrace.runtime.client.ClientLine;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.host.Hello.Role;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A client's line to a control port. A request that is said again while its last copy still waits
 * for the socket is left at that copy: more of them would only stand in the way of the next one.
 */
public final class ControlLine implements ClientLine {
  private final ClusterIdentity identity;
  private final String applicationId;
  private final Supplier<InetSocketAddress> jobManager;
  private final BooleanSupplier seek;

  /** Numbers of the requests that wait for the socket. */
  private final Set<Long> unsent = ConcurrentHashMap.newKeySet();

  private ControlConnection<ClientRequest, ClientAnswer> connection;

  /**
   * @param jobManager asked before every attempt to connect, must not wait; {@code null} while
   *     unknown
   */
  public ControlLine(
      ClusterIdentity identity, String applicationId, Supplier<InetSocketAddress> jobManager) {
    this(identity, applicationId, jobManager, () -> true);
  }

  /**
   * @param seek what {@link #seek} does
   */
  ControlLine(
      ClusterIdentity identity,
      String applicationId,
      Supplier<InetSocketAddress> jobManager,
      BooleanSupplier seek) {
    this.identity = identity;
    this.applicationId = applicationId;
    this.jobManager = jobManager;
    this.seek = seek;
  }

  /** A client of the cluster behind the port. */
  public static ClusterClient client(
      ClusterIdentity identity,
      String applicationId,
      Supplier<InetSocketAddress> jobManager,
      Duration deadline) {
    return new ClusterClient(new ControlLine(identity, applicationId, jobManager), deadline);
  }

  @Override
  public void open(Consumer<ClientAnswer> answers) {
    connection =
        new ControlConnection<>(
            identity,
            applicationId,
            Role.CLIENT,
            "client",
            jobManager,
            TransportLimits.DEFAULT,
            ClientRequest.class,
            ClientAnswer.class,
            answers,
            news -> {});
    connection.open();
  }

  @Override
  public boolean send(ClientRequest request) {
    long number = request.number();
    if (!unsent.add(number)) {
      return true;
    }
    boolean onItsWay = false;
    try {
      onItsWay = connection.send(request, () -> unsent.remove(number));
    } finally {
      if (!onItsWay) {
        unsent.remove(number);
      }
    }
    return onItsWay;
  }

  @Override
  public boolean seek() {
    return seek.getAsBoolean();
  }

  /** The JobManager is elsewhere now. */
  void redial() {
    connection.redial();
  }

  @Override
  public String trouble() {
    return connection.connected() ? "it is connected, but silent" : connection.trouble();
  }

  @Override
  public void close() {
    connection.close();
  }
}
