package io.millrace.runtime.savepoint;

import io.millrace.api.operator.OperatorState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Shape;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.state.HeapStateStore;
import io.millrace.runtime.state.StateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The state of an operator of a savepoint that is being made. */
public final class NewOperator {
  private final String uid;
  private final ClassLoader loader;
  private final List<OperatorState> states = new ArrayList<>();
  private Keyed keyed;

  private record Keyed(Serializer<Object> keys, Filling filling) {}

  /**
   * @param uid as the program will have it
   * @param loader of the classes of the state
   */
  public NewOperator(String uid, ClassLoader loader) {
    this.uid = Objects.requireNonNull(uid);
    this.loader = loader;
  }

  /** Puts state under keys. */
  public interface Filling {
    /**
     * Is called once.
     *
     * @param state knows states by their descriptors, as functions do; say for which key with
     *     {@code setCurrentKey} first. What has a time to live has it from now on, or from the time
     *     that {@code now} was called with last, in milliseconds since 1970
     */
    void fill(StateStore state) throws Exception;
  }

  /**
   * State and timers under keys, which are in memory while the savepoint is written.
   *
   * @param keyType of the keys, as {@code keyBy} will have it
   */
  @SuppressWarnings("unchecked") // keys are Objects to the engine
  public <K> NewOperator keyed(TypeInformation<K> keyType, Filling filling) {
    if (keyed != null) {
      throw new IllegalStateException("the state under keys of uid '" + uid + "' is given twice");
    }
    keyed = new Keyed((Serializer<Object>) keyType.serializer(loader), filling);
    return this;
  }

  /** A list state whose elements are divided among the subtasks. */
  public <T> NewOperator list(ListStateDescriptor<T> descriptor, Iterable<T> elements) {
    return list(descriptor, elements, OperatorState.Mode.SPLIT);
  }

  /** A list state of which each subtask gets all elements. */
  public <T> NewOperator unionList(ListStateDescriptor<T> descriptor, Iterable<T> elements) {
    return list(descriptor, elements, OperatorState.Mode.UNION);
  }

  private <T> NewOperator list(
      ListStateDescriptor<T> descriptor, Iterable<T> elements, OperatorState.Mode mode) {
    Serializer<T> serializer = descriptor.elementType().serializer(loader);
    var written = new ArrayList<byte[]>();
    for (T element : elements) {
      var out = DataWriter.describing(64);
      serializer.write(Objects.requireNonNull(element, "a list state holds no null"), out);
      written.add(out.toByteArray());
    }
    return add(
        new OperatorState(
            descriptor.name(),
            mode,
            descriptor.elementType().name(),
            Shape.of(serializer),
            written));
  }

  /** A broadcast state, of which each subtask gets all entries. */
  public <K, V> NewOperator broadcast(MapStateDescriptor<K, V> descriptor, Map<K, V> entries) {
    Serializer<K> keys = descriptor.keyType().serializer(loader);
    Serializer<V> values = descriptor.valueType().serializer(loader);
    var written = new ArrayList<byte[]>();
    entries.forEach(
        (key, value) -> {
          var out = DataWriter.describing(64);
          keys.write(key, out);
          values.write(value, out);
          written.add(out.toByteArray());
        });
    return add(
        new OperatorState(
            descriptor.name(),
            OperatorState.Mode.BROADCAST,
            descriptor.keyType().name() + " to " + descriptor.valueType().name(),
            Shape.of(keys, values),
            written));
  }

  private NewOperator add(OperatorState state) {
    if (states.stream().anyMatch(each -> each.name().equals(state.name()))) {
      throw new IllegalStateException(
          "state '" + state.name() + "' of uid '" + uid + "' is given twice");
    }
    states.add(state);
    return this;
  }

  String uid() {
    return uid;
  }

  List<OperatorState> states() {
    return states;
  }

  /**
   * The state under keys; empty if it has none.
   *
   * @param wallMillis from when it lives
   */
  Optional<StateStore> filled(int maxParallelism, long wallMillis) throws Exception {
    if (keyed == null) {
      return Optional.empty();
    }
    StateStore store =
        HeapStateStore.create(keyed.keys(), 0, maxParallelism - 1, maxParallelism, loader);
    store.now(wallMillis);
    keyed.filling().fill(store);
    return Optional.of(store);
  }
}
