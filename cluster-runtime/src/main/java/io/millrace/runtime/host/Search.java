package io.millrace.runtime.host;

import io.millrace.runtime.client.Situation;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks where the JobManager of a cluster is, on a thread that is free to wait for whoever knows:
 * one look at a time.
 */
final class Search {
  private static final Logger LOG = LoggerFactory.getLogger(Search.class);

  private final String name;
  private final Contact.Bearings bearings;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile boolean ended;

  Search(String name, Contact.Bearings bearings) {
    this.name = name;
    this.bearings = bearings;
  }

  /**
   * Looks once more, unless a look is under way.
   *
   * @return false once the cluster has ended
   */
  boolean goOn() {
    if (!ended && looking.compareAndSet(false, true)) {
      var looker = new Thread(this::look, "search-" + name);
      looker.setDaemon(true);
      looker.start();
    }
    return !ended;
  }

  private void look() {
    try {
      Situation situation = bearings.take();
      ended = situation.ended();
    } catch (IOException | RuntimeException e) {
      LOG.debug("Where the JobManager of {} is cannot be seen", name, e);
    } finally {
      looking.set(false);
    }
  }
}
