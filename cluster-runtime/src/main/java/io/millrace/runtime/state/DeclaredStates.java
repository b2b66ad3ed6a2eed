package io.millrace.runtime.state;

import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.KeyVisitor;
import io.millrace.api.state.KeyedStateAccess;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Migration;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Empty state under keys that remembers what was declared, to be compared with a checkpoint. */
public final class DeclaredStates implements KeyedStateAccess {
  private final HeapStateStore store;
  private final Serializer<Object> keys;
  private final boolean inRows;
  private final ClassLoader loader;
  private final Map<String, StateKind> kinds = new LinkedHashMap<>();
  private final Map<String, StateDescriptor> descriptors = new LinkedHashMap<>();

  /**
   * @param inRows whether the program keeps state in rows, which cannot keep all
   */
  public DeclaredStates(Serializer<Object> keys, boolean inRows, ClassLoader loader) {
    this.inRows = inRows;
    this.store = HeapStateStore.create(keys, 0, 0, 1, loader);
    this.keys = keys;
    this.loader = loader;
  }

  @Override
  public int currentKeyGroup() {
    return store.currentKeyGroup();
  }

  public Set<String> names() {
    return kinds.keySet();
  }

  /** How it is kept and what it holds, for people. */
  public String describe(String name) {
    StateKind kind = kinds.get(name);
    return StateKind.nameOf(kind.code()) + " of " + kind.types();
  }

  /** Why the program cannot keep a declared state, whatever there is of it, and what to do. */
  public Optional<String> refusal(String name) {
    return inRows ? RowStateStore.refusal(name, kinds.get(name)) : Optional.empty();
  }

  /**
   * How types differ from what they were.
   *
   * @param inWords what is migrated
   * @param losses as {@link Migration#losses}
   */
  public record Changes(List<String> inWords, List<String> losses) {}

  /**
   * How a declared state differs from what a checkpoint has under its name.
   *
   * @param content as {@link StateContents} tells it
   * @throws IllegalArgumentException if it cannot be read; says why, and what to do
   */
  public Changes changes(StateContents.Content content) {
    refusal(content.name())
        .ifPresent(
            why -> {
              throw new IllegalArgumentException(why);
            });
    StateKind declared = kinds.get(content.name());
    byte code = (byte) (content.kind().ordinal() + 1);
    var block =
        new Portable.Block(code, content.types(), content.shape(), content.keyShape(), 0, 0);
    new StateReadings(content.name(), declared).of(block);
    StateKind.Plan plan = declared.reading(content.shape());
    return new Changes(plan.changes(), plan.losses());
  }

  /**
   * How the keys differ.
   *
   * @throws IllegalArgumentException if they are another's
   */
  public Changes changesOfKeys(String state, Shape written) {
    new RestoredKeys(keys).check(state, written);
    var migration = Migration.of(written, keys, Migration.Use.KEY);
    return new Changes(migration.changes(), migration.losses());
  }

  /**
   * Reads what a part of a checkpoint has of timers, and of one declared state, as a job would.
   *
   * @param name of the state; timers alone are read if nothing is declared under it
   * @throws IllegalArgumentException if it cannot be read; says why, and what to do
   * @throws io.millrace.api.type.CorruptDataException the same of single values
   */
  public void read(String name, byte[] part, int maxParallelism) {
    HeapStateStore read =
        HeapStateStore.create(keys, 0, maxParallelism - 1, maxParallelism, loader);
    read.restore(part);
    StateDescriptor descriptor = descriptors.get(name);
    if (descriptor instanceof ValueStateDescriptor<?> value) {
      read.value(value);
    } else if (descriptor instanceof ListStateDescriptor<?> list) {
      read.list(list);
    } else if (descriptor != null) {
      read.map((MapStateDescriptor<?, ?>) descriptor);
    }
  }

  private void declare(StateDescriptor descriptor) {
    kinds.put(descriptor.name(), StateKind.of(descriptor, loader));
    descriptors.put(descriptor.name(), descriptor);
  }

  @Override
  public Object currentKey() {
    return store.currentKey();
  }

  @Override
  public <T> ValueState<T> value(ValueStateDescriptor<T> descriptor) {
    declare(descriptor);
    return store.value(descriptor);
  }

  @Override
  public <T> ListState<T> list(ListStateDescriptor<T> descriptor) {
    declare(descriptor);
    return store.list(descriptor);
  }

  @Override
  public <K, V> MapState<K, V> map(MapStateDescriptor<K, V> descriptor) {
    declare(descriptor);
    return store.map(descriptor);
  }

  @Override
  public <T> ReducingState<T> reducing(ReducingStateDescriptor<T> descriptor) {
    declare(JoiningStates.accumulator(descriptor));
    return store.reducing(descriptor);
  }

  @Override
  public <IN, ACC, OUT> AggregatingState<IN, OUT> aggregating(
      AggregatingStateDescriptor<IN, ACC, OUT> descriptor) {
    declare(JoiningStates.accumulator(descriptor));
    return store.aggregating(descriptor);
  }

  @Override
  public void forEachKey(StateDescriptor descriptor, KeyVisitor visitor) throws Exception {
    store.forEachKey(descriptor, visitor);
  }

  @Override
  public void setTimer(TimerDomain domain, long timeMillis) {
    store.setTimer(domain, timeMillis);
  }

  @Override
  public void deleteTimer(TimerDomain domain, long timeMillis) {
    store.deleteTimer(domain, timeMillis);
  }
}
