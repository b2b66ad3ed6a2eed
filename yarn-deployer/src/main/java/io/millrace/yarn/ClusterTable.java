package io.millrace.yarn;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.yarn.api.records.NodeReport;
import org.apache.hadoop.yarn.api.records.NodeState;
import org.apache.hadoop.yarn.api.records.QueueInfo;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.exceptions.YarnException;

/** What a YARN cluster has to give, for people. */
final class ClusterTable {
  private static final String ROW = "%-40s %12s %12s %10s %10s %10s";

  static List<String> of(YarnClient yarn) throws YarnException, IOException {
    var lines = new ArrayList<String>();
    List<NodeReport> nodes = new ArrayList<>(yarn.getNodeReports(NodeState.RUNNING));
    nodes.sort(Comparator.comparing(node -> node.getNodeId().toString()));
    lines.add("NodeManagers in the cluster: " + nodes.size());
    lines.add(row("node", "memory MB", "used", "vcores", "used", "containers"));
    long memory = 0;
    long cores = 0;
    for (NodeReport node : nodes) {
      memory += node.getCapability().getMemorySize();
      cores += node.getCapability().getVirtualCores();
      lines.add(
          row(
              node.getNodeId().toString(),
              node.getCapability().getMemorySize(),
              node.getUsed() == null ? 0 : node.getUsed().getMemorySize(),
              node.getCapability().getVirtualCores(),
              node.getUsed() == null ? 0 : node.getUsed().getVirtualCores(),
              node.getNumContainers()));
    }
    lines.add("Together: " + memory + " MB, " + cores + " vcores");
    List<QueueInfo> queues = new ArrayList<>(yarn.getAllQueues());
    queues.sort(Comparator.comparing(QueueInfo::getQueueName));
    for (QueueInfo queue : queues) {
      lines.add(
          String.format(
              Locale.ROOT,
              "Queue %s: %s, capacity %.0f %%, at most %.0f %%, %.0f %% of it used",
              queue.getQueueName(),
              queue.getQueueState(),
              queue.getCapacity() * 100,
              queue.getMaximumCapacity() * 100,
              queue.getCurrentCapacity() * 100));
    }
    return lines;
  }

  private static String row(Object... cells) {
    return String.format(Locale.ROOT, ROW, cells);
  }

  private ClusterTable() {}
}
