package io.millrace.yarn;

import io.millrace.api.graph.SlotResources;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.ContainerLaunchContext;
import org.apache.hadoop.yarn.api.records.Priority;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.client.api.AMRMClient;
import org.apache.hadoop.yarn.client.api.AMRMClient.ContainerRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TaskManagers that are all made for the same: their containers and the requests for more. YARN
 * tells requests of one size from those of another by their priority, so each fleet has one of its
 * own, and it is the same in each attempt of an application: that is how a new ApplicationMaster
 * knows what the containers are that it was left.
 */
final class Fleet {
  private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);

  /** Of TaskManagers that are made for nothing special: the most urgent ones. */
  static final int USUAL = 1;

  final int priority;
  final ContainerLedger<Container> ledger;
  private final OpenRequests<ContainerRequest> requests = new OpenRequests<>();

  /** Unknown for containers of an attempt before until somebody wants more of them. */
  private Optional<Model> model = Optional.empty();

  /**
   * What one of them is.
   *
   * @param each what its slots are made for
   */
  record Model(Optional<SlotResources> each, Resource size, ContainerLaunchContext launch) {}

  /**
   * @param reserve how many of its TaskManagers nobody needs yet
   */
  Fleet(int priority, int reserve) {
    this.priority = priority;
    this.ledger = new ContainerLedger<>(reserve);
  }

  /**
   * The priority of what is made for that. Two kinds with the same are as good as impossible; the
   * one that comes second is refused.
   */
  static int priorityOf(Optional<SlotResources> each) {
    return each.map(one -> USUAL + 1 + (one.text().hashCode() & 0x3fff_ffff)).orElse(USUAL);
  }

  /** The priority with which it was asked for. */
  static int priorityOf(Container container) {
    Priority priority = container.getPriority();
    return priority == null ? USUAL : priority.getPriority();
  }

  Optional<Model> model() {
    return model;
  }

  void become(Model what) {
    model = Optional.of(what);
  }

  /** A container that was wanted is lost; one on the same node had best take its place. */
  void lost(Container container) {
    requests.lost(container.getNodeId().getHost());
  }

  /**
   * Asks for what is missing and takes back what is too much.
   *
   * @param nodeLabel that nodes must have; {@code null} if there is none
   * @param usable whether a container may be asked for on a node
   */
  void balance(
      AMRMClient<ContainerRequest> yarn,
      String nodeLabel,
      Predicate<String> usable,
      long nowMillis) {
    int change = ledger.balance(nowMillis);
    requests.missing(Math.max(0, change) + ledger.unasked());
    for (; change > 0; change--) {
      // YARN refuses requests that name both a node and a label.
      boolean labelled = nodeLabel != null && !nodeLabel.isBlank();
      Optional<String> node = requests.nextNode(each -> !labelled && usable.test(each));
      node.ifPresent(each -> LOG.info("A container is asked for, on {} if there is room", each));
      var request =
          new ContainerRequest(
              model.orElseThrow().size(),
              node.map(each -> new String[] {each}).orElse(null),
              null,
              Priority.newInstance(priority),
              true,
              nodeLabel);
      requests.made(request, node);
      yarn.addContainerRequest(request);
    }
    for (; change < 0; change++) {
      requests.withdrawn().ifPresent(yarn::removeContainerRequest);
    }
  }

  /** YARN gave a container; false if it is one too many and must go back. */
  boolean take(Container container, AMRMClient<ContainerRequest> yarn, long nowMillis) {
    // Otherwise it would stand in every further call, and be granted again.
    requests.answered(container.getNodeId().getHost()).ifPresent(yarn::removeContainerRequest);
    return ledger.take(container.getId().toString(), container, nowMillis);
  }

  void withdrawAll(AMRMClient<ContainerRequest> yarn) {
    for (var next = requests.withdrawn(); next.isPresent(); next = requests.withdrawn()) {
      yarn.removeContainerRequest(next.get());
    }
  }
}
