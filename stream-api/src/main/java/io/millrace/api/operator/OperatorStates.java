package io.millrace.api.operator;

import io.millrace.api.state.BroadcastState;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.LiveEntries;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.OperatorStateStore;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.StateMigrationException;
import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Migration;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Shape;
import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The state of an operator's subtask that belongs to no key. What was restored and nobody has asked
 * for stays in bytes and goes into the next checkpoint as it is.
 */
final class OperatorStates implements OperatorStateStore {
  private final OperatorContext context;

  /** By name; of several shapes if they were written by several versions of the program. */
  private final Map<String, List<OperatorState>> restored = new LinkedHashMap<>();

  private final Map<String, Kept> kept = new LinkedHashMap<>();

  OperatorStates(OperatorContext context) {
    this.context = context;
    context
        .restoredStates()
        .forEach(
            state -> restored.computeIfAbsent(state.name(), name -> new ArrayList<>()).add(state));
  }

  @Override
  public <T> ListState<T> getListState(ListStateDescriptor<T> descriptor) {
    return list(descriptor, OperatorState.Mode.SPLIT);
  }

  @Override
  public <T> ListState<T> getUnionListState(ListStateDescriptor<T> descriptor) {
    return list(descriptor, OperatorState.Mode.UNION);
  }

  @SuppressWarnings("unchecked") // of one name there is one state; its declarations agree
  private <T> ListState<T> list(ListStateDescriptor<T> descriptor, OperatorState.Mode mode) {
    refuseTimeToLive(descriptor);
    context.declared(descriptor, mode);
    TypeInformation<T> type = descriptor.elementType();
    return (ListState<T>)
        kept(
            descriptor.name(),
            mode,
            type.name(),
            () -> new Elements<>(type.serializer(context.userClassLoader())));
  }

  @Override
  @SuppressWarnings("unchecked") // as above
  public <K, V> BroadcastState<K, V> getBroadcastState(MapStateDescriptor<K, V> descriptor) {
    refuseTimeToLive(descriptor);
    context.declared(descriptor, OperatorState.Mode.BROADCAST);
    return (BroadcastState<K, V>)
        kept(
            descriptor.name(),
            OperatorState.Mode.BROADCAST,
            descriptor.keyType().name() + " to " + descriptor.valueType().name(),
            () ->
                new Entries<>(
                    descriptor.keyType().serializer(context.userClassLoader()),
                    descriptor.valueType().serializer(context.userClassLoader())));
  }

  private static void refuseTimeToLive(StateDescriptor descriptor) {
    if (descriptor.timeToLive().isEnabled()) {
      throw new IllegalArgumentException(
          "state '"
              + descriptor.name()
              + "' belongs to no key and cannot have a time to live; leave it out");
    }
  }

  private Content kept(
      String name, OperatorState.Mode mode, String types, Supplier<Content> empty) {
    Kept known = kept.get(name);
    if (known != null) {
      if (known.mode != mode || !known.types.equals(types)) {
        throw another(name, "was declared as", known.mode, known.types, mode, types);
      }
      return known.content;
    }
    Content content = empty.get();
    for (OperatorState found : restored.getOrDefault(name, List.of())) {
      if (found.mode() != mode) {
        throw another(name, "is in the checkpoint as", found.mode(), found.types(), mode, types);
      }
      Reader reader = content.reader(found.shape());
      reader
          .refusal()
          .ifPresent(
              changes -> {
                throw found.types().equals(types)
                    ? changed(name, types, changes)
                    : another(name, "is in the checkpoint as", mode, found.types(), mode, types);
              });
      for (byte[] element : found.elements()) {
        read(name, reader, new DataReader(element, context.userClassLoader()));
      }
    }
    restored.remove(name);
    kept.put(name, new Kept(mode, types, content));
    return content;
  }

  private static StateMigrationException changed(String name, String types, String changes) {
    return new StateMigrationException(
        "state '"
            + name
            + "' holds "
            + types
            + ", which has changed since the checkpoint: "
            + changes
            + "; restore the fields, or give the changed class or the state a new name");
  }

  private static void read(String name, Reader reader, DataReader element) {
    try {
      reader.read(element);
    } catch (CorruptDataException e) {
      throw new CorruptDataException("state '" + name + "': " + e.getMessage(), e);
    }
  }

  private static StateMigrationException another(
      String name,
      String was,
      OperatorState.Mode mode,
      String types,
      OperatorState.Mode wantedMode,
      String wantedTypes) {
    return new StateMigrationException(
        "state '"
            + name
            + "' "
            + was
            + " "
            + called(mode, types)
            + ", but the program declares "
            + called(wantedMode, wantedTypes)
            + "; give the new state another name");
  }

  private static String called(OperatorState.Mode mode, String types) {
    return switch (mode) {
      case SPLIT -> "a list of " + types;
      case UNION -> "a union list of " + types;
      case BROADCAST -> "a broadcast map of " + types;
    };
  }

  /** Everything as it is now; turned into bytes later, while it changes here. */
  Frozen freeze() {
    var now = new ArrayList<Supplier<OperatorState>>();
    kept.forEach(
        (name, state) -> {
          Supplier<List<byte[]>> elements = state.content.freeze();
          Shape shape = state.content.shape();
          now.add(() -> new OperatorState(name, state.mode, state.types, shape, elements.get()));
        });
    for (List<OperatorState> states : restored.values()) {
      for (OperatorState state : states) {
        // Of a union everybody holds everything: it must not grow by being carried on.
        boolean mine = state.mode() != OperatorState.Mode.UNION || context.subtask() == 0;
        now.add(() -> mine ? state : null);
      }
    }
    if (now.isEmpty()) {
      return Frozen.NOTHING;
    }
    return () ->
        new OperatorSnapshot(
            List.of(),
            List.of(),
            now.stream().map(Supplier::get).filter(Objects::nonNull).toList());
  }

  private record Kept(OperatorState.Mode mode, String types, Content content) {}

  /** What one state holds, as objects. */
  private interface Content {
    /** Takes over elements that were written when they had that shape. */
    Reader reader(Shape written);

    /** Of an element. */
    Shape shape();

    /** Copies what may change; what it returns works on any thread. */
    Supplier<List<byte[]>> freeze();
  }

  /** Reads elements, unless it is known beforehand that they cannot be. */
  private interface Reader {
    Optional<String> refusal();

    void read(DataReader element);
  }

  private static final class Elements<T> implements Content, ListState<T> {
    private final Serializer<T> serializer;
    private final Shape shape;
    private final ArrayList<T> all = new ArrayList<>();

    Elements(Serializer<T> serializer) {
      this.serializer = serializer;
      this.shape = Shape.of(serializer);
    }

    @Override
    public Shape shape() {
      return shape;
    }

    @Override
    public Reader reader(Shape written) {
      Migration<T> migration = Migration.of(written, serializer, Migration.Use.VALUE);
      return new Reader() {
        @Override
        public Optional<String> refusal() {
          return migration.refusal();
        }

        @Override
        public void read(DataReader element) {
          all.add(migration.serializer().read(element));
        }
      };
    }

    @Override
    public Supplier<List<byte[]>> freeze() {
      List<T> frozen = all.stream().map(serializer::copy).toList();
      return () ->
          frozen.stream()
              .map(
                  value -> {
                    var out = DataWriter.describing(64);
                    serializer.write(value, out);
                    return out.toByteArray();
                  })
              .toList();
    }

    @Override
    public void add(T value) {
      all.add(Objects.requireNonNull(value, "a list state holds no null"));
    }

    @Override
    public void addAll(List<T> values) {
      values.forEach(this::add);
    }

    @Override
    public void update(List<T> values) {
      List<T> copy = List.copyOf(values); // also if it is a view of this very list
      all.clear();
      all.addAll(copy);
    }

    @Override
    public Iterable<T> get() {
      return Collections.unmodifiableList(all);
    }

    @Override
    public void clear() {
      all.clear();
    }
  }

  private static final class Entries<K, V> implements Content, BroadcastState<K, V> {
    private final Serializer<K> keys;
    private final Serializer<V> values;
    private final Shape shape;
    private final Map<K, V> all = new LinkedHashMap<>();

    Entries(Serializer<K> keys, Serializer<V> values) {
      this.keys = keys;
      this.values = values;
      this.shape = Shape.of(keys, values);
    }

    @Override
    public Shape shape() {
      return shape;
    }

    @Override
    public Reader reader(Shape written) {
      Migration.Entries<K, V> migration = Migration.ofEntries(written, keys, values);
      return new Reader() {
        @Override
        public Optional<String> refusal() {
          return migration.refusal();
        }

        @Override
        public void read(DataReader element) {
          K key = migration.keys().serializer().read(element);
          all.put(key, migration.values().serializer().read(element));
        }
      };
    }

    @Override
    public Supplier<List<byte[]>> freeze() {
      var frozen = new LinkedHashMap<K, V>();
      all.forEach((key, value) -> frozen.put(keys.copy(key), values.copy(value)));
      return () -> {
        var elements = new ArrayList<byte[]>();
        frozen.forEach(
            (key, value) -> {
              var out = DataWriter.describing(64);
              keys.write(key, out);
              values.write(value, out);
              elements.add(out.toByteArray());
            });
        return elements;
      };
    }

    @Override
    public V get(K key) {
      return all.get(key);
    }

    @Override
    public boolean contains(K key) {
      return all.containsKey(key);
    }

    @Override
    public void put(K key, V value) {
      // The caller may go on to change its key.
      all.put(all.containsKey(key) ? key : keys.copy(key), value);
    }

    @Override
    public void putAll(Map<K, V> entries) {
      entries.forEach(this::put);
    }

    @Override
    public void remove(K key) {
      all.remove(key);
    }

    @Override
    public Iterable<Map.Entry<K, V>> entries() {
      return new LiveEntries<>(all.entrySet(), this::put, this::remove);
    }

    @Override
    public Iterable<Map.Entry<K, V>> immutableEntries() {
      return Collections.unmodifiableMap(all).entrySet();
    }

    @Override
    public void clear() {
      all.clear();
    }
  }
}
