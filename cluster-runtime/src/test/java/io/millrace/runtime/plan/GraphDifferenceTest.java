package io.millrace.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.graph.Edge;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphDifferenceTest {
  private static Vertex vertex(String uid, String name, int parallelism, int code) {
    return new Vertex(
        uid,
        name,
        Vertex.Role.OPERATOR,
        new UserCode("Main$$Lambda$" + code, new byte[] {(byte) code}),
        parallelism,
        0,
        "default",
        false,
        false,
        false,
        List.of());
  }

  private static JobGraph graph(
      String name, Edge.Partitioning partitioning, Map<String, String> settings, Vertex... all) {
    var edge =
        new Edge(
            all[0].uid(), all[1].uid(), 0, partitioning, all[0].code(), all[0].code().toString());
    return new JobGraph(name, List.of(all), List.of(edge), settings);
  }

  private static JobGraph graph(int code) {
    return graph(
        "job",
        Edge.Partitioning.FORWARD,
        Map.of(),
        vertex("a", "Map", 1, code),
        vertex("b", "b", 1, code));
  }

  private static String difference(JobGraph now) {
    return GraphDifference.between(graph(1), now).orElse("none");
  }

  @Test
  void codeIsNotCompared() {
    assertThat(difference(graph(2))).isEqualTo("none");
  }

  @Test
  void namesThatTheJvmMakesUpAreNotCompared() {
    var before = vertex("a", "Main$$Lambda$17/0x0000", 1, 1);
    var now = vertex("a", "Main$$Lambda$18/0x0000", 1, 1);
    var end = vertex("b", "b", 1, 1);

    assertThat(
            GraphDifference.between(
                graph("job", Edge.Partitioning.FORWARD, Map.of(), before, end),
                graph("job", Edge.Partitioning.FORWARD, Map.of(), now, end)))
        .isEmpty();
  }

  @Test
  void allElseIs() {
    Vertex a = vertex("a", "Map", 1, 1);
    Vertex b = vertex("b", "b", 1, 1);
    assertThat(difference(graph("other", Edge.Partitioning.FORWARD, Map.of(), a, b)))
        .isEqualTo("its name was 'job' and is 'other'");
    assertThat(difference(graph("job", Edge.Partitioning.REBALANCE, Map.of(), a, b)))
        .contains("a -> b (FORWARD, input 0)")
        .contains("a -> b (REBALANCE, input 0)");
    assertThat(difference(graph("job", Edge.Partitioning.FORWARD, Map.of("k", "v"), a, b)))
        .isEqualTo("k was unset and is v");
    assertThat(
            difference(
                graph("job", Edge.Partitioning.FORWARD, Map.of(), vertex("a", "Map", 2, 1), b)))
        .isEqualTo(
            "operator 1 was OPERATOR 'Map' (uid a, parallelism 1/0, group default) and is OPERATOR"
                + " 'Map' (uid a, parallelism 2/0, group default)");
    assertThat(
            difference(
                graph("job", Edge.Partitioning.FORWARD, Map.of(), a, b, vertex("c", "c", 1, 1))))
        .isEqualTo("it had 2 operators and has 3");
  }
}
