package io.millrace.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OvertakingTest {
  /** Each edge as {@code from>to} and how; every vertex is a chain of its own. */
  private static List<String> cuttingAhead(List<String> vertices, String... edges) {
    var made =
        vertices.stream()
            .map(
                uid ->
                    new Vertex(
                        uid,
                        uid,
                        Vertex.Role.OPERATOR,
                        new UserCode("", new byte[0]),
                        2,
                        8,
                        "default",
                        false,
                        true,
                        true,
                        List.of()))
            .toList();
    var connected =
        Stream.of(edges)
            .map(edge -> edge.split("[> ]"))
            .map(
                edge ->
                    new Edge(
                        edge[0],
                        edge[1],
                        0,
                        Partitioning.valueOf(edge[2]),
                        new UserCode("", new byte[0]),
                        "String"))
            .toList();
    JobPlan plan = JobPlan.of(new JobGraph("job", made, connected, Map.of()), Configuration.EMPTY);
    return plan.chains().stream().filter(ChainPlan::cutsAhead).map(ChainPlan::head).toList();
  }

  @Test
  void everythingBehindSourcesThatIsNotHeldBack() {
    assertThat(
            cuttingAhead(
                List.of("source", "map", "count", "sink"),
                "source>map REBALANCE",
                "map>count KEY_GROUP",
                "count>sink FORWARD"))
        .containsExactly("source", "map", "count", "sink");
    // The sink holds, but whoever leads to it cuts without passing a record.
    assertThat(
            cuttingAhead(
                List.of("source", "a", "b", "sink"),
                "source>a KEY_GROUP",
                "source>b KEY_GROUP",
                "a>sink FORWARD",
                "b>sink FORWARD"))
        .contains("source", "a", "b");
    // An edge that keeps its order in front, nobody who holds behind.
    assertThat(
            cuttingAhead(
                List.of("source", "map", "count", "sink"),
                "source>map FORWARD",
                "map>count KEY_GROUP",
                "count>sink FORWARD"))
        .containsExactly("source", "map", "count", "sink");
  }

  @Test
  void notBetweenAnEdgeThatKeepsItsOrderAndAConsumerThatHolds() {
    assertThat(
            cuttingAhead(
                List.of("one", "two", "map", "a", "b", "sink"),
                "one>map FORWARD",
                "map>a KEY_GROUP",
                "map>b KEY_GROUP",
                "two>b KEY_GROUP",
                "a>sink FORWARD",
                "b>sink FORWARD"))
        .containsExactly("one", "two", "map", "sink"); // the sink has nothing to overtake
  }
}
