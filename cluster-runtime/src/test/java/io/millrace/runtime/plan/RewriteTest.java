package io.millrace.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.api.window.TumblingEventTimeWindows;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RewriteTest {
  private static final Configuration DEFAULTS = Configuration.EMPTY;

  private static JobGraph job() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    var one = env.fromSequence(0, 9).uid("one").map(n -> n + 1).uid("map");
    var two = env.fromSequence(0, 9).uid("two").setParallelism(3);
    one.union(two)
        .keyBy(n -> n % 2)
        .window(TumblingEventTimeWindows.of(Duration.ofSeconds(1)))
        .reduce((a, b) -> a + b)
        .uid("sums")
        .name("Sums")
        .keyBy(n -> n)
        .reduce((a, b) -> a + b)
        .uid("running")
        .sinkTo(new DiscardingSink<>())
        .uid("sink");
    return env.getJobGraph();
  }

  @Test
  void aCombinerStandsInFrontOfEachEdgeFusedWithItsProducer() {
    JobGraph submitted = job();
    JobGraph graph = Rewrite.of(submitted, DEFAULTS);

    assertThat(uids(graph))
        .containsExactly(
            "one/splits",
            "one",
            "map",
            "two/splits",
            "two",
            "sums/combine",
            "sums/combine-2",
            "sums",
            "running",
            "sink");
    assertThat(graph.vertex("sums/combine").name()).isEqualTo("Sums (combine)");
    assertThat(graph.vertex("sums/combine-2").parallelism()).isEqualTo(3);
    assertThat(graph.inputs("sums"))
        .allMatch(edge -> edge.partitioning() == Edge.Partitioning.KEY_GROUP)
        .extracting(Edge::from)
        .containsExactly("sums/combine", "sums/combine-2");
    assertThat(graph.vertex("sums").states()).isEqualTo(submitted.vertex("sums").states());

    JobPlan plan = JobPlan.of(submitted, DEFAULTS);
    assertThat(plan.chains())
        .extracting(ChainPlan::uids)
        .contains(List.of("one", "map", "sums/combine"), List.of("two", "sums/combine-2"));
  }

  @Test
  void runningValuesAreLeftAlone() {
    JobGraph graph = Rewrite.of(job(), DEFAULTS);
    assertThat(graph.inputs("running")).extracting(Edge::from).containsExactly("sums");
  }

  /** Or the producer's thread would wait with it, and whatever else is in the producer's slot. */
  @Test
  void aFunctionThatMayWaitIsCalledOnItsOwnThreadOnly() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.fromSequence(0, 9)
        .uid("numbers")
        .keyBy(n -> n)
        .window(TumblingEventTimeWindows.of(Duration.ofSeconds(1)))
        .reduce((a, b) -> a + b)
        .blocking()
        .sinkTo(new DiscardingSink<>());
    JobGraph submitted = env.getJobGraph();
    assertThat(Rewrite.of(submitted, DEFAULTS)).isEqualTo(submitted);
  }

  @Test
  void aSettingOfTheClusterOrTheJobTurnsItOff() {
    JobGraph submitted = job();
    var off = new Configuration(Map.of("pipeline.combine", "false"));
    assertThat(Rewrite.of(submitted, off)).isEqualTo(submitted);
    assertThat(uids(JobPlan.of(submitted, off).graph())).isEqualTo(uids(submitted));
  }

  @Test
  void whatIsRewrittenIsNotRewrittenAgain() {
    JobGraph once = Rewrite.of(job(), DEFAULTS);
    assertThat(Rewrite.of(once, DEFAULTS)).isEqualTo(once);
  }

  private static List<String> uids(JobGraph graph) {
    return graph.vertices().stream().map(Vertex::uid).toList();
  }
}
