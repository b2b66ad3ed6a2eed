package io.millrace.yarn;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Requests for containers that YARN has not answered yet, and which node each would rather have:
 * that of a container that was lost, because what this one kept on its disk may still be there. Any
 * other node will do for all of them. Knows neither YARN nor a clock; one thread calls it.
 *
 * @param <R> requests
 */
final class OpenRequests<R> {
  private final List<Open<R>> open = new ArrayList<>();

  /** Nodes of lost containers for which no other one has been asked yet. */
  private final ArrayDeque<String> lost = new ArrayDeque<>();

  private record Open<R>(R request, Optional<String> node) {}

  /** A container that was wanted is lost there. */
  void lost(String node) {
    lost.add(node);
  }

  /** So many are missing for which none was asked yet; nobody returns to more nodes than that. */
  void missing(int containers) {
    while (lost.size() > containers) {
      lost.removeFirst();
    }
  }

  /**
   * The node that the next request should name; empty if it is for one more container, or the lost
   * one was on a node that is no longer of use.
   */
  Optional<String> nextNode(Predicate<String> usable) {
    return Optional.ofNullable(lost.pollFirst()).filter(usable);
  }

  void made(R request, Optional<String> node) {
    open.add(new Open<>(request, node));
  }

  /**
   * YARN gave a container on that node: the request that this counts for, which is no longer open.
   * Those that rather have another node stay as long as there is one that does not.
   */
  Optional<R> answered(String node) {
    return remove(
        open.stream()
            .min(
                Comparator.comparing(
                    each -> each.node().map(wish -> wish.equals(node) ? 0 : 2).orElse(1))));
  }

  /** One is too much: the newest, and last of all one that names a node. */
  Optional<R> withdrawn() {
    return remove(
        open.stream()
            .reduce((one, next) -> next.node().isEmpty() || one.node().isPresent() ? next : one));
  }

  private Optional<R> remove(Optional<Open<R>> one) {
    one.ifPresent(open::remove);
    return one.map(Open::request);
  }
}
