package io.millrace.api.graph;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A job as submitted: operators as opaque code plus what the engine must know of them.
 *
 * @param vertices in topological order
 * @param settings the job's own configuration, keys as in the configuration file
 * @param files that functions read, by name
 * @param slots what each slot needs, of those slot sharing groups that say so
 */
public record JobGraph(
    String name,
    List<Vertex> vertices,
    List<Edge> edges,
    Map<String, String> settings,
    List<CachedFile> files,
    Map<String, SlotResources> slots) {
  public JobGraph {
    slots = Collections.unmodifiableMap(new TreeMap<>(slots));
    files = List.copyOf(files);
    vertices = List.copyOf(vertices);
    edges = List.copyOf(edges);
    settings = Collections.unmodifiableMap(new TreeMap<>(settings));
    if (vertices.isEmpty()) {
      throw new IllegalArgumentException("a job needs at least one operator");
    }
    var position = new TreeMap<String, Integer>();
    for (Vertex vertex : vertices) {
      if (position.put(vertex.uid(), position.size()) != null) {
        throw new IllegalArgumentException(
            "two operators have the uid '" + vertex.uid() + "'; give each its own");
      }
    }
    for (Edge edge : edges) {
      Integer from = position.get(edge.from());
      Integer to = position.get(edge.to());
      if (from == null || to == null || from >= to) {
        throw new IllegalArgumentException("edge " + edge + " does not lead downstream");
      }
    }
  }

  /** Without files, and with slots that are all alike. */
  public JobGraph(
      String name, List<Vertex> vertices, List<Edge> edges, Map<String, String> settings) {
    this(name, vertices, edges, settings, List.of(), Map.of());
  }

  /** With these vertices instead. */
  public JobGraph with(List<Vertex> others) {
    return new JobGraph(name, others, edges, settings, files, slots);
  }

  public Vertex vertex(String uid) {
    return vertices.stream()
        .filter(v -> v.uid().equals(uid))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no operator has the uid '" + uid + "'"));
  }

  public List<Edge> inputs(String uid) {
    return edges.stream().filter(e -> e.to().equals(uid)).toList();
  }

  public List<Edge> outputs(String uid) {
    return edges.stream().filter(e -> e.from().equals(uid)).toList();
  }
}
