package io.millrace.yarn;

import io.millrace.runtime.jobmanager.ResourceManager.Leaving;
import io.millrace.runtime.protocol.TaskManagerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.yarn.api.protocolrecords.AllocateResponse;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.NodeReport;
import org.apache.hadoop.yarn.api.records.NodeState;
import org.apache.hadoop.yarn.api.records.PreemptionContainer;
import org.apache.hadoop.yarn.api.records.PreemptionMessage;

/**
 * The containers that YARN says it will take: those that other queues have a right to, which it
 * names in each answer until it takes them, and those on nodes that are being emptied, of which it
 * tells once.
 */
final class Withdrawals {
  /**
   * @param held containers by id; of others nothing is said
   */
  static List<Leaving> in(AllocateResponse answer, Map<String, Container> held) {
    var leaving = new ArrayList<Leaving>();
    PreemptionMessage preemption = answer.getPreemptionMessage();
    if (preemption != null && preemption.getStrictContract() != null) {
      preempted(preemption.getStrictContract().getContainers(), held, leaving);
    }
    if (preemption != null && preemption.getContract() != null) {
      preempted(preemption.getContract().getContainers(), held, leaving);
    }
    for (NodeReport node : answer.getUpdatedNodes()) {
      if (node.getNodeState() == NodeState.DECOMMISSIONING) {
        String reason = "its node " + node.getNodeId().getHost() + " is being decommissioned";
        held.forEach(
            (id, container) -> {
              if (container.getNodeId().equals(node.getNodeId())) {
                leaving.add(new Leaving(new TaskManagerId(id), reason));
              }
            });
      }
    }
    return leaving;
  }

  private static void preempted(
      Set<PreemptionContainer> containers, Map<String, Container> held, List<Leaving> leaving) {
    for (PreemptionContainer container : containers) {
      String id = container.getId().toString();
      if (held.containsKey(id)) {
        leaving.add(new Leaving(new TaskManagerId(id), "another queue has a right to its place"));
      }
    }
  }

  private Withdrawals() {}
}
