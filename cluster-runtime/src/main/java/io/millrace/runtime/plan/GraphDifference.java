package io.millrace.runtime.plan;

import io.millrace.api.graph.CachedFile;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Whether two runs of a program have built the same job. What its operators are, how they hang
 * together and what was set is compared; the code is not, whose bytes may differ from one JVM to
 * the next.
 */
public final class GraphDifference {
  /** In the names of classes that a JVM makes up for lambdas. */
  private static final String MADE_UP = "$$Lambda";

  private GraphDifference() {}

  /** What differs first, as the end of a sentence; empty if nothing does. */
  public static Optional<String> between(JobGraph before, JobGraph now) {
    if (!before.name().equals(now.name())) {
      return differs("its name was '" + before.name() + "' and is '" + now.name() + "'");
    }
    int vertices = Math.min(before.vertices().size(), now.vertices().size());
    for (int index = 0; index < vertices; index++) {
      Vertex one = before.vertices().get(index);
      Vertex other = now.vertices().get(index);
      if (!sketch(one).equals(sketch(other))) {
        return differs(
            "operator " + (index + 1) + " was " + sketch(one) + " and is " + sketch(other));
      }
    }
    if (before.vertices().size() != now.vertices().size()) {
      return differs(
          "it had " + before.vertices().size() + " operators and has " + now.vertices().size());
    }
    List<String> edges = before.edges().stream().map(GraphDifference::sketch).toList();
    List<String> edgesNow = now.edges().stream().map(GraphDifference::sketch).toList();
    if (!edges.equals(edgesNow)) {
      return differs("its operators were connected by " + edges + " and are by " + edgesNow);
    }
    if (!before.settings().equals(now.settings())) {
      return settings(new TreeMap<>(before.settings()), new TreeMap<>(now.settings()));
    }
    if (!before.slots().equals(now.slots())) {
      return differs("its slots needed " + before.slots() + " and need " + now.slots());
    }
    List<String> files = before.files().stream().map(CachedFile::name).toList();
    List<String> filesNow = now.files().stream().map(CachedFile::name).toList();
    return files.equals(filesNow)
        ? Optional.empty()
        : differs("its files were " + files + " and are " + filesNow);
  }

  private static Optional<String> settings(
      TreeMap<String, String> before, TreeMap<String, String> now) {
    var all = new TreeMap<>(before);
    all.putAll(now);
    for (String key : all.keySet()) {
      String one = before.getOrDefault(key, "unset");
      String other = now.getOrDefault(key, "unset");
      if (!one.equals(other)) {
        return differs(key + " was " + one + " and is " + other);
      }
    }
    return differs("its settings do");
  }

  private static Optional<String> differs(String what) {
    return Optional.of(what);
  }

  private static String sketch(Vertex vertex) {
    String name = vertex.name().contains(MADE_UP) ? "a lambda" : "'" + vertex.name() + "'";
    return vertex.role()
        + " "
        + name
        + " (uid "
        + vertex.uid()
        + ", parallelism "
        + vertex.parallelism()
        + "/"
        + vertex.maxParallelism()
        + ", group "
        + vertex.slotSharingGroup()
        + (vertex.chainHead() ? ", head" : "")
        + (vertex.chainTail() ? ", tail" : "")
        + vertex.watermarkGroup().map(group -> ", watermarks of " + group).orElse("")
        + ")";
  }

  private static String sketch(Edge edge) {
    return edge.from()
        + " -> "
        + edge.to()
        + " ("
        + edge.partitioning()
        + ", input "
        + edge.input()
        + (edge.isSideOutput() ? ", side output " + edge.sideOutput() : "")
        + ")";
  }
}
