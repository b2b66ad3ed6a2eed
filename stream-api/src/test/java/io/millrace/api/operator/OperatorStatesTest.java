package io.millrace.api.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichMapFunction;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.type.Shape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** State that belongs to no key, as functions and snapshots see it. */
class OperatorStatesTest {
  private static final ListStateDescriptor<int[]> CELLS =
      new ListStateDescriptor<>("cells", int[].class);
  private static final ListStateDescriptor<String> NAMES =
      new ListStateDescriptor<>("names", String.class);
  private static final MapStateDescriptor<String, Integer> RULES =
      new MapStateDescriptor<>("rules", String.class, Integer.class);

  /** Tells in which order it was called, and keeps the records that it saw. */
  private static final class Remembering extends RichMapFunction<String, String>
      implements CheckpointedFunction {
    private transient List<String> calls;
    private transient List<String> seen;
    private transient io.millrace.api.state.ListState<String> kept;

    @Override
    public void initializeState(FunctionInitializationContext context) {
      calls = new ArrayList<>(List.of("initialize " + context.getRestoredCheckpointId()));
      kept = context.getOperatorStateStore().getListState(NAMES);
      seen = new ArrayList<>();
      kept.get().forEach(seen::add);
    }

    @Override
    public void open(OpenContext context) {
      calls.add("open");
    }

    @Override
    public String map(String value) {
      seen.add(value);
      return String.join(", ", calls) + " " + seen;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      calls.add("snapshot " + context.getCheckpointId() + "@" + context.getCheckpointTimestamp());
      kept.update(seen);
    }
  }

  @Test
  void aFunctionKeepsItsListAcrossARestore() throws Exception {
    var first = new Bench<String, String>(Operators.map(new Remembering())).open();
    first.take("a");
    Frozen frozen = first.operator.snapshot(3);
    first.take("b");
    assertThat(first.records)
        .containsExactly(
            "initialize OptionalLong.empty, open [a]",
            "initialize OptionalLong.empty, open, snapshot 3@1000 [a, b]");

    var second = new Bench<String, String>(Operators.map(new Remembering()));
    second.restoredStates = frozen.take().states();
    second.open().take("c");
    assertThat(second.records).containsExactly("initialize OptionalLong[7], open [a, c]");
  }

  @Test
  void whatIsFrozenDoesNotChangeAnyMore() throws Exception {
    var states = new OperatorStates(new Bench<>(Operators.map(value -> value)));
    var cells = states.getListState(CELLS);
    var rules = states.getBroadcastState(RULES);
    int[] mine = {1};
    cells.add(mine);
    rules.put("a", 1);
    Frozen frozen = states.freeze();
    mine[0] = 2;
    cells.clear();
    rules.put("a", 2);
    rules.remove("b");

    var bench = new Bench<>(Operators.map(value -> value));
    bench.restoredStates = frozen.take().states();
    var back = new OperatorStates(bench);
    assertThat(back.getListState(CELLS).get()).containsExactly(new int[] {1});
    assertThat(back.getBroadcastState(RULES).get("a")).isEqualTo(1);
    assertThat(back.getBroadcastState(RULES).immutableEntries()).hasSize(1);
  }

  @Test
  void stateThatNobodyAskedForIsCarriedOnAndAUnionDoesNotGrow() throws Exception {
    var states = new OperatorStates(new Bench<>(Operators.map(value -> value)));
    states.getListState(NAMES).addAll(List.of("a", "b"));
    states.getUnionListState(new ListStateDescriptor<>("all", String.class)).add("u");
    var bench = new Bench<>(Operators.map(value -> value)); // subtask 1 of 2
    bench.restoredStates = states.freeze().take().states();

    List<OperatorState> carried = new OperatorStates(bench).freeze().take().states();

    assertThat(carried).hasSize(1);
    assertThat(carried.get(0).name()).isEqualTo("names");
    assertThat(carried.get(0).elements()).hasSize(2);
  }

  private record Priced(int price, int amount) {}

  private record Taxed(long amount, int price, String tax) {}

  private record Halved(int amount, byte price) {}

  /** As if that class had been called so before it was changed. */
  private static OperatorState left(OperatorState state, Class<?> now) {
    return new OperatorState(
        state.name(),
        state.mode(),
        state.types().replace(Priced.class.getName(), now.getName()),
        renamed(state.shape(), Priced.class, now),
        state.elements());
  }

  @Test
  void migratesListsAndBroadcastMapsOfTypesThatHaveChanged() throws Exception {
    var states = new OperatorStates(new Bench<>(Operators.map(value -> value)));
    states.getListState(new ListStateDescriptor<>("orders", Priced.class)).add(new Priced(1, 2));
    states
        .getBroadcastState(new MapStateDescriptor<>("by name", String.class, Priced.class))
        .put("a", new Priced(3, 4));
    List<OperatorState> written = states.freeze().take().states();
    var bench = new Bench<>(Operators.map(value -> value));
    bench.restoredStates = written.stream().map(state -> left(state, Taxed.class)).toList();
    var back = new OperatorStates(bench);
    var orders = new ListStateDescriptor<>("orders", Taxed.class);
    assertThat(back.getListState(orders).get()).containsExactly(new Taxed(2, 1, null));
    assertThat(
            back.getBroadcastState(new MapStateDescriptor<>("by name", String.class, Taxed.class))
                .get("a"))
        .isEqualTo(new Taxed(4, 3, null));

    // Of two versions, if one subtask had not asked for it.
    var again = new Bench<>(Operators.map(value -> value));
    again.restoredStates =
        List.of(left(written.get(0), Taxed.class), back.freeze().take().states().get(0));
    assertThat(new OperatorStates(again).getListState(orders).get())
        .containsExactly(new Taxed(2, 1, null), new Taxed(2, 1, null));
  }

  @Test
  void refusesATypeOfTheSameNameThatCannotHoldWhatIsThere() throws Exception {
    var states = new OperatorStates(new Bench<>(Operators.map(value -> value)));
    states.getListState(new ListStateDescriptor<>("orders", Priced.class)).add(new Priced(1, 2));
    OperatorState written = states.freeze().take().states().get(0);
    var bench = new Bench<>(Operators.map(value -> value));
    bench.restoredStates = List.of(left(written, Halved.class));
    var back = new OperatorStates(bench);
    assertThatThrownBy(() -> back.getListState(new ListStateDescriptor<>("orders", Halved.class)))
        .hasMessageContaining("state 'orders' holds")
        .hasMessageContaining("field 'price' of " + Halved.class.getName() + " was int, is byte");
  }

  private static Shape renamed(Shape shape, Class<?> was, Class<?> is) {
    return new Shape(
        shape.nodes().stream()
            .map(
                node ->
                    new Shape.Node(
                        node.kind(),
                        node.name().equals(was.getName()) ? is.getName() : node.name(),
                        node.parts()))
            .toList());
  }

  @Test
  void refusesAnotherKindOrTypeUnderAName() throws Exception {
    var states = new OperatorStates(new Bench<>(Operators.map(value -> value)));
    states.getListState(NAMES).add("a");
    assertThatThrownBy(() -> states.getUnionListState(NAMES))
        .hasMessageContaining("'names' was declared as a list of java.lang.String")
        .hasMessageContaining("declares a union list of java.lang.String");
    var bench = new Bench<>(Operators.map(value -> value));
    bench.restoredStates = states.freeze().take().states();
    var back = new OperatorStates(bench);
    assertThatThrownBy(
            () -> back.getListState(new ListStateDescriptor<>("names", Thread.State.class)))
        .hasMessageContaining("'names' is in the checkpoint as a list of java.lang.String")
        .hasMessageContaining("give the new state another name");
    assertThat(back.getListState(NAMES).get()).containsExactly("a");
  }

  @Test
  void refusesATimeToLive() {
    var states = new OperatorStates(new Bench<>(Operators.map(value -> value)));
    var mortal = new ListStateDescriptor<>("mortal", String.class);
    mortal.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofDays(1)).build());
    assertThatThrownBy(() -> states.getListState(mortal)).hasMessageContaining("'mortal'");
  }

  @Test
  void keyedStateIsRefusedWithoutAKey() throws Exception {
    var bench = new Bench<String, String>(Operators.map(new RefusedState()));
    bench.keyed = false;
    assertThatThrownBy(bench::open).hasMessageContaining("keyBy");
  }

  private static final class RefusedState extends RichMapFunction<String, String>
      implements CheckpointedFunction {
    @Override
    public void initializeState(FunctionInitializationContext context) {
      context.getKeyedStateStore();
    }

    @Override
    public String map(String value) {
      return value;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}
  }
}
