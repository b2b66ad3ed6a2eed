package io.millrace.runtime.host;

import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Epoch;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** The control port of a JobManager that is told what to answer; for tests of other modules too. */
public final class ScriptedJobManager implements AutoCloseable {
  /** As one that is paused: its lines stay open. */
  public static final Function<ClientRequest, ClientAnswer> SILENCE = request -> null;

  private final List<ClientRequest> heard = new CopyOnWriteArrayList<>();
  private final ControlServer server;

  /**
   * @param script gives {@code null} where it keeps silent
   */
  public ScriptedJobManager(
      ClusterIdentity identity,
      String applicationId,
      int attempt,
      Function<ClientRequest, ClientAnswer> script)
      throws IOException {
    server =
        new ControlServer(
            identity,
            applicationId,
            "localhost",
            0,
            new Epoch(attempt, 0),
            TransportLimits.DEFAULT,
            (from, message) -> {
              if (message instanceof ClientRequest request) {
                ClientAnswer answer = script.apply(request);
                heard.add(request);
                if (answer != null) {
                  wires().send(from, answer);
                }
              }
            });
  }

  private Wires wires() {
    return server;
  }

  public int port() {
    return server.port();
  }

  /** What clients have said, each as often as it came. */
  public List<ClientRequest> heard() {
    return List.copyOf(heard);
  }

  @Override
  public void close() {
    server.close();
  }
}
