package io.millrace.runtime.plan;

import io.millrace.api.graph.Edge;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which chains may cut before they have taken all that is before a barrier.
 *
 * <p>Where a barrier keeps its place, its consumer holds that channel until the others have brought
 * theirs. If the producer has cut ahead, records from before the barrier may still have to pass
 * through it, and cannot; and whoever sends those may have to pass them before it can cut, so that
 * the held channel's barrier never gets its partner. So a chain cuts ahead only if no chain before
 * it has to pass records in order to cut, or if nobody behind it ever holds a channel.
 */
final class Overtaking {
  private final List<ChainPlan> chains;
  private final List<PlannedEdge> edges;

  /** Chains that cut when they see a barrier, whatever is before it. */
  private final boolean[] prompt;

  private final boolean[] cutsAhead;

  /** Chains of which no output channel is ever held, here or further on. */
  private final boolean[] flowing;

  /**
   * @param chains in topological order
   */
  Overtaking(List<ChainPlan> chains, List<PlannedEdge> edges) {
    this.chains = chains;
    this.edges = edges;
    this.prompt = new boolean[chains.size()];
    this.cutsAhead = new boolean[chains.size()];
    this.flowing = new boolean[chains.size()];
    for (ChainPlan chain : chains) {
      prompt[chain.index()] =
          inputs(chain).allMatch(edge -> startsHere(edge) || prompt[edge.producer()] && may(edge));
    }
    for (int index = chains.size() - 1; index >= 0; index--) {
      ChainPlan chain = chains.get(index);
      flowing[index] =
          edges.stream()
              .filter(edge -> edge.producer() == chain.index())
              .allMatch(edge -> !holds(chains.get(edge.consumer())) && flowing[edge.consumer()]);
      cutsAhead[index] =
          flowing[index]
              || inputs(chain).allMatch(edge -> startsHere(edge) || prompt[edge.producer()]);
    }
  }

  boolean cutsAhead(ChainPlan chain) {
    return cutsAhead[chain.index()];
  }

  private Stream<PlannedEdge> inputs(ChainPlan chain) {
    return edges.stream().filter(edge -> edge.consumer() == chain.index());
  }

  /** Splits take no room: readers cut when the enumerator does. */
  private static boolean startsHere(PlannedEdge edge) {
    return edge.edge().partitioning() == Edge.Partitioning.SPLITS;
  }

  private static boolean may(PlannedEdge edge) {
    return PlannedEdge.mayBeOvertaken(edge.edge().partitioning());
  }

  private boolean holds(ChainPlan chain) {
    boolean severalChannels =
        inputs(chain).mapToInt(edge -> edge.producersOf(0).size()).sum() > 1
            || inputs(chain)
                .anyMatch(edge -> edge.producerParallelism() > edge.consumerParallelism());
    return severalChannels
        && !(cutsAhead[chain.index()] && inputs(chain).allMatch(Overtaking::may));
  }
}
