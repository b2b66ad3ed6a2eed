package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Setting.InvalidSettingException;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.Source;
import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.executor.JobStatus;
import io.millrace.api.executor.SavepointFormatType;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.graph.Vertex.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // the executor stays installed for the block
class ExecutionTest {
  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();
  private final Recorder recorder = new Recorder();

  /** Accepts every job and says at once that it has finished. */
  private static final class Recorder implements JobExecutor {
    final List<JobGraph> graphs = new ArrayList<>();
    final List<Program> programs = new ArrayList<>();
    Map<String, String> defaults = Map.of();

    @Override
    public int priority() {
      return 0;
    }

    @Override
    public Map<String, String> defaults() {
      return defaults;
    }

    @Override
    public JobClient submit(JobGraph graph, Program program) {
      graphs.add(graph);
      programs.add(program);
      return new Finished();
    }
  }

  /** A job that has finished at once. */
  private record Finished() implements JobClient {
    @Override
    public String getJobID() {
      return "0".repeat(32);
    }

    @Override
    public CompletableFuture<JobStatus> getJobStatus() {
      return CompletableFuture.completedFuture(JobStatus.FINISHED);
    }

    @Override
    public CompletableFuture<Void> cancel() {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<String> stopWithSavepoint(
        boolean advanceToEndOfEventTime, String directory, SavepointFormatType format) {
      return CompletableFuture.completedFuture(
          directory + (advanceToEndOfEventTime ? "/drained-" : "/stopped-") + format);
    }

    @Override
    public CompletableFuture<String> triggerSavepoint(
        String directory, SavepointFormatType format) {
      return CompletableFuture.completedFuture(directory + "/taken-" + format);
    }

    @Override
    public CompletableFuture<Map<String, Object>> getAccumulators() {
      return CompletableFuture.completedFuture(Map.of());
    }

    @Override
    public CompletableFuture<Result> getJobExecutionResult() {
      return CompletableFuture.completedFuture(await());
    }

    @Override
    public Result await() {
      return new Result(getJobID(), Duration.ZERO);
    }
  }

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
  void streamsOfASubmittedJobCannotBeExtended() throws Exception {
    var numbers = env.fromElements(1, 2);
    numbers.print();
    try (var open = ExecutionDoor.install(recorder)) {
      env.execute();
    }

    assertThatThrownBy(() -> numbers.map(n -> n))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("already submitted");
    assertThatThrownBy(() -> numbers.uid("late")).isInstanceOf(IllegalStateException.class);
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
      assertThatThrownBy(env::execute).hasMessageContaining("no stream since the last execute()");
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
    var outer = new Recorder();
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
