package io.millrace.cli;

import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.client.RunningCluster.Death;
import java.io.IOException;
import java.util.Optional;

/** How JobManagers of a cluster end while somebody looks on: each is told once. */
final class Deaths {
  private final RunningCluster cluster;

  /** The last one that is no news; -1 as long as it is not known what had happened before. */
  private int known;

  /**
   * @param fromStart whether nothing can have happened before the first look that is no news
   */
  Deaths(RunningCluster cluster, boolean fromStart) {
    this.cluster = cluster;
    this.known = fromStart ? 0 : -1;
  }

  /** To be asked when another JobManager is heard, or seen, than before. */
  Optional<String> news() throws IOException {
    Optional<Death> last = cluster.lastDeath();
    int before = known;
    known = Math.max(known, last.map(Death::attempt).orElse(0));
    return before < 0
        ? Optional.empty()
        : last.filter(d -> d.attempt() > before).map(Death::inWords);
  }
}
