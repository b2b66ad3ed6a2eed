package io.millrace.runtime.plan;

import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.runtime.checkpoint.ChannelState;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.SubtaskState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which subtask takes which of the elements that were in flight: always one of the edge's consumer,
 * whoever held them, and whether or not the consumer is fused with the producer now.
 */
public final class RestoredChannels {
  static final RestoredChannels NONE = new RestoredChannels(null, new TreeMap<>());

  /** Producer by producer; what was queued at the consumer before what followed it. */
  private static final Comparator<ChannelState> ORDER =
      Comparator.comparingInt(ChannelState::producer)
          .thenComparingInt(ChannelState::consumer)
          .thenComparing(ChannelState::queued, Comparator.reverseOrder());

  private final JobPlan plan;

  /** The states that hold channels of the edge, stripped of all else. */
  private final TreeMap<EdgeId, List<SubtaskState>> byEdge;

  private RestoredChannels(JobPlan plan, TreeMap<EdgeId, List<SubtaskState>> byEdge) {
    this.plan = plan;
    this.byEdge = byEdge;
  }

  /**
   * @throws CannotRestoreException if an edge is not what it was
   */
  static RestoredChannels divide(JobPlan plan, Manifest manifest, boolean allowNonRestored) {
    TreeMap<EdgeId, PlannedEdge> edges = plan.edgesById();
    var byEdge = new TreeMap<EdgeId, List<SubtaskState>>();
    for (SubtaskState state : manifest.states()) {
      for (ChannelState channel : state.channels()) {
        EdgeId id = idOf(channel);
        PlannedEdge edge = edges.get(id);
        String now = edge == null ? "no more" : edge.edge().partitioning().name();
        if (now.equals(channel.partitioning()) || (edge != null && anyMayTake(channel, edge))) {
          byEdge.computeIfAbsent(id, key -> new ArrayList<>()).add(stripped(state, channel));
        } else if (edge != null || !allowNonRestored) {
          throw new CannotRestoreException(
              "checkpoint "
                  + manifest.checkpoint()
                  + " of job "
                  + manifest.job()
                  + " holds records that were in flight from '"
                  + id.from()
                  + "' to '"
                  + id.to()
                  + "', which "
                  + (edge == null
                      ? "this job does not connect; connect them again, "
                          + (Rewrite.mayConnect(id, plan)
                              ? "set " + JobSettings.COMBINE.key() + " as it was, "
                              : "")
                          + "or drop those records with --allowNonRestoredState"
                      : "were connected by "
                          + channel.partitioning()
                          + " and are by "
                          + now
                          + "; let the old program take a savepoint, in which nothing is in"
                          + " flight"));
        }
      }
    }
    return new RestoredChannels(plan, byEdge);
  }

  /** Whether the records were any subtask's then, and need not be a certain one's now. */
  private static boolean anyMayTake(ChannelState channel, PlannedEdge edge) {
    return !channel.partitioning().equals(Partitioning.KEY_GROUP.name())
        && switch (edge.edge().partitioning()) {
          case REBALANCE, SHUFFLE, GLOBAL, FORWARD, RESCALE -> true;
          case KEY_GROUP, CUSTOM, BROADCAST, SPLITS -> false;
        };
  }

  private static SubtaskState stripped(SubtaskState state, ChannelState channel) {
    return new SubtaskState(
            state.uid(),
            state.subtask(),
            state.parallelism(),
            state.maxParallelism(),
            Optional.empty(),
            List.of(),
            Optional.empty())
        .withChannels(List.of(channel));
  }

  private static EdgeId idOf(ChannelState channel) {
    return new EdgeId(channel.from(), channel.to(), channel.nth());
  }

  /**
   * What the subtask takes; the same element may go to several, of which each takes its records.
   */
  List<SubtaskState> of(ChainPlan chain, int subtask) {
    var states = new ArrayList<SubtaskState>();
    if (!byEdge.isEmpty()) {
      plan.inputsOf(chain).forEach(edge -> add(states, edge, chain, subtask));
      plan.insideOf(chain).forEach(edge -> add(states, edge, chain, subtask));
    }
    return states;
  }

  private void add(List<SubtaskState> states, PlannedEdge edge, ChainPlan chain, int subtask) {
    for (SubtaskState state : byEdge.getOrDefault(plan.idOf(edge), List.of())) {
      if (wants(state.channels().get(0), edge, chain, subtask)) {
        states.add(state);
      }
    }
  }

  private static boolean wants(
      ChannelState channel, PlannedEdge edge, ChainPlan chain, int subtask) {
    int parallelism = chain.parallelism();
    if (edge.edge().partitioning() != Partitioning.KEY_GROUP) {
      return channel.consumer() % parallelism == subtask;
    }
    int max = chain.maxParallelism();
    if (max != channel.maxParallelism()) {
      return true;
    }
    return KeyGroups.firstOf(subtask, parallelism, max)
            < KeyGroups.firstOf(channel.consumer() + 1, channel.consumers(), max)
        && KeyGroups.firstOf(channel.consumer(), channel.consumers(), max)
            < KeyGroups.firstOf(subtask + 1, parallelism, max);
  }

  /** Those of the states' channels that were on the edge, in the order in which to take them. */
  public static List<ChannelState> of(List<SubtaskState> states, EdgeId edge) {
    return states.stream()
        .flatMap(state -> state.channels().stream())
        .filter(channel -> idOf(channel).equals(edge))
        .sorted(ORDER)
        .toList();
  }

  /** Whether it is a channel of the edge as it is now. */
  public static boolean unchanged(ChannelState channel, PlannedEdge edge) {
    return channel.partitioning().equals(edge.edge().partitioning().name())
        && channel.producers() == edge.producerParallelism()
        && channel.consumers() == edge.consumerParallelism();
  }

  /** Whether its records may be of several subtasks now, each by its key. */
  public static boolean divided(ChannelState channel, PlannedEdge edge, JobPlan plan) {
    return edge.edge().partitioning() == Partitioning.KEY_GROUP
        && (channel.consumers() != edge.consumerParallelism()
            || channel.maxParallelism() != plan.chains().get(edge.consumer()).maxParallelism());
  }
}
