package io.millrace.runtime.host;

import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.client.Situation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * A client's contact to the JobManager of a cluster, wherever that is at the moment. While a
 * question has no answer, it looks by itself where the JobManager is: one that has died never says
 * so, and what it is asked would wait for nobody although its successor is there.
 */
public final class Contact implements AutoCloseable {
  private final ClusterIdentity identity;
  private final String applicationId;
  private final Duration deadline;
  private final Search search;
  private volatile InetSocketAddress place;

  // Guarded by this.
  private ControlLine line;
  private ClusterClient client;

  /** How it stands with the cluster. */
  @FunctionalInterface
  public interface Bearings {
    /** Asks whoever knows, which may take its time, and tells {@link Contact#isAt}. */
    Situation take() throws IOException;
  }

  /**
   * @param deadline after which a question counts as unanswered
   * @param bearings taken by a thread of its own
   */
  public Contact(
      ClusterIdentity identity, String applicationId, Duration deadline, Bearings bearings) {
    this.identity = identity;
    this.applicationId = applicationId;
    this.deadline = deadline;
    this.search = new Search(applicationId, bearings);
  }

  /**
   * The JobManager was found there. If it was elsewhere before, the line to that place is left:
   * what is paused there keeps it open and never answers. A question that has no answer yet goes by
   * the new line.
   */
  public synchronized void isAt(String host, int port) {
    InetSocketAddress found = InetSocketAddress.createUnresolved(host, port);
    if (!found.equals(place)) {
      place = found;
      if (line != null) {
        line.redial();
      }
    }
  }

  /** Where it was found last. */
  public Optional<InetSocketAddress> place() {
    return Optional.ofNullable(place);
  }

  /** Asks it; the same until this is closed. */
  public synchronized ClusterClient client() {
    if (client == null) {
      line = new ControlLine(identity, applicationId, () -> place, search::goOn);
      client = new ClusterClient(line, deadline);
    }
    return client;
  }

  /** A client that is asked for later has a new line. */
  @Override
  public synchronized void close() {
    if (client != null) {
      client.close();
      client = null;
      line = null;
    }
  }
}
