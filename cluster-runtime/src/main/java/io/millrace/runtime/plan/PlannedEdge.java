package io.millrace.runtime.plan;

import io.millrace.api.graph.Edge;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An edge between two chains: channels from subtasks of the one to subtasks of the other.
 *
 * @param index in the job graph's list of edges; names its channels
 * @param producer index of the chain of which an operator emits
 * @param consumer index of the chain whose first operator takes
 */
public record PlannedEdge(
    int index,
    Edge edge,
    int producer,
    int producerParallelism,
    int consumer,
    int consumerParallelism) {

  /** Whether each producer has a channel to each consumer. */
  public boolean allToAll() {
    return edge.partitioning() != Edge.Partitioning.FORWARD
        && edge.partitioning() != Edge.Partitioning.RESCALE;
  }

  /**
   * Whether barriers may overtake records: only where what is in flight can be divided anew. Pairs
   * of subtasks cannot; every copy of a broadcast is at another place, and a rescale keeps one;
   * what a user's function has chosen it may not choose again.
   */
  public static boolean mayBeOvertaken(Edge.Partitioning partitioning) {
    return switch (partitioning) {
      case KEY_GROUP, REBALANCE, SHUFFLE, GLOBAL -> true;
      case FORWARD, RESCALE, CUSTOM, BROADCAST, SPLITS -> false;
    };
  }

  /** Subtasks that the producer's subtask has a channel to, ascending. */
  public List<Integer> consumersOf(int producerSubtask) {
    return allToAll()
        ? upTo(consumerParallelism)
        : partners(producerSubtask, producerParallelism, consumerParallelism);
  }

  /** Subtasks that the consumer's subtask has a channel from, ascending. */
  public List<Integer> producersOf(int consumerSubtask) {
    return allToAll()
        ? upTo(producerParallelism)
        : partners(consumerSubtask, consumerParallelism, producerParallelism);
  }

  /**
   * The larger side is divided over the smaller one in runs whose lengths differ by at most one.
   *
   * @return those of the other side that this one is connected with; itself if both are equal
   */
  private static List<Integer> partners(int subtask, int own, int other) {
    return own >= other
        ? List.of(shareOf(subtask, own, other))
        : IntStream.range(0, other)
            .filter(each -> shareOf(each, other, own) == subtask)
            .boxed()
            .toList();
  }

  private static int shareOf(int subtask, int larger, int smaller) {
    return (int) ((long) subtask * smaller / larger);
  }

  private static List<Integer> upTo(int count) {
    return IntStream.range(0, count).boxed().toList();
  }
}
