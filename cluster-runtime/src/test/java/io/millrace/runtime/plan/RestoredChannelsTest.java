package io.millrace.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.runtime.checkpoint.ChannelState;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RestoredChannelsTest {
  private static final int MAX = 24;
  private static final EdgeId EDGE = new EdgeId("from", "to", 0);

  private static Vertex vertex(String uid, int parallelism, int max) {
    return vertex(uid, parallelism, max, true);
  }

  private static Vertex vertex(String uid, int parallelism, int max, boolean alone) {
    return new Vertex(
        uid,
        uid,
        Vertex.Role.OPERATOR,
        new UserCode("", new byte[0]),
        parallelism,
        max,
        "default",
        false,
        alone,
        alone,
        List.of());
  }

  private static JobPlan plan(Partitioning partitioning, int from, int to, int max) {
    var edge = new Edge("from", "to", 0, partitioning, new UserCode("", new byte[0]), "String");
    return JobPlan.of(
        new JobGraph(
            "job",
            List.of(vertex("from", from, 128), vertex("to", to, max)),
            List.of(edge),
            Map.of()),
        Configuration.EMPTY);
  }

  private static ChannelState channel(
      Partitioning partitioning,
      boolean queued,
      int producer,
      int of,
      int consumer,
      int consumers) {
    return new ChannelState(
        "from",
        "to",
        0,
        partitioning.name(),
        queued,
        producer,
        of,
        consumer,
        consumers,
        MAX,
        new StateBytes.InFile("data/x", producer, consumer, 0));
  }

  /** All subtasks with nothing but what was in flight: queued at consumers, unsent at producers. */
  private static Manifest manifest(Partitioning partitioning, int producers, int consumers) {
    var states = new ArrayList<SubtaskState>();
    for (int producer = 0; producer < producers; producer++) {
      var channels = new ArrayList<ChannelState>();
      for (int consumer = 0; consumer < consumers; consumer++) {
        channels.add(channel(partitioning, false, producer, producers, consumer, consumers));
      }
      states.add(state("from", producer, producers, 128, channels));
    }
    for (int consumer = 0; consumer < consumers; consumer++) {
      var channels = new ArrayList<ChannelState>();
      for (int producer = 0; producer < producers; producer++) {
        channels.add(channel(partitioning, true, producer, producers, consumer, consumers));
      }
      states.add(state("to", consumer, consumers, MAX, channels));
    }
    return new Manifest(
        new JobId("0".repeat(32)), "0123456789abcdef", new Epoch(1, 1), 1, 5, 0, false, states);
  }

  private static SubtaskState state(
      String uid, int subtask, int of, int max, List<ChannelState> channels) {
    return new SubtaskState(uid, subtask, of, max, Optional.empty(), List.of(), Optional.empty())
        .withChannels(channels);
  }

  private static List<ChannelState> taken(JobPlan plan, Manifest manifest, int subtask) {
    RestoredStates states = RestoredStates.divide(plan, manifest, false);
    return RestoredChannels.of(states.of(plan.chains().get(1), subtask), EDGE);
  }

  @Test
  void everyKeyGroupIsTakenByTheSubtaskThatHasItNow() {
    var random = new SplittableRandom(1);
    for (int round = 0; round < 200; round++) {
      int producers = 1 + random.nextInt(4);
      int before = 1 + random.nextInt(8);
      int now = 1 + random.nextInt(8);
      int max = random.nextInt(4) == 0 ? MAX - 1 : MAX;
      JobPlan plan = plan(Partitioning.KEY_GROUP, 1 + random.nextInt(4), now, max);
      Manifest manifest = manifest(Partitioning.KEY_GROUP, producers, before);
      for (int subtask = 0; subtask < now; subtask++) {
        List<ChannelState> taken = taken(plan, manifest, subtask);
        for (int group = 0; group < max; group++) {
          if (max == MAX && KeyGroups.subtaskOf(group, now, max) == subtask) {
            int owner = KeyGroups.subtaskOf(group, before, MAX);
            assertThat(taken.stream().filter(channel -> channel.consumer() == owner))
                .as("both sides of the channels from all producers")
                .hasSize(2 * producers);
          }
        }
        boolean same = before == now && max == MAX;
        assertThat(taken)
            .allMatch(
                channel -> RestoredChannels.divided(channel, plan.edges().get(0), plan) != same);
        if (same) {
          int mine = subtask;
          assertThat(taken).allMatch(channel -> channel.consumer() == mine);
        } else if (max != MAX) {
          assertThat(taken).hasSize(2 * producers * before);
        }
      }
    }
  }

  @Test
  void whatHasNoKeyIsTakenByExactlyOneSubtaskInItsOrder() {
    for (Partitioning kind :
        List.of(Partitioning.REBALANCE, Partitioning.SHUFFLE, Partitioning.GLOBAL)) {
      for (int now = 1; now <= 5; now++) {
        JobPlan plan = plan(kind, 2, now, MAX);
        Manifest manifest = manifest(kind, 2, 3);
        var all = new ArrayList<ChannelState>();
        for (int subtask = 0; subtask < now; subtask++) {
          List<ChannelState> taken = taken(plan, manifest, subtask);
          all.addAll(taken);
          for (int i = 0; i + 1 < taken.size(); i += 2) {
            assertThat(taken.get(i).queued()).isTrue();
            assertThat(taken.get(i + 1).queued()).isFalse();
            assertThat(taken.get(i).producer()).isEqualTo(taken.get(i + 1).producer());
            assertThat(taken.get(i).consumer()).isEqualTo(taken.get(i + 1).consumer());
          }
        }
        assertThat(all).hasSize(12).doesNotHaveDuplicates();
        assertThat(RestoredChannels.unchanged(all.get(0), plan.edges().get(0))).isEqualTo(now == 3);
      }
    }
  }

  /** Else its watermark would be taken for that of a producer that reads something else now. */
  @Test
  void aChannelIsUnchangedOnlyWithAsManyOnBothSides() {
    ChannelState before = channel(Partitioning.REBALANCE, true, 0, 2, 0, 3);
    for (int from = 1; from <= 4; from++) {
      for (int to = 1; to <= 4; to++) {
        PlannedEdge edge = plan(Partitioning.REBALANCE, from, to, MAX).edges().get(0);
        assertThat(RestoredChannels.unchanged(before, edge))
            .as("from %d to %d", from, to)
            .isEqualTo(from == 2 && to == 3);
      }
    }
    PlannedEdge shuffled = plan(Partitioning.SHUFFLE, 2, 3, MAX).edges().get(0);
    assertThat(RestoredChannels.unchanged(before, shuffled)).isFalse();
  }

  @Test
  void whatWasInFlightToAnOperatorThatIsFusedNowIsTakenByItsTask() {
    for (int now = 1; now <= 5; now++) {
      for (boolean fused : new boolean[] {true, false}) {
        var code = new UserCode("", new byte[0]);
        var forward = new Edge("from", "to", 0, Partitioning.FORWARD, code, "String");
        var vertices = List.of(vertex("from", now, 128, !fused), vertex("to", now, MAX, !fused));
        var graph = new JobGraph("job", vertices, List.of(forward), Map.of());
        JobPlan plan = JobPlan.of(graph, Configuration.EMPTY);
        assertThat(plan.chains()).hasSize(fused ? 1 : 2);
        Manifest manifest = manifest(Partitioning.REBALANCE, 2, 3);
        RestoredStates states = RestoredStates.divide(plan, manifest, false);
        var all = new ArrayList<ChannelState>();
        for (int subtask = 0; subtask < now; subtask++) {
          ChainPlan chain = plan.chains().get(fused ? 0 : 1);
          all.addAll(RestoredChannels.of(states.of(chain, subtask), EDGE));
        }
        assertThat(all).hasSize(12).doesNotHaveDuplicates();
        PlannedEdge edge = fused ? plan.insideOf(plan.chains().get(0)).get(0) : plan.edges().get(0);
        assertThat(all)
            .noneMatch(channel -> RestoredChannels.unchanged(channel, edge))
            .noneMatch(channel -> RestoredChannels.divided(channel, edge, plan));
      }
    }
  }

  @Test
  void anEdgeThatIsNotWhatItWasIsNamed() {
    Manifest manifest = manifest(Partitioning.REBALANCE, 1, 1);
    assertThatThrownBy(
            () -> RestoredStates.divide(plan(Partitioning.KEY_GROUP, 1, 1, MAX), manifest, true))
        .isInstanceOf(CannotRestoreException.class)
        .hasMessageContaining("from 'from' to 'to'")
        .hasMessageContaining("REBALANCE")
        .hasMessageContaining("savepoint");

    var apart =
        JobPlan.of(
            new JobGraph(
                "job", List.of(vertex("from", 1, 128), vertex("to", 1, MAX)), List.of(), Map.of()),
            Configuration.EMPTY);
    assertThatThrownBy(() -> RestoredStates.divide(apart, manifest, false))
        .isInstanceOf(CannotRestoreException.class)
        .hasMessageContaining("from 'from' to 'to'")
        .hasMessageContaining("--allowNonRestoredState")
        .hasMessageNotContaining("pipeline.combine");
    RestoredStates dropped = RestoredStates.divide(apart, manifest, true);
    assertThat(RestoredChannels.of(dropped.of(apart.chains().get(1), 0), EDGE)).isEmpty();
  }

  /** Its records are partial results then, or not any more. */
  @Test
  void aCombinerThatIsThereNoMoreOrIsNewIsNamed() {
    Manifest before = manifest(Partitioning.KEY_GROUP, 1, 1);
    var code = new UserCode("", new byte[0]);
    var combined =
        JobPlan.of(
            new JobGraph(
                "job",
                List.of(vertex("from", 1, 128), vertex("to/combine", 1, 128), vertex("to", 1, MAX)),
                List.of(
                    new Edge("from", "to/combine", 0, Partitioning.FORWARD, code, "String"),
                    new Edge("to/combine", "to", 0, Partitioning.KEY_GROUP, code, "String")),
                Map.of()),
            Configuration.EMPTY);
    assertThatThrownBy(() -> RestoredStates.divide(combined, before, false))
        .hasMessageContaining("from 'from' to 'to'")
        .hasMessageContaining("set pipeline.combine as it was");
  }
}
