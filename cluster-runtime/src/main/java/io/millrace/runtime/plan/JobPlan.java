package io.millrace.runtime.plan;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a job is cut into, before any place is known: chains of operators and the edges between
 * them. A pure function of graph and defaults, so JobManager and TaskManagers come to the same plan
 * each by itself.
 *
 * <p>A chain is a tree: all edges that enter it lead to its first operator, each of the others has
 * one input, from within, and edges may leave it anywhere.
 *
 * @param graph as it runs: the submitted one, rewritten
 * @param settings the cluster's defaults under the job's own
 * @param vertices with parallelism and max parallelism decided, in the graph's order
 * @param chains in topological order; a chain's index is its position
 * @param edges those that are not inside a chain, by index
 */
public record JobPlan(
    JobGraph graph,
    Configuration settings,
    List<Vertex> vertices,
    List<ChainPlan> chains,
    List<PlannedEdge> edges) {
  /** Well below what a control connection takes, since more travels with it. */
  private static final long MOST_CODE_BYTES = 24 << 20;

  public JobPlan {
    vertices = List.copyOf(vertices);
    chains = List.copyOf(chains);
    edges = List.copyOf(edges);
  }

  /**
   * @throws InvalidPlanException if the graph cannot be run as it is
   */
  public static JobPlan of(JobGraph submitted, Configuration clusterDefaults) {
    Configuration settings = clusterDefaults.with(new Configuration(submitted.settings()));
    JobGraph graph = Rewrite.of(submitted, settings);
    check(settings);
    checkSize(submitted);
    var vertices = new LinkedHashMap<String, Vertex>();
    for (Vertex vertex : graph.vertices()) {
      vertices.put(vertex.uid(), decided(vertex, settings));
    }
    for (Edge edge : graph.edges()) {
      check(edge, vertices);
    }

    var trees = new ArrayList<List<String>>();
    var treeOf = new TreeMap<String, Integer>();
    for (Vertex vertex : vertices.values()) {
      List<Edge> inputs = graph.inputs(vertex.uid());
      if (inputs.size() == 1 && chainable(inputs.get(0), vertices)) {
        int tree = treeOf.get(inputs.get(0).from());
        trees.get(tree).add(vertex.uid());
        treeOf.put(vertex.uid(), tree);
      } else {
        treeOf.put(vertex.uid(), trees.size());
        trees.add(new ArrayList<>(List.of(vertex.uid())));
      }
    }

    // Trees stand in the order of their heads. An edge between trees leads to a head, which comes
    // after its producer and so after the producer's head: the order is topological.
    var chains = new ArrayList<ChainPlan>();
    for (List<String> tree : trees) {
      chains.add(chain(chains.size(), tree, graph, vertices));
    }
    var edges = new ArrayList<PlannedEdge>();
    for (int index = 0; index < graph.edges().size(); index++) {
      Edge edge = graph.edges().get(index);
      int producer = treeOf.get(edge.from());
      int consumer = treeOf.get(edge.to());
      if (producer != consumer) {
        edges.add(
            new PlannedEdge(
                index,
                edge,
                producer,
                chains.get(producer).parallelism(),
                consumer,
                chains.get(consumer).parallelism()));
      }
    }
    var overtaking = new Overtaking(chains, edges);
    return new JobPlan(
        graph,
        settings,
        List.copyOf(vertices.values()),
        chains.stream().map(chain -> chain.with(overtaking.cutsAhead(chain))).toList(),
        edges);
  }

  /** The operator with its parallelism and max parallelism decided. */
  public Vertex vertex(String uid) {
    return vertices.stream()
        .filter(vertex -> vertex.uid().equals(uid))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no operator has the uid '" + uid + "'"));
  }

  /** How checkpoints name the edge. */
  public EdgeId idOf(PlannedEdge planned) {
    int nth = 0;
    for (Edge edge : graph.edges().subList(0, planned.index())) {
      if (edge.from().equals(planned.edge().from()) && edge.to().equals(planned.edge().to())) {
        nth++;
      }
    }
    return new EdgeId(planned.edge().from(), planned.edge().to(), nth);
  }

  /** All edges, those inside chains too. */
  public TreeMap<EdgeId, PlannedEdge> edgesById() {
    var byId = new TreeMap<EdgeId, PlannedEdge>();
    edges.forEach(edge -> byId.put(idOf(edge), edge));
    for (ChainPlan chain : chains) {
      insideOf(chain).forEach(edge -> byId.put(idOf(edge), edge));
    }
    return byId;
  }

  /** Edges that enter the chain, by index. */
  public List<PlannedEdge> inputsOf(ChainPlan chain) {
    return edges.stream().filter(edge -> edge.consumer() == chain.index()).toList();
  }

  /**
   * Edges inside the chain, one to each operator but the head, in their order: nothing is ever in
   * flight there while it runs.
   */
  public List<PlannedEdge> insideOf(ChainPlan chain) {
    var inside = new ArrayList<PlannedEdge>();
    for (String uid : chain.uids().subList(1, chain.uids().size())) {
      Edge edge = graph.inputs(uid).get(0);
      inside.add(
          new PlannedEdge(
              graph.edges().indexOf(edge),
              edge,
              chain.index(),
              chain.parallelism(),
              chain.index(),
              chain.parallelism()));
    }
    return inside;
  }

  /** Edges that leave the chain, by index. */
  public List<PlannedEdge> outputsOf(ChainPlan chain) {
    return edges.stream().filter(edge -> edge.producer() == chain.index()).toList();
  }

  /** Subtasks over all chains. */
  public int taskCount() {
    return chains.stream().mapToInt(ChainPlan::parallelism).sum();
  }

  /** Slots that the job needs: in each slot sharing group as many as its widest chain. */
  public int slotsNeeded() {
    return demand().total();
  }

  /** The same, by what each slot is made for. */
  public SlotDemand demand() {
    return demand(Homes.NONE);
  }

  /** The same, with where each slot was: that of its first subtask of which that is known. */
  public SlotDemand demand(Homes homes) {
    return SlotDemand.of(this, homes);
  }

  /** Slots of each slot sharing group, in the order in which groups first occur. */
  Map<String, Integer> slotsByGroup() {
    var slots = new LinkedHashMap<String, Integer>();
    for (ChainPlan chain : chains) {
      slots.merge(chain.slotSharingGroup(), chain.parallelism(), Math::max);
    }
    return slots;
  }

  private static void checkSize(JobGraph graph) {
    long bytes =
        Stream.concat(
                graph.vertices().stream().map(Vertex::code), graph.edges().stream().map(Edge::code))
            .mapToLong(code -> code.bytes().length)
            .sum();
    if (bytes > MOST_CODE_BYTES) {
      throw new InvalidPlanException(
          "the program's functions and the values in them take "
              + bytes
              + " bytes, and would travel to every TaskManager; at most "
              + MOST_CODE_BYTES
              + " can: put large values in a file, or register it as a cached file");
    }
  }

  private static Vertex decided(Vertex vertex, Configuration settings) {
    int parallelism = vertex.parallelism();
    if (parallelism == Vertex.UNDECIDED) {
      parallelism =
          vertex.role() == Vertex.Role.ENUMERATOR ? 1 : settings.get(JobSettings.PARALLELISM);
    }
    if (vertex.role() == Vertex.Role.ENUMERATOR && parallelism != 1) {
      throw new InvalidPlanException(
          "the enumerator '" + vertex.name() + "' must have parallelism 1, found " + parallelism);
    }
    int maxParallelism = vertex.maxParallelism();
    if (maxParallelism == Vertex.UNDECIDED) {
      maxParallelism =
          settings.has(JobSettings.MAX_PARALLELISM)
              ? settings.get(JobSettings.MAX_PARALLELISM)
              : roomy(parallelism);
    }
    if (parallelism > maxParallelism) {
      throw new InvalidPlanException(
          "'"
              + vertex.name()
              + "' has parallelism "
              + parallelism
              + ", more than its max parallelism "
              + maxParallelism
              + "; raise "
              + JobSettings.MAX_PARALLELISM.key()
              + " or lower the parallelism");
    }
    return vertex.inParallel(parallelism, maxParallelism);
  }

  /**
   * Where nobody has said: the same for a wide range, as state can be restored only with the max
   * parallelism that it was taken with.
   */
  private static int roomy(int parallelism) {
    return parallelism <= 128 ? 128 : parallelism <= 4_096 ? 4_096 : 32_768;
  }

  private static void check(Configuration settings) {
    if (settings.find(JobSettings.UNALIGNED).orElse(false)
        && settings.get(JobSettings.CHECKPOINT_MODE).equals("EXACTLY_ONCE")
        && settings.get(JobSettings.CHECKPOINTS_AT_ONCE) > 1
        && settings.get(JobSettings.CHECKPOINT_MIN_PAUSE).isZero()) {
      throw new InvalidPlanException(
          JobSettings.UNALIGNED.key()
              + " allows one checkpoint at a time; set "
              + JobSettings.CHECKPOINTS_AT_ONCE.key()
              + " to 1, found "
              + settings.get(JobSettings.CHECKPOINTS_AT_ONCE));
    }
  }

  private static void check(Edge edge, Map<String, Vertex> vertices) {
    Vertex from = vertices.get(edge.from());
    Vertex to = vertices.get(edge.to());
    if (edge.partitioning() == Edge.Partitioning.FORWARD
        && from.parallelism() != to.parallelism()) {
      throw new InvalidPlanException(
          "'"
              + from.name()
              + "' (parallelism "
              + from.parallelism()
              + ") is to forward to '"
              + to.name()
              + "' (parallelism "
              + to.parallelism()
              + "); give both the same parallelism or call rebalance() between them");
    }
  }

  private static boolean chainable(Edge edge, Map<String, Vertex> vertices) {
    Vertex from = vertices.get(edge.from());
    Vertex to = vertices.get(edge.to());
    return edge.partitioning() == Edge.Partitioning.FORWARD
        && from.role() != Vertex.Role.ENUMERATOR
        && from.parallelism() == to.parallelism()
        && from.slotSharingGroup().equals(to.slotSharingGroup())
        && !from.chainTail()
        && !to.chainHead()
        && !from.blocking()
        && !to.blocking();
  }

  private static ChainPlan chain(
      int index, List<String> uids, JobGraph graph, Map<String, Vertex> vertices) {
    Vertex head = vertices.get(uids.get(0));
    return new ChainPlan(
        index,
        uids,
        name(uids, graph, vertices),
        head.parallelism(),
        head.maxParallelism(),
        head.slotSharingGroup(),
        head.blocking());
  }

  /** {@code a -> b -> c}, and where the chain forks {@code a -> (b, c -> d)}. */
  private static String name(List<String> uids, JobGraph graph, Map<String, Vertex> vertices) {
    var branches = new TreeMap<String, List<String>>();
    for (int i = uids.size() - 1; i > 0; i--) { // what is behind an operator is named before it
      String uid = uids.get(i);
      branches
          .computeIfAbsent(graph.inputs(uid).get(0).from(), from -> new ArrayList<>())
          .add(0, nameFrom(uid, branches, vertices));
    }
    return nameFrom(uids.get(0), branches, vertices);
  }

  private static String nameFrom(
      String uid, Map<String, List<String>> branches, Map<String, Vertex> vertices) {
    String name = vertices.get(uid).name();
    List<String> behind = branches.getOrDefault(uid, List.of());
    return switch (behind.size()) {
      case 0 -> name;
      case 1 -> name + " -> " + behind.get(0);
      default -> name + " -> (" + String.join(", ", behind) + ")";
    };
  }
}
