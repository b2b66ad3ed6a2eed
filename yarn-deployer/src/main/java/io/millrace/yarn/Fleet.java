package io.millrace.yarn;

import io.millrace.api.graph.SlotResources;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.ContainerLaunchContext;
import org.apache.hadoop.yarn.api.records.Priority;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.client.api.AMRMClient;
import org.apache.hadoop.yarn.client.api.AMRMClient.ContainerRequest;

/**
 * TaskManagers that are all made for the same: their containers and the requests for more. YARN
 * tells requests of one size from those of another by their priority, so each fleet has one of its
 * own, and it is the same in each attempt of an application: that is how a new ApplicationMaster
 * knows what the containers are that it was left.
 */
final class Fleet {
  /** Of TaskManagers that are made for nothing special: the most urgent ones. */
  static final int USUAL = 1;

  final int priority;
  final ContainerLedger<Container> ledger = new ContainerLedger<>();
  private final Deque<ContainerRequest> requests = new ArrayDeque<>();

  /** Unknown for containers of an attempt before until somebody wants more of them. */
  private Optional<Model> model = Optional.empty();

  /**
   * What one of them is.
   *
   * @param each what its slots are made for
   */
  record Model(Optional<SlotResources> each, Resource size, ContainerLaunchContext launch) {}

  Fleet(int priority) {
    this.priority = priority;
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

  /** Asks for what is missing and takes back what is too much. */
  void balance(AMRMClient<ContainerRequest> yarn, String nodeLabel, long nowMillis) {
    int change = ledger.balance(nowMillis);
    for (; change > 0; change--) {
      var request =
          new ContainerRequest(
              model.orElseThrow().size(),
              null,
              null,
              Priority.newInstance(priority),
              true,
              nodeLabel);
      requests.add(request);
      yarn.addContainerRequest(request);
    }
    for (; change < 0 && !requests.isEmpty(); change++) {
      yarn.removeContainerRequest(requests.removeLast());
    }
  }

  /** YARN gave a container; false if it is one too many and must go back. */
  boolean take(Container container, AMRMClient<ContainerRequest> yarn, long nowMillis) {
    if (!requests.isEmpty()) {
      // Otherwise it would stand in every further call, and be granted again.
      yarn.removeContainerRequest(requests.removeFirst());
    }
    return ledger.take(container.getId().toString(), container, nowMillis);
  }

  void withdrawAll(AMRMClient<ContainerRequest> yarn) {
    while (!requests.isEmpty()) {
      yarn.removeContainerRequest(requests.removeFirst());
    }
  }
}
