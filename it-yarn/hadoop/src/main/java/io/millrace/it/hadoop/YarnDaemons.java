package io.millrace.it.hadoop;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.NodeState;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.nodemanager.NodeManager;
import org.apache.hadoop.yarn.server.resourcemanager.ResourceManager;
import org.apache.hadoop.yarn.server.resourcemanager.rmnode.RMNodeDecommissioningEvent;
import org.apache.hadoop.yarn.util.resource.ResourceUtils;

/**
 * A ResourceManager and NodeManagers. Each may be stopped, and started anew where it listened
 * before; what it knows then depends on whether recovery is enabled.
 */
final class YarnDaemons {
  /** What clients and NodeManagers need to know. */
  private static final List<String> ADDRESSES =
      List.of(
          YarnConfiguration.RM_ADDRESS,
          YarnConfiguration.RM_SCHEDULER_ADDRESS,
          YarnConfiguration.RM_RESOURCE_TRACKER_ADDRESS,
          YarnConfiguration.RM_ADMIN_ADDRESS,
          YarnConfiguration.RM_WEBAPP_ADDRESS);

  private final ClusterOptions options;
  private final DaemonSettings settings;
  private final TreeMap<String, String> addresses = new TreeMap<>();
  private final TreeMap<Integer, NodeManager> nodes = new TreeMap<>();
  private final TreeMap<Integer, String> nodeAddresses = new TreeMap<>();
  private volatile ResourceManager resourceManager;

  YarnDaemons(ClusterOptions options, DaemonSettings settings) {
    this.options = options;
    this.settings = settings;
    ADDRESSES.forEach(key -> addresses.put(key, DaemonSettings.ANY_PORT));
  }

  /** Where the ResourceManager listens, by the keys that tell it to clients. */
  Map<String, String> addresses() {
    return addresses;
  }

  void startResourceManager() {
    Configuration conf = configuration();
    // Kept in a static field that would otherwise take its limits from a configuration file.
    ResourceUtils.resetResourceTypes(conf);
    var starting = new ResourceManager();
    starting.init(conf);
    starting.start();
    // The servers have written the ports that they got into their configuration.
    Configuration bound = starting.getConfig();
    for (String key : ADDRESSES) {
      String address = bound.get(key);
      addresses.put(key, DaemonSettings.HOST + address.substring(address.lastIndexOf(':')));
    }
    resourceManager = starting;
  }

  void stopResourceManager() {
    if (resourceManager != null) {
      resourceManager.stop();
    }
  }

  /**
   * @param fileSystem where containers' files come from
   */
  void startNode(int number, String fileSystem) throws IOException {
    Configuration conf = configuration();
    conf.set("fs.defaultFS", fileSystem);
    String directory = options.nodeDirectories() + number;
    conf.set(YarnConfiguration.NM_ADDRESS, address(number, conf));
    conf.set(YarnConfiguration.NM_LOCALIZER_ADDRESS, DaemonSettings.ANY_PORT);
    conf.set(YarnConfiguration.NM_WEBAPP_ADDRESS, DaemonSettings.ANY_PORT);
    conf.set(YarnConfiguration.NM_LOCAL_DIRS, directory + "/local");
    conf.set(YarnConfiguration.NM_LOG_DIRS, directory + "/logs");
    conf.set(YarnConfiguration.NM_RECOVERY_DIR, directory + "/recovery");
    NodeManager node = new NodeManager();
    node.init(conf);
    node.start();
    nodes.put(number, node);
  }

  /** One that recovers must be found where it was before. */
  private String address(int number, Configuration conf) throws IOException {
    if (!conf.getBoolean(YarnConfiguration.NM_RECOVERY_ENABLED, false)) {
      return DaemonSettings.ANY_PORT;
    }
    if (!nodeAddresses.containsKey(number)) {
      try (ServerSocket free = new ServerSocket(0)) {
        nodeAddresses.put(number, DaemonSettings.HOST + ":" + free.getLocalPort());
      }
    }
    return nodeAddresses.get(number);
  }

  /** With recovery under supervision its containers run on. */
  void stopNode(int number) {
    nodes.remove(number).stop();
  }

  /**
   * Has a node emptied and then ended, as an operator would with {@code yarn rmadmin -refreshNodes
   * -g}; again, to give it another time. Not by a list of hosts: all nodes share one.
   *
   * @param seconds how long containers may stay
   */
  void decommissionNode(int number, int seconds) {
    NodeId id = nodes.get(number).getNMContext().getNodeId();
    resourceManager
        .getRMContext()
        .getDispatcher()
        .getEventHandler()
        .handle(new RMNodeDecommissioningEvent(id, seconds));
  }

  /** Gives a node a label, as an operator would with {@code yarn rmadmin}. */
  void labelNode(int number, String label) throws IOException {
    var labels = resourceManager.getRMContext().getNodeLabelManager();
    labels.addToCluserNodeLabelsWithDefaultExclusivity(Set.of(label));
    labels.replaceLabelsOnNode(Map.of(nodes.get(number).getNMContext().getNodeId(), Set.of(label)));
  }

  void awaitNodes() {
    while (resourceManager.getResourceScheduler().getNumClusterNodes() < options.nodes()
        || resourceManager.getRMContext().getRMNodes().values().stream()
            .anyMatch(node -> node.getState() != NodeState.RUNNING)) {
      EmbeddedHadoop.pause();
    }
  }

  private Configuration configuration() {
    Configuration conf =
        new YarnConfiguration(
            settings.configuration(settings.common(), settings.hdfs(), settings.yarn()));
    addresses.forEach(conf::set);
    return conf;
  }
}
