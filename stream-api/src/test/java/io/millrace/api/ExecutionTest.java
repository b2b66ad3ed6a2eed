package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Setting.InvalidSettingException;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.Source;
import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.graph.Vertex.Role;
import java.util.Map;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // the executor stays installed for the block
class ExecutionTest {
  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();
  private final JobRecorder recorder = new JobRecorder();

  @Test
  void eachExecuteIsAJobOfItsOwn() throws Exception {
    try (var open = ExecutionDoor.install(recorder)) {
      env.fromElements(1, 2).print();
      env.execute("first");
      env.fromSequence(1, 3).print();
      env.executeAsync("second");
    }

    assertThat(recorder.graphs).extracting(JobGraph::name).containsExactly("first", "second");
    assertThat(recorder.graphs)
        .extracting(graph -> graph.vertices().get(1).name())
        .containsExactly("Source: Elements", "Source: Sequence");
  }

  @Test
  void theExecutorSeesLiveSourcesAndSinks() throws Exception {
    try (var open = ExecutionDoor.install(recorder)) {
      env.fromElements(1, 2).map(n -> n).print();
      env.execute();
    }

    for (Vertex vertex : recorder.graphs.get(0).vertices()) {
      Object connector = recorder.programs.get(0).connector(vertex);
      if (vertex.role() == Role.OPERATOR) {
        assertThat(connector).isNull();
      } else {
        assertThat(connector).isInstanceOf(vertex.role() == Role.SINK ? Sink.class : Source.class);
      }
    }
  }

  @Test
  void settingsOfTheProgramLieOverThoseOfTheExecutor() throws Exception {
    recorder.defaults = Map.of("parallelism.default", "4", "restart-strategy.type", "none");
    try (var open = ExecutionDoor.install(recorder)) {
      assertThat(env.getParallelism()).isEqualTo(4);
      env.fromSequence(1, 2).uid("n").map(n -> n).setParallelism(4).uid("m");
      env.enableCheckpointing(500).execute();
      env.setParallelism(2).setMaxParallelism(64).disableCheckpointing();
      env.fromSequence(1, 2).print();
      env.execute();
    }

    assertThat(recorder.graphs.get(0).settings())
        .isEqualTo(
            Map.of("parallelism.default", "4", "execution.checkpointing.interval", "500 ms"));
    assertThat(recorder.graphs.get(0).inputs("m").get(0).partitioning()).hasToString("FORWARD");
    assertThat(recorder.graphs.get(1).settings())
        .isEqualTo(
            Map.of(
                "parallelism.default", "2",
                "pipeline.max-parallelism", "64",
                "execution.checkpointing.interval", "0 ms"));
  }

  @Test
  void aProgramThatDescribesNothingIsToldSo() {
    try (var open = ExecutionDoor.install(recorder)) {
      assertThatThrownBy(env::execute)
          .hasMessageContaining("added nothing since the last execute()");
      env.fromElements(1);
      assertThatThrownBy(env::execute).hasMessageContaining("print()");
    }
    assertThat(recorder.graphs).isEmpty();
  }

  @Test
  void missingJarsAreNamed() {
    env.fromElements(1).print();

    assertThatThrownBy(env::execute).hasMessageContaining("millrace-cluster-runtime");
    assertThatThrownBy(() -> env.readTextFile("x"))
        .hasMessageContaining("millrace-connector-files");
    assertThatThrownBy(() -> env.fromElements("a").writeAsText("x"))
        .hasMessageContaining("millrace-connector-files");
  }

  @Test
  void theInstalledExecutorGoesWithItsScope() throws Exception {
    var outer = new JobRecorder();
    try (var open = ExecutionDoor.install(outer)) {
      try (var inner = ExecutionDoor.install(recorder)) {
        assertThat(ExecutionDoor.executor()).isSameAs(recorder);
      }
      assertThat(ExecutionDoor.executor()).isSameAs(outer);
    }
    assertThat(ExecutionDoor.find()).isEmpty();
  }

  @Test
  void wrongValuesAreRefusedAtTheCall() {
    assertThatThrownBy(() -> env.setParallelism(0))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("parallelism.default");
    assertThatThrownBy(() -> env.enableCheckpointing(0)).hasMessageContaining("1 ms");
    assertThatThrownBy(() -> env.set("restart-strategy", "maybe"))
        .hasMessageContaining("restart-strategy.type");
    var numbers = env.fromSequence(1, 2);
    assertThatThrownBy(() -> numbers.setParallelism(0)).hasMessageContaining("1 to 32768");
    assertThatThrownBy(() -> numbers.uid(" ")).hasMessageContaining("uid");
    assertThatThrownBy(() -> env.socketTextStream("h", 1).setParallelism(2))
        .hasMessageContaining("must be 1");
    assertThatThrownBy(() -> numbers.keyBy(n -> n).sum("x")).hasMessageContaining("java.lang.Long");
    assertThatThrownBy(() -> env.fromElements(1, null)).hasMessageContaining("null");
  }
}
