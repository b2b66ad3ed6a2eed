package io.millrace.yarn;

import io.millrace.runtime.jobmanager.ResourceManager.Leaving;
import java.util.List;
import java.util.TreeSet;
import org.apache.hadoop.yarn.api.records.NodeReport;
import org.apache.hadoop.yarn.api.records.NodeState;

/**
 * Where it is no use to ask for a container instead of one that was lost: nodes that take none, and
 * places that YARN has promised to somebody else. One thread calls it.
 */
final class ClosedPlaces {
  private final TreeSet<String> nodes = new TreeSet<>();
  private final TreeSet<String> promised = new TreeSet<>();

  /**
   * What an answer of YARN says.
   *
   * @param changed nodes of which anything has changed
   * @param leaving containers that YARN will take
   */
  void heard(List<NodeReport> changed, List<Leaving> leaving) {
    for (NodeReport node : changed) {
      String host = node.getNodeId().getHost();
      if (takesContainers(node.getNodeState())) {
        nodes.remove(host);
      } else {
        nodes.add(host);
      }
    }
    leaving.forEach(each -> promised.add(each.taskManager().value()));
  }

  private static boolean takesContainers(NodeState state) {
    return switch (state) {
      case NEW, RUNNING -> true;
      case UNHEALTHY, DECOMMISSIONING, DECOMMISSIONED, LOST, REBOOTED, SHUTDOWN -> false;
    };
  }

  boolean isClosed(String node) {
    return nodes.contains(node);
  }

  /** Whether the place of that container, which has ended, is somebody else's now. */
  boolean isPromised(String container) {
    return promised.contains(container);
  }

  /** The container is gone and not asked about any more. */
  void gone(String container) {
    promised.remove(container);
  }
}
