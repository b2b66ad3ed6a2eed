package io.millrace.yarn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;

/**
 * Nodes on which containers end as soon as they are started, and which are therefore to be avoided
 * for a while. Such a node has room all the time, so a scheduler would choose it again and again.
 * Knows neither YARN nor a clock; one thread calls it.
 */
final class FailingNodes {
  /** So many in a row, for one may have been killed rather than be broken. */
  private static final int FAILURES = 2;

  private static final long AVOIDED_MILLIS = 300_000;

  private final TreeMap<String, Integer> failures = new TreeMap<>();

  /** Until when, the node that has been avoided for the longest time first. */
  private final LinkedHashMap<String, Long> avoided = new LinkedHashMap<>();

  /** What was last told. */
  private List<String> told = List.of();

  /**
   * What to tell YARN.
   *
   * @param avoid nodes that get no containers from now on
   * @param allow those that may get some again
   */
  record Change(List<String> avoid, List<String> allow) {
    boolean isEmpty() {
      return avoid.isEmpty() && allow.isEmpty();
    }
  }

  /** A container ended early on the node, or could not be started there. */
  void failed(String node, long nowMillis) {
    if (failures.merge(node, 1, Integer::sum) >= FAILURES) {
      avoided.remove(node); // it is the newest of them now
      avoided.put(node, nowMillis + AVOIDED_MILLIS);
    }
  }

  /** A container on the node has run for a while, so nothing is wrong with it. */
  void ran(String node) {
    failures.remove(node);
    avoided.remove(node);
  }

  /** Whether nobody should ask for a container there, even if it cannot be refused. */
  boolean isFailing(String node) {
    return avoided.containsKey(node);
  }

  /**
   * The difference to what was said before. At most half of the nodes are avoided, those that
   * failed last: where containers fail everywhere it is not the nodes' fault.
   *
   * @param nodes that the cluster has
   */
  Change change(int nodes, long nowMillis) {
    avoided
        .entrySet()
        .removeIf(
            entry -> {
              boolean over = nowMillis >= entry.getValue();
              if (over) {
                // One more failure is enough: it had its two.
                failures.put(entry.getKey(), FAILURES - 1);
              }
              return over;
            });
    var all = new ArrayList<>(avoided.keySet());
    List<String> now = List.copyOf(all.subList(Math.max(0, all.size() - nodes / 2), all.size()));
    var change =
        new Change(
            now.stream().filter(node -> !told.contains(node)).toList(),
            told.stream().filter(node -> !now.contains(node)).toList());
    told = now;
    return change;
  }
}
