package io.millrace.api;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.Source;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.function.KeySelector;
import io.millrace.api.graph.CachedFile;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.api.type.TypeInformation;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a program has described and not executed yet. The next job is made of it and of all that
 * stands in front of it, which may have been part of former jobs: streams belong to no job.
 */
final class Draft {
  static final String SPLITS = "/splits";
  private static final String DEFAULT_GROUP = "default";

  /** Since the last job; those of former ones live as long as the program keeps their streams. */
  private final List<Node> added = new ArrayList<>();

  private final SlotNeeds needs = new SlotNeeds();
  private long made;

  /**
   * @return the node's number in the order in which the program made them
   */
  long add(Node node) {
    added.add(node);
    return made++;
  }

  /** As if it had never been made. */
  void remove(Node node) {
    added.remove(node);
  }

  /** The group may say what its slots need. */
  void note(SlotSharingGroup group) {
    needs.note(group);
  }

  /** What was added is a job of its own now. */
  void executed() {
    added.clear();
  }

  /** A graph and the live objects behind it. */
  record Job(JobGraph graph, JobExecutor.Program program) {}

  /**
   * @param settings the program's own
   * @param defaults what lies under them
   * @param files that functions read
   */
  Job build(String name, Configuration settings, Configuration defaults, List<CachedFile> files) {
    List<Node> nodes = nodesOfTheNextJob();
    if (nodes.isEmpty()) {
      throw new IllegalStateException(
          added.isEmpty()
              ? "there is nothing to execute: the program has added nothing since the last"
                  + " execute()"
              : "there is nothing to execute: no new stream has an operator or a sink; add for"
                  + " instance print() or sinkTo(...)");
    }
    int parallelism = defaults.with(settings).get(JobSettings.PARALLELISM);
    return new Build(nodes, parallelism).job(name, settings, files);
  }

  /**
   * What does something with records, and all in front of it, in the order in which they were made:
   * each behind its inputs. A source that nothing reads yet is for a later job.
   */
  private List<Node> nodesOfTheNextJob() {
    var reached = new TreeMap<Long, Node>();
    var open = new ArrayDeque<Node>();
    added.stream().filter(node -> node.role != Role.READER).forEach(open::add);
    while (!open.isEmpty()) {
      Node node = open.remove();
      if (reached.put(node.number, node) == null) {
        node.inputs.forEach(tap -> open.add(tap.from()));
      }
    }
    return List.copyOf(reached.values());
  }

  /** One pass from the nodes to the graph. */
  private final class Build {
    private final List<Node> nodes;
    private final int defaultParallelism;
    private final Map<Node, String> uids;
    private final Map<Node, String> groups = new IdentityHashMap<>();
    private final List<Vertex> vertices = new ArrayList<>();
    private final List<Edge> edges = new ArrayList<>();
    private final Map<String, Object> connectors = new TreeMap<>();

    Build(List<Node> nodes, int defaultParallelism) {
      this.nodes = nodes;
      this.defaultParallelism = defaultParallelism;
      uids = uids();
    }

    Job job(String name, Configuration settings, List<CachedFile> files) {
      for (Node node : nodes) {
        groups.put(node, groupOf(node));
        addVertices(node);
        node.inputs.forEach(tap -> addEdge(tap, node));
      }
      checkUids();
      // Edges were laid for this parallelism: the plan must not choose another one.
      Configuration fixed =
          settings.with(JobSettings.PARALLELISM.key(), Integer.toString(defaultParallelism));
      boolean alone =
          connectors.values().stream()
              .anyMatch(each -> each instanceof Sink<?> sink && sink.needsExclusiveWriter());
      if (alone) {
        fixed = fixed.with(JobSettings.EXCLUSIVE_WRITER.key(), "true");
      }
      var graph =
          new JobGraph(name, vertices, edges, fixed.asMap(), files, needs.of(groups.values()));
      Map<String, Object> live = connectors; // who keeps them must not keep all operators too
      return new Job(graph, vertex -> live.get(vertex.uid()));
    }

    private void addVertices(Node node) {
      String uid = uids.get(node);
      Serializable live = node.code.get();
      UserCode code = UserCode.of(live, "operator '" + node.name + "'");
      if (node.role == Role.READER) {
        Source<?, ?> source = ((ReaderCode<?>) live).source();
        UserCode enumerator = UserCode.of(source, "operator '" + node.name + "'");
        vertices.add(vertex(node, uid + SPLITS, Role.ENUMERATOR, enumerator));
        vertices.add(vertex(node, uid, Role.READER, code));
        var splits = EdgeCode.plain(TypeInformation.of(source.splitType()));
        edges.add(
            new Edge(
                uid + SPLITS,
                uid,
                0,
                Partitioning.SPLITS,
                UserCode.of(splits, "splits of '" + node.name + "'"),
                splits.type().name()));
        connectors.put(uid + SPLITS, source);
        connectors.put(uid, source);
        return;
      }
      vertices.add(vertex(node, uid, node.role, code));
      if (node.role == Role.SINK) {
        connectors.put(uid, live);
      }
    }

    private Vertex vertex(Node node, String uid, Role role, UserCode code) {
      boolean enumerator = role == Role.ENUMERATOR;
      return new Vertex(
          uid,
          enumerator ? node.name + " (splits)" : node.name,
          role,
          code,
          enumerator ? 1 : node.parallelism,
          node.maxParallelism,
          groups.get(node),
          node.blocking,
          node.chainHead || enumerator,
          node.chainTail || enumerator,
          node.states,
          node.combination.get(),
          enumerator ? Optional.empty() : node.watermarkGroup,
          enumerator ? Optional.empty() : node.bufferTimeout);
    }

    private <T> void addEdge(Node.Tap<T> tap, Node to) {
      Node from = tap.from();
      TypeInformation<T> type = tap.type();
      edges.add(
          new Edge(
              uids.get(from),
              uids.get(to),
              tap.input(),
              partitioning(tap, to),
              UserCode.of(
                  edgeCode(type, tap), "the edge from '" + from.name + "' to '" + to.name + "'"),
              type.name(),
              tap.side() == null ? Edge.MAIN : tap.side().getId()));
    }

    @SuppressWarnings("unchecked") // keyBy has taken selector and type of one K
    private <T, K> EdgeCode<T, K> edgeCode(TypeInformation<T> type, Node.Tap<T> tap) {
      return new EdgeCode<>(
          type,
          (KeySelector<T, K>) tap.key(),
          (TypeInformation<K>) tap.keyType(),
          tap.partitioner());
    }

    private Partitioning partitioning(Node.Tap<?> tap, Node to) {
      int left = parallelismOf(tap.from());
      int right = parallelismOf(to);
      if (tap.partitioning() == Partitioning.FORWARD && left != right) {
        throw new IllegalArgumentException(
            "forward() from '"
                + tap.from().name
                + "' (parallelism "
                + left
                + ") to '"
                + to.name
                + "' (parallelism "
                + right
                + ") needs the same parallelism; set it, or use rebalance()");
      }
      if (tap.partitioning() != null) {
        return tap.partitioning();
      }
      return left == right ? Partitioning.FORWARD : Partitioning.REBALANCE;
    }

    private int parallelismOf(Node node) {
      int own = node.parallelism;
      return own == Vertex.UNDECIDED ? defaultParallelism : own;
    }

    /** The node's own, else that of its inputs if they agree. */
    private String groupOf(Node node) {
      if (node.slotSharingGroup != null) {
        return node.slotSharingGroup;
      }
      var ofInputs = node.inputs.stream().map(tap -> groups.get(tap.from())).distinct().toList();
      return ofInputs.size() == 1 ? ofInputs.get(0) : DEFAULT_GROUP;
    }

    private void checkUids() {
      var names = new HashMap<String, String>();
      for (Vertex vertex : vertices) {
        String other = names.put(vertex.uid(), vertex.name());
        if (other != null) {
          throw new IllegalArgumentException(
              "'"
                  + other
                  + "' and '"
                  + vertex.name()
                  + "' have the same uid '"
                  + vertex.uid()
                  + "'; give each operator its own");
        }
      }
    }

    /** The users' uids, and for all others one that tells kind and position of the operator. */
    private Map<Node, String> uids() {
      var result = new IdentityHashMap<Node, String>();
      var positions = new IdentityHashMap<Node, String>();
      var taken = new HashMap<String, Integer>();
      for (Node node : nodes) {
        var place = new StringBuilder(node.kind);
        for (Node.Tap<?> tap : node.inputs) {
          place.append(tap.input() == 0 ? "<" : "<" + tap.input() + ":");
          place.append(positions.get(tap.from()));
          if (tap.side() != null) {
            place.append('!').append(tap.side().getId());
          }
        }
        int ordinal = taken.merge(place.toString(), 1, Integer::sum);
        String position = digest(place.append('#').append(ordinal).toString());
        positions.put(node, position);
        result.put(node, node.uid != null ? node.uid : node.kind + "-" + position);
      }
      return result;
    }

    /** FNV-1a of 64 bits, in hexadecimal digits. */
    private static String digest(String text) {
      long hash = 0xcbf29ce484222325L;
      for (int i = 0; i < text.length(); i++) {
        hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
      }
      return String.format("%016x", hash);
    }
  }
}
