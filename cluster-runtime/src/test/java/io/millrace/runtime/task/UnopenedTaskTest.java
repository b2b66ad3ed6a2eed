package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.runtime.state.CapturedRows;
import io.millrace.runtime.state.MemoryFolder;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files of state that were fetched for a task go with it, however early that is. */
class UnopenedTaskTest {
  private final MemoryFolder folder = new MemoryFolder();

  @BeforeEach
  void fetch() {
    folder.write("rows-1", List.of(new byte[1]));
  }

  private Bench bench(OperatorFactory<Object, Object> factory) {
    var restored =
        new TaskBlueprint.Restored(
            OptionalLong.of(1),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(new CapturedRows(new byte[0], folder)),
            List.of());
    return new Bench()
        .part("sum", Vertex.Role.OPERATOR, factory, restored)
        .keyedInputs(1, key -> key)
        .output(1);
  }

  @Test
  void filesOfATaskThatIsCancelledBeforeItOpensAreDeleted() {
    Bench bench = bench(() -> Programs.map(Function.identity()));
    bench.task().receive(new TaskCommand.Cancel());
    assertThat(bench.settle()).isEqualTo(Progress.DONE);
    assertThat(folder.files()).isEmpty();
  }

  @Test
  void filesOfATaskWhoseOperatorCannotBeMadeAreDeleted() {
    Bench bench =
        bench(
            () -> {
              throw new IllegalStateException("not today");
            });
    assertThat(bench.settle()).isEqualTo(Progress.DONE);
    assertThat(bench.said(TaskEvent.Failed.class)).hasSize(1);
    assertThat(folder.files()).isEmpty();
  }

  @Test
  void filesOfATaskWhoseHostGoesDownBeforeItOpensAreDeleted() {
    bench(() -> Programs.map(Function.identity())).task().close();
    assertThat(folder.files()).isEmpty();
  }
}
