package io.millrace.runtime.savepoint;

import io.millrace.api.connector.Source;
import io.millrace.api.function.OutputTag;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.FunctionReader;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.operator.OperatorState;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.source.function.FunctionSource;
import io.millrace.api.state.KeyedStateAccess;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.state.DeclaredStates;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * An operator is opened as on a first start, to learn which states it declares; no record comes.
 */
final class DryOpening implements OperatorContext, Output<Object> {
  private final Vertex vertex;
  private final ClassLoader loader;
  private final DeclaredStates keyed;
  private final Map<String, Declared> declared = new LinkedHashMap<>();
  private Throwable failure;
  private Serializer<Object> splits;

  /** A state that belongs to no key. */
  record Declared(StateDescriptor descriptor, OperatorState.Mode mode) {}

  private DryOpening(Vertex vertex, DeclaredStates keyed, ClassLoader loader) {
    this.vertex = vertex;
    this.keyed = keyed;
    this.loader = loader;
  }

  @SuppressWarnings("unchecked") // a vertex of this role has a factory
  static DryOpening of(JobGraph graph, Vertex vertex, boolean inRows, ClassLoader loader) {
    var opening = new DryOpening(vertex, keyed(graph, vertex, inRows, loader), loader);
    if (vertex.role() != Vertex.Role.OPERATOR && vertex.role() != Vertex.Role.READER) {
      return opening;
    }
    try {
      if (vertex.role() == Vertex.Role.READER) {
        opening.reader();
        return opening;
      }
      var operator = ((OperatorFactory<Object, Object>) vertex.code().open(loader)).create();
      try {
        operator.open(opening, opening);
      } finally {
        close(operator::close);
      }
    } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
      opening.failure = e;
    }
    return opening;
  }

  /** Of a function that is a source; other readers declare no state. */
  @SuppressWarnings("unchecked") // a vertex of this role has such a code
  private void reader() throws Exception {
    var code = (ReaderCode<Object>) vertex.code().open(loader);
    splits = (Serializer<Object>) TypeInformation.of(code.source().splitType()).serializer(loader);
    if (!(code.source() instanceof FunctionSource)) {
      return; // it may not be opened at will: a reader takes hold of what it reads
    }
    var where = new Source.ReaderContext(vertex.uid(), subtask(), parallelism(), loader);
    var reader = (FunctionReader<Object, ?>) code.source().reader(where);
    try {
      reader.open(this);
    } finally {
      close(reader::close);
    }
  }

  /** What it says does not matter: it has never worked. */
  private static void close(AutoCloseable opened) {
    try {
      opened.close();
    } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
      // Half opened, or not at all.
    }
  }

  /** For the key of the edges in front; {@code null} if there is none. */
  @SuppressWarnings("unchecked") // keys are Objects to the engine
  private static DeclaredStates keyed(
      JobGraph graph, Vertex vertex, boolean inRows, ClassLoader loader) {
    for (Edge edge : graph.edges()) {
      if (edge.to().equals(vertex.uid()) && edge.partitioning() == Edge.Partitioning.KEY_GROUP) {
        var code = (EdgeCode<Object, Object>) edge.code().open(loader);
        return new DeclaredStates(code.keyType().serializer(loader), inRows, loader);
      }
    }
    return null;
  }

  /** State under keys, as far as it was declared; empty if there is no key. */
  Optional<DeclaredStates> underKeys() {
    return Optional.ofNullable(keyed);
  }

  /** State that belongs to no key, as far as it was declared. */
  Map<String, Declared> declared() {
    return declared;
  }

  /** How a source's splits are written; empty for what is no reader. */
  Optional<Serializer<Object>> splits() {
    return Optional.ofNullable(splits);
  }

  /** What ended the opening early. */
  Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public void declared(StateDescriptor descriptor, OperatorState.Mode mode) {
    declared.put(descriptor.name(), new Declared(descriptor, mode));
  }

  @Override
  public KeyedStateAccess keyed() {
    if (keyed == null) {
      throw new IllegalStateException(
          "'" + vertex.name() + "' has no keyed state or timers; put it directly behind keyBy");
    }
    return keyed;
  }

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
    return Math.max(1, vertex.maxParallelism());
  }

  @Override
  public String attemptName() {
    return "dry";
  }

  @Override
  public String jobId() {
    return "0".repeat(32);
  }

  @Override
  public String lineage() {
    return "0".repeat(32);
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
    return new SplittableRandom(0);
  }

  @Override
  public ClassLoader userClassLoader() {
    return loader;
  }

  @Override
  public void collect(Object value, long timestamp) {
    // Goes nowhere.
  }

  @Override
  public <X> void output(OutputTag<X> tag, X value, long timestamp) {
    // Goes nowhere.
  }

  @Override
  public void watermark(long watermark) {
    // Goes nowhere.
  }

  @Override
  public void idle(boolean idle) {
    // Goes nowhere.
  }
}
