package io.millrace.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.config.Configuration;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class JobPlanTest {
  private static final UserCode NOTHING = new UserCode("nothing", new byte[0]);

  @Test
  void fusesForwardEdgesAndCutsAtTheOthers() {
    JobPlan plan =
        plan(
            List.of(
                vertex("splits", Role.ENUMERATOR, 1),
                vertex("read", Role.READER, 2),
                vertex("map", Role.OPERATOR, 2),
                vertex("count", Role.OPERATOR, 3),
                vertex("sink", Role.SINK, 3)),
            edge("splits", "read", Partitioning.SPLITS),
            edge("read", "map", Partitioning.FORWARD),
            edge("map", "count", Partitioning.KEY_GROUP),
            edge("count", "sink", Partitioning.FORWARD));

    assertThat(plan.chains())
        .extracting(ChainPlan::uids)
        .containsExactly(List.of("splits"), List.of("read", "map"), List.of("count", "sink"));
    assertThat(plan.edges()).extracting(PlannedEdge::index).containsExactly(0, 2);
    assertThat(plan.slotsNeeded()).isEqualTo(3);
    assertThat(plan.taskCount()).isEqualTo(6);
    assertThat(plan.edges().get(1).consumersOf(0)).containsExactly(0, 1, 2);
    assertThat(plan.edges().get(1).producersOf(2)).containsExactly(0, 1);
  }

  @Test
  void fusesAllConsumersOfAStreamAndCutsWhereStreamsMeet() {
    JobPlan plan =
        plan(
            List.of(
                vertex("a", Role.READER, 1),
                vertex("left", Role.OPERATOR, 1),
                vertex("right", Role.OPERATOR, 1),
                vertex("union", Role.SINK, 1)),
            edge("a", "left", Partitioning.FORWARD),
            edge("a", "right", Partitioning.FORWARD),
            edge("left", "union", Partitioning.FORWARD),
            edge("right", "union", Partitioning.FORWARD));

    assertThat(plan.chains())
        .extracting(ChainPlan::uids)
        .containsExactly(List.of("a", "left", "right"), List.of("union"));
    assertThat(plan.chains().get(0).name()).isEqualTo("a -> (left, right)");
    assertThat(plan.insideOf(plan.chains().get(0)))
        .extracting(PlannedEdge::index)
        .containsExactly(0, 1);
    assertThat(plan.outputsOf(plan.chains().get(0)))
        .isEqualTo(plan.inputsOf(plan.chains().get(1)))
        .extracting(PlannedEdge::index)
        .containsExactly(2, 3);
  }

  @Test
  void aConsumerThatCannotBeFusedKeepsNoOtherFromIt() {
    JobPlan plan =
        plan(
            List.of(
                vertex("read", Role.READER, 2),
                vertex("wide", Role.OPERATOR, 3),
                vertex("map", Role.OPERATOR, 2),
                vertex("side", Role.OPERATOR, 2),
                vertex("count", Role.OPERATOR, 2),
                vertex("sink", Role.SINK, 2),
                vertex("sides", Role.SINK, 2)),
            edge("read", "wide", Partitioning.REBALANCE),
            edge("read", "map", Partitioning.FORWARD),
            new Edge("map", "side", 0, Partitioning.FORWARD, NOTHING, "?", "late"),
            edge("map", "count", Partitioning.KEY_GROUP),
            edge("map", "sink", Partitioning.FORWARD),
            edge("side", "sides", Partitioning.FORWARD));

    assertThat(plan.chains())
        .extracting(ChainPlan::uids)
        .containsExactly(
            List.of("read", "map", "side", "sink", "sides"), List.of("wide"), List.of("count"));
    assertThat(plan.chains().get(0).name()).isEqualTo("read -> map -> (side -> sides, sink)");
    assertThat(plan.outputsOf(plan.chains().get(0)))
        .extracting(PlannedEdge::index)
        .containsExactly(0, 3);
  }

  @Test
  void cutsAtEverythingThatForbidsFusing() {
    Vertex blocking =
        new Vertex("b", "b", Role.SINK, NOTHING, 1, 0, "default", true, false, false, List.of());
    Vertex head =
        new Vertex("b", "b", Role.SINK, NOTHING, 1, 0, "default", false, true, false, List.of());
    Vertex apart =
        new Vertex("b", "b", Role.SINK, NOTHING, 1, 0, "other", false, false, false, List.of());
    for (Vertex second : List.of(blocking, head, apart)) {
      JobPlan plan =
          plan(List.of(vertex("a", Role.READER, 1), second), edge("a", "b", Partitioning.FORWARD));
      assertThat(plan.chains()).hasSize(2);
    }
    Vertex tail =
        new Vertex("a", "a", Role.READER, NOTHING, 1, 0, "default", false, false, true, List.of());
    assertThat(
            plan(List.of(tail, vertex("b", Role.SINK, 1)), edge("a", "b", Partitioning.FORWARD))
                .chains())
        .hasSize(2);
  }

  @Test
  void decidesWhatTheJobLeftOpenFromItsSettingsThenTheClusters() {
    var vertices = List.of(vertex("splits", Role.ENUMERATOR, 0), vertex("read", Role.READER, 0));
    Configuration defaults = new Configuration(Map.of("parallelism.default", "4"));

    JobPlan byCluster = JobPlan.of(new JobGraph("job", vertices, List.of(), Map.of()), defaults);
    JobPlan byJob =
        JobPlan.of(
            new JobGraph("job", vertices, List.of(), Map.of("parallelism.default", "3")), defaults);

    assertThat(byCluster.vertex("read").parallelism()).isEqualTo(4);
    assertThat(byCluster.vertex("splits").parallelism()).isEqualTo(1);
    assertThat(byJob.vertex("read").parallelism()).isEqualTo(3);
    assertThat(byJob.vertex("read").maxParallelism()).isEqualTo(128);
  }

  /** The same over wide ranges, so that state can be restored with another parallelism. */
  @Test
  void manySubtasksHaveAsManyKeyGroupsAsTheyNeed() {
    var max = new TreeMap<Integer, Integer>();
    for (int parallelism : List.of(1, 128, 129, 4_096, 4_097, 32_768)) {
      max.put(
          parallelism,
          plan(List.of(vertex("read", Role.READER, parallelism))).vertex("read").maxParallelism());
    }

    assertThat(max.values()).containsExactly(128, 128, 4_096, 4_096, 32_768, 32_768);
  }

  @Test
  void unalignedCheckpointsAreTakenOneAtATime() {
    var settings = new TreeMap<String, String>();
    settings.put("execution.checkpointing.unaligned.enabled", "true");
    settings.put("execution.checkpointing.max-concurrent-checkpoints", "2");
    assertThatThrownBy(() -> planned(settings))
        .isInstanceOf(InvalidPlanException.class)
        .hasMessageContaining("execution.checkpointing.unaligned.enabled")
        .hasMessageContaining("set execution.checkpointing.max-concurrent-checkpoints to 1");

    settings.put("execution.checkpointing.min-pause", "1 s"); // which implies one at a time
    assertThat(planned(settings).chains()).hasSize(1);
    settings.remove("execution.checkpointing.min-pause");
    settings.put("execution.checkpointing.mode", "AT_LEAST_ONCE"); // where nothing overtakes
    assertThat(planned(settings).chains()).hasSize(1);
  }

  private static JobPlan planned(Map<String, String> settings) {
    var vertices = List.of(vertex("read", Role.READER, 1));
    return JobPlan.of(new JobGraph("job", vertices, List.of(), settings), Configuration.EMPTY);
  }

  @Test
  void namesTheOperatorThatCannotBePlanned() {
    var wide = List.of(vertex("wide", Role.READER, 200));
    var narrow = Map.of("pipeline.max-parallelism", "128");
    assertThatThrownBy(
            () -> JobPlan.of(new JobGraph("job", wide, List.of(), narrow), Configuration.EMPTY))
        .isInstanceOf(InvalidPlanException.class)
        .hasMessageContaining("'wide'")
        .hasMessageContaining("pipeline.max-parallelism");
    assertThatThrownBy(
            () ->
                plan(
                    List.of(vertex("a", Role.READER, 1), vertex("b", Role.SINK, 2)),
                    edge("a", "b", Partitioning.FORWARD)))
        .isInstanceOf(InvalidPlanException.class)
        .hasMessageContaining("rebalance()");
  }

  @Test
  void putsSubtasksOfOneIndexIntoOneSlot() {
    JobPlan plan =
        plan(
            List.of(
                vertex("a", Role.READER, 2),
                vertex("b", Role.OPERATOR, 3),
                new Vertex(
                    "c", "c", Role.SINK, NOTHING, 2, 0, "own", false, false, false, List.of())),
            edge("a", "b", Partitioning.REBALANCE),
            edge("b", "c", Partitioning.REBALANCE));
    var slots = new ArrayList<FreeSlot>();
    for (int index = 0; index < plan.slotsNeeded(); index++) {
      var location = new TaskManagerLocation(new TaskManagerId("tm" + index / 2), "host", 1);
      slots.add(new FreeSlot(location, index % 2));
    }

    ExecutionGraph graph = ExecutionGraph.place(plan, 0, 1, slots, Homes.NONE);

    assertThat(graph.placement()).containsExactly(List.of(0, 0), List.of(0, 0, 1), List.of(1, 2));
    assertThat(graph.slots()).containsExactly(List.of(0, 1), List.of(0, 1, 0), List.of(1, 0));
    assertThat(graph.locationOf(2, 1).id()).isEqualTo(new TaskManagerId("tm2"));
  }

  @Test
  void letsSubtasksStayWhereTheyWereOrOnThatHost() {
    JobPlan plan =
        plan(
            List.of(vertex("a", Role.READER, 4), vertex("b", Role.OPERATOR, 4)),
            edge("a", "b", Partitioning.KEY_GROUP));
    var slots = new ArrayList<FreeSlot>();
    for (TaskManagerLocation location :
        List.of(at("tm1", "x"), at("tm3", "y"), at("tm8", "y"), at("tm9", "z"))) {
      slots.add(new FreeSlot(location, 0));
    }
    // Of these tm4 and tm2 are gone.
    List<TaskManagerLocation> before =
        List.of(at("tm4", "x"), at("tm2", "y"), at("tm3", "y"), at("tm1", "x"));

    ExecutionGraph graph =
        ExecutionGraph.place(
            plan, 0, 2, slots, (chain, subtask) -> Optional.of(before.get(subtask)));

    assertThat(List.of(0, 1, 2, 3))
        .map(subtask -> graph.locationOf(1, subtask).id().value())
        .containsExactly("tm9", "tm8", "tm3", "tm1");
  }

  @Test
  void knowsOfEachSlotThatAJobNeedsWhereItWas() {
    JobPlan plan =
        plan(
            List.of(vertex("a", Role.READER, 2), vertex("b", Role.SINK, 3)),
            edge("a", "b", Partitioning.REBALANCE));

    SlotDemand demand =
        plan.demand(
            (chain, subtask) ->
                subtask == 1 ? Optional.empty() : Optional.of(at("tm" + subtask, "x")));

    assertThat(demand.parts())
        .containsExactly(
            new SlotDemand.Part(
                Optional.empty(),
                new FormerPlaces(
                    List.of(
                        Optional.of(at("tm0", "x")),
                        Optional.empty(),
                        Optional.of(at("tm2", "x"))))));
  }

  private static TaskManagerLocation at(String name, String host) {
    return new TaskManagerLocation(new TaskManagerId(name), host, 1);
  }

  @Test
  void givesEachSubtaskTheStateOfItsOperators() {
    JobPlan plan =
        plan(
            List.of(vertex("read", Role.READER, 2), vertex("sink", Role.SINK, 2)),
            edge("read", "sink", Partitioning.FORWARD));
    Manifest manifest =
        manifest(
            state("read", 0, 2), state("read", 1, 2), state("sink", 0, 2), state("sink", 1, 2));

    RestoredStates states = RestoredStates.divide(plan, manifest, false);

    assertThat(states.of(plan.chains().get(0), 1))
        .containsExactly(state("read", 1, 2), state("sink", 1, 2));
    assertThat(RestoredStates.NONE.of(plan.chains().get(0), 1)).isEmpty();
  }

  @Test
  void refusesACheckpointThatDoesNotFit() {
    JobPlan plan = plan(List.of(vertex("read", Role.READER, 2)));

    assertThatThrownBy(() -> RestoredStates.divide(plan, manifest(state("read", 0, 3)), false))
        .isInstanceOf(CannotRestoreException.class)
        .hasMessageContaining("1 of the 3 subtasks")
        .hasMessageContaining("'read'");
    var keyed =
        new SubtaskState(
            "read",
            0,
            1,
            64,
            Optional.empty(),
            List.of(),
            Optional.of(new StateBytes.InFile("data/f", 0, 1, 7)));
    assertThatThrownBy(() -> RestoredStates.divide(plan, manifest(keyed), false))
        .isInstanceOf(CannotRestoreException.class)
        .hasMessageContaining("max parallelism 64")
        .hasMessageContaining("the job has 128")
        .hasMessageContaining("set it back to 64");
    Manifest foreign = manifest(state("read", 0, 2), state("read", 1, 2), state("gone", 0, 1));
    assertThatThrownBy(() -> RestoredStates.divide(plan, foreign, false))
        .hasMessageContaining("'gone'")
        .hasMessageContaining("give the operator its uid again")
        .hasMessageContaining("--allowNonRestoredState");
    assertThat(RestoredStates.divide(plan, foreign, true).of(plan.chains().get(0), 0)).hasSize(1);
  }

  /** They would count on from less than they had come to. */
  @Test
  void accumulatorsOfAnOperatorThatIsGoneAreDroppedOnlyIfThatIsAllowed() {
    JobPlan plan = plan(List.of(vertex("read", Role.READER, 1)));
    Manifest manifest = manifest(state("read", 0, 1), counting("gone"));

    assertThatThrownBy(() -> RestoredStates.divide(plan, manifest, false))
        .isInstanceOf(CannotRestoreException.class)
        .hasMessageContaining("accumulators")
        .hasMessageContaining("'gone'")
        .hasMessageContaining("--allowNonRestoredState");
    assertThat(RestoredStates.divide(plan, manifest, true).of(plan.chains().get(0), 0)).hasSize(1);
    SubtaskState own = counting("read");
    RestoredStates states = RestoredStates.divide(plan, manifest(own), false);
    assertThat(states.of(plan.chains().get(0), 0)).containsExactly(own);
  }

  private static SubtaskState counting(String uid) {
    return new SubtaskState(
        uid,
        0,
        1,
        128,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(new AccumulatorState("lines", new byte[] {1})));
  }

  @Test
  void fusesWhoTakesASideOutput() {
    List<Vertex> vertices =
        List.of(
            vertex("sort", Role.READER, 1),
            vertex("main", Role.OPERATOR, 1),
            vertex("aside", Role.SINK, 1));
    Edge side = new Edge("sort", "aside", 0, Partitioning.FORWARD, NOTHING, "", "late");

    assertThat(plan(vertices, edge("sort", "main", Partitioning.FORWARD), side).chains())
        .extracting(ChainPlan::uids)
        .containsExactly(List.of("sort", "main", "aside"));
    assertThat(plan(List.of(vertices.get(0), vertices.get(2)), side).chains())
        .extracting(ChainPlan::uids)
        .containsExactly(List.of("sort", "aside"));
  }

  @Test
  void rescalingDividesTheLargerSideOverTheSmallerOne() {
    assertThat(rescaled(2, 5).stream().map(List::toString)).containsExactly("[0, 1, 2]", "[3, 4]");
    assertThat(rescaled(5, 2).stream().map(List::toString))
        .containsExactly("[0]", "[0]", "[0]", "[1]", "[1]");
    assertThat(rescaled(3, 3).stream().map(List::toString)).containsExactly("[0]", "[1]", "[2]");
  }

  /** Consumers of each producer, after a look at whether the consumers see it the same way. */
  private static List<List<Integer>> rescaled(int producers, int consumers) {
    var edge = new PlannedEdge(0, edge("a", "b", Partitioning.RESCALE), 0, producers, 1, consumers);
    var all = new ArrayList<List<Integer>>();
    for (int producer = 0; producer < producers; producer++) {
      all.add(edge.consumersOf(producer));
      for (int consumer = 0; consumer < consumers; consumer++) {
        assertThat(edge.producersOf(consumer).contains(producer))
            .isEqualTo(edge.consumersOf(producer).contains(consumer));
      }
    }
    return all;
  }

  /** Else no message could carry it to a TaskManager. */
  @Test
  void refusesAProgramThatIsTooLargeToTravel() {
    var values = new UserCode("values", new byte[13 << 20]);
    List<Vertex> two =
        List.of(
            vertex("splits", Role.ENUMERATOR, 1, values), vertex("read", Role.READER, 1, values));

    assertThatThrownBy(() -> plan(two, edge("splits", "read", Partitioning.SPLITS)))
        .isInstanceOf(InvalidPlanException.class)
        .hasMessageContaining("27262976 bytes")
        .hasMessageContaining("put large values in a file");
  }

  private static JobPlan plan(List<Vertex> vertices, Edge... edges) {
    return JobPlan.of(new JobGraph("job", vertices, List.of(edges), Map.of()), Configuration.EMPTY);
  }

  private static Vertex vertex(String uid, Role role, int parallelism) {
    return vertex(uid, role, parallelism, NOTHING);
  }

  private static Vertex vertex(String uid, Role role, int parallelism, UserCode code) {
    return new Vertex(
        uid, uid, role, code, parallelism, 0, "default", false, false, false, List.of());
  }

  private static Edge edge(String from, String to, Partitioning partitioning) {
    return new Edge(from, to, 0, partitioning, NOTHING, "");
  }

  private static SubtaskState state(String uid, int subtask, int parallelism) {
    StateBytes own = new StateBytes.InFile("data/f", subtask, 1, 7);
    return new SubtaskState(
        uid, subtask, parallelism, 128, Optional.of(own), List.of(), Optional.empty());
  }

  private static Manifest manifest(SubtaskState... states) {
    return new Manifest(
        new JobId("0".repeat(32)),
        "0123456789abcdef",
        new Epoch(1, 1),
        1,
        5,
        0,
        false,
        List.of(states));
  }
}
