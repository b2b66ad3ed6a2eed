package io.millrace.yarn;

import io.millrace.api.graph.SlotResources;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.api.records.NodeLabel;
import org.apache.hadoop.yarn.api.records.QueueInfo;
import org.apache.hadoop.yarn.api.records.QueueState;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.exceptions.YarnException;

/** What is asked of YARN before anything is uploaded. */
final class ClusterChecks {
  /**
   * @param most the largest container that YARN gives
   */
  static void sizes(ContainerSizes sizes, Resource most) throws DeployRefusedException {
    memory("JobManager", "-yjm", sizes.jobManager().total(), most);
    memory("TaskManager", "-ytm", sizes.taskManager().total(), most);
    cores("JobManager", YarnSettings.JOB_MANAGER_VCORES.key(), sizes.jobManagerCores(), most);
    cores(
        "TaskManager",
        YarnSettings.TASK_MANAGER_VCORES.key() + " or -ys",
        sizes.taskManagerCores(),
        most);
  }

  /**
   * Refuses a job with slots for which YARN has no container.
   *
   * @param groups what each slot needs, of those slot sharing groups that say so
   * @param usual the sizes of the cluster's containers
   * @param most the largest container that YARN gives
   */
  static void groups(Map<String, SlotResources> groups, ContainerSizes usual, Resource most)
      throws DeployRefusedException {
    for (Map.Entry<String, SlotResources> group : groups.entrySet()) {
      SlotResources each = group.getValue();
      Optional<String> why = YarnResourceManager.refusal(usual.madeFor(each), most);
      if (why.isPresent()) {
        throw new DeployRefusedException(
            "each slot of the slot sharing group '"
                + group.getKey()
                + "' asks for "
                + each
                + ": "
                + why.get()
                + "; lower what the group asks for");
      }
    }
  }

  private static void memory(String what, String flag, int wanted, Resource most)
      throws DeployRefusedException {
    if (wanted > most.getMemorySize()) {
      throw new DeployRefusedException(
          "the "
              + what
              + "'s container of "
              + wanted
              + " MB is larger than YARN allows: at most "
              + most.getMemorySize()
              + " MB (yarn.scheduler.maximum-allocation-mb); lower "
              + flag);
    }
  }

  private static void cores(String what, String key, int wanted, Resource most)
      throws DeployRefusedException {
    if (wanted > most.getVirtualCores()) {
      throw new DeployRefusedException(
          "the "
              + what
              + "'s container of "
              + wanted
              + " cores is larger than YARN allows: at most "
              + most.getVirtualCores()
              + " (yarn.scheduler.maximum-allocation-vcores); lower "
              + key);
    }
  }

  /**
   * Refuses a queue that does not exist, unless YARN may create it or map the application to
   * another: then its own answer counts.
   */
  static void queue(String queue, YarnClient yarn, Configuration conf)
      throws DeployRefusedException, IOException, YarnException {
    QueueInfo info = find(queue, yarn);
    if (info != null) {
      if (info.getQueueState() == QueueState.STOPPED) {
        throw new DeployRefusedException(
            "the queue " + queue + " is stopped; choose another with -yqu");
      }
      return;
    }
    if (!mayBeMade(conf)) {
      throw new DeployRefusedException(
          "unknown queue " + queue + "; choose one of " + names(yarn) + " with -yqu");
    }
  }

  private static QueueInfo find(String queue, YarnClient yarn) throws IOException, YarnException {
    QueueInfo info = yarn.getQueueInfo(queue);
    return info == null || info.getQueueName() == null || info.getQueueName().isEmpty()
        ? null
        : info;
  }

  private static boolean mayBeMade(Configuration conf) {
    if (conf.get("yarn.resourcemanager.scheduler.class", "").endsWith("FairScheduler")
        && conf.getBoolean("yarn.scheduler.fair.allow-undeclared-pools", true)) {
      return true;
    }
    for (Map.Entry<String, String> property :
        conf.getPropsWithPrefix("yarn.scheduler.capacity.").entrySet()) {
      String key = property.getKey();
      boolean maps = key.startsWith("queue-mappings") && !key.contains("override");
      boolean mapsByRules = key.startsWith("mapping-rule");
      boolean makes =
          (key.endsWith("auto-create-child-queue.enabled")
                  || key.endsWith("auto-queue-creation-v2.enabled"))
              && property.getValue().strip().equals("true");
      if (makes || (maps || mapsByRules) && !property.getValue().isBlank()) {
        return true;
      }
    }
    return false;
  }

  private static String names(YarnClient yarn) throws IOException, YarnException {
    return yarn.getAllQueues().stream()
        .filter(queue -> queue.getChildQueues().isEmpty())
        .map(QueueInfo::getQueueName)
        .sorted()
        .limit(20)
        .reduce((one, other) -> one + ", " + other)
        .orElse("none");
  }

  /** Refuses labels that the cluster does not know: their containers would never come. */
  static void nodeLabels(io.millrace.api.config.Configuration configuration, YarnClient yarn)
      throws DeployRefusedException, IOException, YarnException {
    Optional<String> ofAll = configuration.find(YarnSettings.NODE_LABEL);
    Optional<String> ofTaskManagers = configuration.find(YarnSettings.TASK_MANAGER_NODE_LABEL);
    if (ofAll.isEmpty() && ofTaskManagers.isEmpty()) {
      return;
    }
    List<String> known =
        yarn.getClusterNodeLabels().stream().map(NodeLabel::getName).sorted().toList();
    nodeLabel(ofAll, "-ynl (" + YarnSettings.NODE_LABEL.key() + ")", known);
    nodeLabel(ofTaskManagers, YarnSettings.TASK_MANAGER_NODE_LABEL.key(), known);
  }

  static void nodeLabel(Optional<String> label, String setting, List<String> known)
      throws DeployRefusedException {
    // An empty one means nodes without label.
    if (label.isPresent() && !label.get().isBlank() && !known.contains(label.get().strip())) {
      throw new DeployRefusedException(
          "the cluster knows no node label "
              + label.get()
              + (known.isEmpty()
                  ? " and no other; leave out " + setting
                  : "; choose one of " + String.join(", ", known) + " with " + setting));
    }
  }

  private ClusterChecks() {}
}
