package io.millrace.simulator;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.accumulator.Accumulators;
import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SplitEnumerator;
import io.millrace.api.function.OutputTag;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.operator.OperatorState;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.ReaderTime;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.operator.TwoInputOperator;
import io.millrace.api.operator.WaitingOperator;
import io.millrace.api.operator.join.Sided;
import io.millrace.api.state.KeyedStateAccess;
import io.millrace.api.type.Serializer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Computes what a bounded job must write, the plainest way there is: vertex after vertex, one
 * record after the other, one subtask of each, no checkpoints, no channels. The oracle of every
 * simulated run.
 */
final class Interpreter {
  private final JobGraph graph;
  private final ClassLoader loader;

  /** By operator and, within it, by the id of the side output. */
  private final Map<String, Map<String, List<Stamped>>> produced = new TreeMap<>();

  private final List<AccumulatorState> states = new ArrayList<>();

  /**
   * @param watermark that it was read behind
   */
  private record Stamped(Object value, long timestamp, long watermark) {}

  Interpreter(JobGraph graph, ClassLoader loader) {
    this.graph = graph;
    this.loader = loader;
  }

  /** The lines that all sinks together must have written, sorted. */
  List<String> run() throws Exception {
    var lines = new ArrayList<String>();
    for (Vertex vertex : graph.vertices()) {
      switch (vertex.role()) {
        case ENUMERATOR -> {}
        case READER ->
            produced.put(
                vertex.uid(), Map.of(Edge.MAIN, read((ReaderCode<?>) vertex.code().open(loader))));
        case OPERATOR -> produced.put(vertex.uid(), operate(vertex));
        case SINK -> {
          for (Edge edge : graph.inputs(vertex.uid())) {
            along(edge).forEach(record -> lines.add((String) record.value));
          }
        }
      }
    }
    lines.sort(null);
    return lines;
  }

  /** What the accumulators of the run came to. */
  Map<String, Object> accumulators() {
    return Accumulators.results(states, loader);
  }

  @SuppressWarnings("unchecked") // splits are Objects here
  private <T> List<Stamped> read(ReaderCode<T> code) throws Exception {
    var records = new ArrayList<Stamped>();
    var source = (Source<T, Object>) code.source();
    var context = new Source.EnumeratorContext("oracle", 1, loader);
    SplitEnumerator<Object> enumerator = source.enumerator(context, Optional.empty());
    SourceReader<T, Object> reader =
        source.reader(new Source.ReaderContext("oracle", 0, 1, loader));
    var output = new ReaderTime<T>(code.strategy(), new Records<>(records), 0, Configuration.EMPTY);
    boolean complete = false;
    for (long millis = 0; ; millis += 1_000) {
      var clock = new SourceReader.ReadClock(millis, millis);
      if (reader.poll(output, 1_000, clock) == SourceReader.Progress.NEED_SPLIT) {
        Optional<Object> split = enumerator.next(0);
        if (split.isPresent()) {
          reader.add(split.get());
        } else if (complete) {
          return records;
        } else if (enumerator.finishedFor(0)) {
          complete = true;
          reader.notifyNoMoreSplits();
        }
      }
    }
  }

  /** Keeps records, their timestamps, and the watermarks that they come behind. */
  private static final class Records<T> implements Output<T> {
    private final List<Stamped> records;
    private long reached = Timestamps.MIN_WATERMARK;

    Records(List<Stamped> records) {
      this.records = records;
    }

    @Override
    public void collect(T value, long timestamp) {
      records.add(new Stamped(value, timestamp, reached));
    }

    @Override
    public <X> void output(OutputTag<X> tag, X value, long timestamp) {
      throw new IllegalStateException("readers have no side outputs");
    }

    @Override
    public void watermark(long watermark) {
      reached = watermark;
    }

    @Override
    public void idle(boolean idle) {}
  }

  private List<Stamped> along(Edge edge) {
    return produced.get(edge.from()).getOrDefault(edge.sideOutput(), List.of());
  }

  @SuppressWarnings("unchecked")
  private Map<String, List<Stamped>> operate(Vertex vertex) throws Exception {
    var results = new TreeMap<String, List<Stamped>>();
    int[] copies = {1}; // a record that is broadcast is taken by each subtask
    long[] reached = {Timestamps.MIN_WATERMARK};
    var output =
        new Output<Object>() {
          @Override
          public void collect(Object value, long timestamp) {
            put(Edge.MAIN, value, timestamp);
          }

          @Override
          public <X> void output(OutputTag<X> tag, X value, long timestamp) {
            put(tag.getId(), value, timestamp);
          }

          private void put(String side, Object value, long timestamp) {
            var records = results.computeIfAbsent(side, id -> new ArrayList<>());
            for (int copy = 0; copy < copies[0]; copy++) {
              records.add(new Stamped(value, timestamp, reached[0]));
            }
          }

          @Override
          public void watermark(long watermark) {}

          @Override
          public void idle(boolean idle) {}
        };
    Optional<PlainWindows> windows = PlainWindows.named(vertex.name());
    if (windows.isPresent()) {
      windows.get().lines(items(vertex)).forEach(line -> output.collect(line, Timestamps.NONE));
      return results;
    }
    if (Meetings.isNamed(vertex.name())) {
      for (PlainWindows.Timed item : items(vertex)) {
        output.collect(ItemLines.record(item.item(), item.time()), Timestamps.NONE);
      }
      return results;
    }
    var operator = ((OperatorFactory<Object, Object>) vertex.code().open(loader)).create();
    var state = new PlainState();
    var accumulators = new Accumulators(List.of(), loader);
    var paths = new TreeMap<String, Path>();
    graph.files().forEach(file -> paths.put(file.name(), Path.of(file.path())));
    var files = new DistributedCache(paths);
    operator.open(new Context(vertex, state, accumulators, files, loader), output);
    for (Edge edge : graph.inputs(vertex.uid())) {
      var code = (EdgeCode<Object, Object>) edge.code().open(loader);
      Serializer<Object> copier = code.type().serializer(loader);
      copies[0] = edge.partitioning() == Edge.Partitioning.BROADCAST ? parallelism(vertex) : 1;
      for (Stamped one : along(edge)) {
        state.key = code.key() == null ? null : code.key().getKey(one.value);
        reached[0] = one.watermark;
        Object own = copier.copy(one.value); // other edges may bring it to somebody else
        if (edge.input() == 0) {
          operator.process(own, one.timestamp);
        } else {
          ((TwoInputOperator<Object, Object, Object>) operator).processSecond(own, one.timestamp);
        }
        finish(operator);
      }
    }
    copies[0] = 1;
    fireTimers(operator, state);
    operator.watermark(Timestamps.MAX_WATERMARK, output);
    finish(operator);
    operator.close();
    states.addAll(accumulators.freeze().get());
    return results;
  }

  /** Here every answer comes at once. */
  private static void finish(Operator<Object, Object> operator) throws Exception {
    if (operator instanceof WaitingOperator<Object, Object> waiting) {
      boolean more = true;
      while (more) {
        more = waiting.resume();
      }
    }
  }

  private List<PlainWindows.Timed> items(Vertex vertex) {
    return graph.inputs(vertex.uid()).stream()
        .flatMap(edge -> along(edge).stream())
        .map(one -> new PlainWindows.Timed(one.timestamp, item(one.value), one.watermark))
        .toList();
  }

  private static RandomJob.Item item(Object value) {
    if (value instanceof Sided<?, ?> sided) {
      return (RandomJob.Item) (sided.isLeft() ? sided.left() : sided.right());
    }
    return (RandomJob.Item) value;
  }

  private int parallelism(Vertex vertex) {
    return vertex.parallelism() == Vertex.UNDECIDED
        ? new Configuration(graph.settings()).get(JobSettings.PARALLELISM)
        : vertex.parallelism();
  }

  private static void fireTimers(Operator<Object, Object> operator, PlainState state)
      throws Exception {
    while (!state.eventTimers.isEmpty()) {
      PlainState.Timer timer = state.eventTimers.pollFirst();
      state.key = timer.key();
      operator.onTimer(timer.time(), TimerDomain.EVENT_TIME);
    }
  }

  private record Context(
      Vertex vertex,
      KeyedStateAccess keyed,
      Accumulators accumulators,
      DistributedCache files,
      ClassLoader userClassLoader)
      implements OperatorContext {
    @Override
    public String operatorName() {
      return vertex.name();
    }

    @Override
    public String uid() {
      return vertex.uid();
    }

    @Override
    public int subtask() {
      return 0;
    }

    @Override
    public int parallelism() {
      return 1;
    }

    @Override
    public int maxParallelism() {
      return 1;
    }

    @Override
    public String attemptName() {
      return "oracle";
    }

    @Override
    public String jobId() {
      return "oracle";
    }

    @Override
    public String lineage() {
      return "oracle";
    }

    @Override
    public List<byte[]> restored() {
      return List.of();
    }

    @Override
    public List<OperatorState> restoredStates() {
      return List.of();
    }

    @Override
    public OptionalLong restoredCheckpoint() {
      return OptionalLong.empty();
    }

    @Override
    public List<OperatorSnapshot.Committable> restoredCommittables() {
      return List.of();
    }

    @Override
    public long processingTimeMillis() {
      return 0;
    }

    @Override
    public long monotonicMillis() {
      return 0;
    }

    @Override
    public long currentWatermark() {
      return Timestamps.MIN_WATERMARK;
    }

    @Override
    public RandomGenerator random() {
      return new java.util.SplittableRandom(0);
    }
  }
}
