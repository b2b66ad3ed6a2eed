package io.millrace.runtime.plan;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.Combination;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.graph.Vertex.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the engine makes of a job before it is cut into chains. A pure function that knows nothing
 * of the user's classes. All ids stay as they are, and new operators get ids made of those they
 * serve, so that state is found again whether a job was rewritten or not.
 *
 * <p>Combiners: in front of each edge to an operator that says how its records can be aggregated
 * stands an operator {@code <uid>/combine}, which is fused with the producer where that is
 * possible; what goes over the edge are its partial results.
 */
final class Rewrite {
  /** Behind the uid of the operator that a combiner works for. */
  static final String COMBINE = "/combine";

  static JobGraph of(JobGraph graph, Configuration settings) {
    boolean wanted =
        settings.get(JobSettings.COMBINE)
            && graph.vertices().stream()
                .anyMatch(vertex -> combinable(vertex, graph.inputs(vertex.uid())));
    if (!wanted) {
      return graph;
    }
    var vertices = new ArrayList<Vertex>();
    var edges = new ArrayList<Edge>();
    for (Vertex vertex : graph.vertices()) {
      List<Edge> inputs = graph.inputs(vertex.uid());
      if (combinable(vertex, inputs)) {
        combine(vertex, vertex.combination().get(), inputs, graph, vertices, edges);
      } else {
        vertices.add(vertex);
        edges.addAll(inputs);
      }
    }
    return new JobGraph(
        graph.name(), vertices, edges, graph.settings(), graph.files(), graph.slots());
  }

  private static boolean combinable(Vertex vertex, List<Edge> inputs) {
    return vertex.role() == Role.OPERATOR
        && vertex.combination().isPresent()
        && !vertex.blocking() // its functions wait, and must not do so in the producers' slots
        && inputs.stream()
            .allMatch(edge -> edge.input() == 0 && edge.partitioning() == Partitioning.KEY_GROUP);
  }

  private static void combine(
      Vertex vertex,
      Combination combination,
      List<Edge> inputs,
      JobGraph graph,
      List<Vertex> vertices,
      List<Edge> edges) {
    int count = 0;
    for (Edge input : inputs) {
      String uid = vertex.uid() + COMBINE + (count++ == 0 ? "" : "-" + count);
      Vertex producer = graph.vertex(input.from());
      vertices.add(
          new Vertex(
              uid,
              vertex.name() + " (combine)",
              Role.OPERATOR,
              combination.combiner(),
              producer.parallelism(),
              producer.maxParallelism(),
              producer.slotSharingGroup(),
              false,
              false,
              false,
              List.of(),
              Optional.empty(),
              Optional.empty(),
              producer.bufferTimeout()));
      edges.add(
          new Edge(
              input.from(),
              uid,
              0,
              Partitioning.FORWARD,
              input.code(),
              input.type(),
              input.sideOutput()));
      edges.add(
          new Edge(
              uid,
              vertex.uid(),
              0,
              Partitioning.KEY_GROUP,
              combination.edge(),
              combination.type()));
    }
    vertices.add(vertex.combined(combination.merger()));
  }

  /** Whether combiners may be why an edge of a job is not there when it goes on. */
  static boolean mayConnect(EdgeId edge, JobPlan plan) {
    String combiners = edge.to() + COMBINE;
    return edge.from().startsWith(combiners)
        || plan.vertices().stream().anyMatch(vertex -> vertex.uid().startsWith(combiners));
  }

  private Rewrite() {}
}
