package io.millrace.runtime.state;

import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Migration;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import io.millrace.api.type.Shape;
import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** How the value under one key is kept, written and copied. */
sealed interface StateKind {
  /** In a code: the parts of the value stand with the times from which they live. */
  byte TIMED = 16;

  /** Stands in front of the state in a checkpoint. */
  byte code();

  /** What it holds, as the types are called; stands in a checkpoint beside the state. */
  String types();

  /** How long what is kept lives; 0 for ever. */
  default long ttlMillis() {
    return 0;
  }

  /** What its types are made of; times to live are no part of it. */
  Shape shape();

  boolean mutable();

  /**
   * What the table's user gets in place of a value that a writer still reads: a copy, or something
   * that takes copies of those parts that may be changed.
   */
  Object shared(Object value);

  void write(Object value, DataWriter out);

  Object read(DataReader in);

  /** Whether its parts are {@link Timed}. */
  default boolean timed() {
    return (code() & TIMED) != 0;
  }

  /**
   * Reads a value that was written with or without times, into what this kind keeps. Times that
   * were not written begin now; those that are not wanted are forgotten.
   *
   * @param written the code it was written with
   * @return {@code null} if it has expired
   */
  default Object read(byte written, DataReader in, long now) {
    return converted(written, (written == code() ? this : twin()).read(in), now);
  }

  /** As {@link #read(byte, DataReader, long)}, of a value that has been read as it was written. */
  default Object converted(byte written, Object value, long now) {
    if (written == code()) {
      return live(value, now);
    }
    return timed()
        ? parts(value, part -> new Timed(part, now))
        : parts(value, part -> ((Timed) part).value());
  }

  /** The same with times if this is without, and the other way round. */
  default StateKind twin() {
    throw new UnsupportedOperationException(nameOf(code()) + " never expires");
  }

  /** The value with each of its parts replaced. */
  default Object parts(Object value, UnaryOperator<Object> change) {
    return change.apply(value);
  }

  /** How many parts a value has, at least 1. */
  default int size(Object value) {
    return 1;
  }

  /** The value without its expired parts: itself if there are none, {@code null} if all have. */
  default Object live(Object value, long now) {
    return value;
  }

  /** How what was written when the types had another shape is read. */
  Plan reading(Shape written);

  /**
   * A plan.
   *
   * @param kind reads what was written then; of no use if that is refused
   * @param refusal in words, what makes it unreadable
   * @param changes in words, how it is another one now
   * @param losses as {@link Migration#losses}
   */
  record Plan(StateKind kind, Optional<String> refusal, List<String> changes, List<String> losses) {
    private static Plan of(
        Migration<Object> migration,
        Serializer<Object> now,
        Function<Serializer<Object>, StateKind> kind) {
      Optional<String> refusal = migration.refusal();
      return new Plan(
          kind.apply(refusal.isPresent() ? now : as(now, migration.serializer())),
          refusal,
          migration.changes(),
          migration.losses());
    }
  }

  /** With times if it was with times before. */
  private static Serializer<Object> as(Serializer<Object> before, Serializer<Object> plain) {
    return before instanceof Timed.Form ? new Timed.Form(plain) : plain;
  }

  private static boolean dead(Object part, long ttlMillis, long now) {
    return ((Timed) part).expired(ttlMillis, now);
  }

  private static Serializer<Object> twinOf(Serializer<Object> serializer) {
    return serializer instanceof Timed.Form form ? form.value() : new Timed.Form(serializer);
  }

  private static Serializer<Object> plain(Serializer<Object> serializer) {
    return serializer instanceof Timed.Form form ? form.value() : serializer;
  }

  /**
   * How a store keeps a state.
   *
   * @param known how it keeps the state of that name already; {@code null} if it has none
   * @throws IllegalArgumentException if the name cannot be that of such a state
   */
  static StateKind declared(StateDescriptor descriptor, ClassLoader loader, StateKind known) {
    StateKind kind = of(descriptor, loader);
    if (known != null && !kind.isDeclaredLike(known)) {
      throw new IllegalArgumentException(
          "state '"
              + descriptor.name()
              + "' is declared twice in one operator, as "
              + known.declaration()
              + " and as "
              + kind.declaration()
              + "; give one of them another name, or declare both alike");
    }
    if (descriptor.name().startsWith(Portable.TIMERS)) {
      throw new IllegalArgumentException(
          "names of state must not start with '" + Portable.TIMERS + "'");
    }
    return kind;
  }

  private boolean isDeclaredLike(StateKind other) {
    return code() == other.code()
        && ttlMillis() == other.ttlMillis()
        && types().equals(other.types());
  }

  private String declaration() {
    String lives = ttlMillis() == 0 ? "" : " that lives for " + ttlMillis() + " ms";
    return nameOf(code()) + " of " + types() + lives;
  }

  static StateKind of(StateDescriptor descriptor, ClassLoader loader) {
    StateTtlConfig ttl = descriptor.timeToLive();
    long ttlMillis = ttl.isEnabled() ? ttl.timeToLive().toMillis() : 0;
    String meaning = descriptor.meaning();
    if (descriptor instanceof ValueStateDescriptor<?> value) {
      String types = Meaning.join(value.type().name(), meaning);
      return new One(serializer(value.type(), ttl, loader), types, ttlMillis);
    }
    if (descriptor instanceof ListStateDescriptor<?> list) {
      String types = Meaning.join(list.elementType().name(), meaning);
      return new Many(serializer(list.elementType(), ttl, loader), types, ttlMillis);
    }
    var map = (MapStateDescriptor<?, ?>) descriptor;
    return new Mapped(
        serializer(map.keyType(), StateTtlConfig.DISABLED, loader),
        serializer(map.valueType(), ttl, loader),
        Meaning.join(map.keyType().name() + " to " + map.valueType().name(), meaning),
        ttlMillis);
  }

  @SuppressWarnings("unchecked")
  private static Serializer<Object> serializer(
      TypeInformation<?> type, StateTtlConfig ttl, ClassLoader loader) {
    var serializer = (Serializer<Object>) type.serializer(loader);
    return ttl.isEnabled() ? new Timed.Form(serializer) : serializer;
  }

  static boolean isMap(byte code) {
    return (code & ~TIMED) == 3;
  }

  static String nameOf(byte code) {
    return switch (code & ~TIMED) {
      case 1 -> "a value";
      case 2 -> "a list";
      case 3 -> "a map";
      case 4 -> "timers";
      default -> "of unknown kind " + code;
    };
  }

  /** A single value. */
  record One(Serializer<Object> serializer, String types, long ttlMillis) implements StateKind {
    @Override
    public byte code() {
      return (byte) (ttlMillis > 0 ? 1 | TIMED : 1);
    }

    @Override
    public StateKind twin() {
      return new One(twinOf(serializer), types, ttlMillis > 0 ? 0 : 1);
    }

    @Override
    public Object live(Object value, long now) {
      return ttlMillis > 0 && dead(value, ttlMillis, now) ? null : value;
    }

    @Override
    public Shape shape() {
      return Shape.of(plain(serializer));
    }

    @Override
    public Plan reading(Shape written) {
      return Plan.of(
          Migration.of(written, plain(serializer), Migration.Use.VALUE),
          serializer,
          migrated -> new One(migrated, types, ttlMillis));
    }

    @Override
    public boolean mutable() {
      return !serializer.immutable();
    }

    @Override
    public Object shared(Object value) {
      return serializer.copy(value);
    }

    @Override
    public void write(Object value, DataWriter out) {
      serializer.write(value, out);
    }

    @Override
    public Object read(DataReader in) {
      return serializer.read(in);
    }
  }

  /** A list, kept as an ArrayList. */
  record Many(Serializer<Object> element, String types, long ttlMillis) implements StateKind {
    @Override
    public byte code() {
      return (byte) (ttlMillis > 0 ? 2 | TIMED : 2);
    }

    @Override
    public StateKind twin() {
      return new Many(twinOf(element), types, ttlMillis > 0 ? 0 : 1);
    }

    @Override
    public Object parts(Object value, UnaryOperator<Object> change) {
      var changed = new ArrayList<Object>();
      ((List<?>) value).forEach(part -> changed.add(change.apply(part)));
      return changed;
    }

    @Override
    public int size(Object value) {
      return Math.max(1, ((List<?>) value).size());
    }

    @Override
    public Object live(Object value, long now) {
      if (ttlMillis == 0 || ((List<?>) value).stream().noneMatch(p -> dead(p, ttlMillis, now))) {
        return value;
      }
      var live = new ArrayList<Object>((List<?>) value);
      live.removeIf(part -> dead(part, ttlMillis, now));
      return live.isEmpty() ? null : live;
    }

    @Override
    public Shape shape() {
      return Shape.of(plain(element));
    }

    @Override
    public Plan reading(Shape written) {
      return Plan.of(
          Migration.of(written, plain(element), Migration.Use.VALUE),
          element,
          migrated -> new Many(migrated, types, ttlMillis));
    }

    @Override
    public boolean mutable() {
      return true;
    }

    @Override
    public Object shared(Object value) {
      return new SharedList((List<?>) value);
    }

    @Override
    public void write(Object value, DataWriter out) {
      var list = (List<?>) value;
      out.writeVarInt(list.size());
      for (Object one : list) {
        element.write(one, out);
      }
    }

    @Override
    public Object read(DataReader in) {
      int size = in.readVarInt();
      var list = new ArrayList<Object>();
      for (int i = 0; i < size; i++) {
        list.add(element.read(in));
      }
      return list;
    }
  }

  /** A map, kept as a LinkedHashMap. */
  record Mapped(Serializer<Object> key, Serializer<Object> value, String types, long ttlMillis)
      implements StateKind {
    @Override
    public byte code() {
      return (byte) (ttlMillis > 0 ? 3 | TIMED : 3);
    }

    @Override
    public StateKind twin() {
      return new Mapped(key, twinOf(value), types, ttlMillis > 0 ? 0 : 1);
    }

    @Override
    public Object parts(Object map, UnaryOperator<Object> change) {
      var changed = new LinkedHashMap<Object, Object>();
      ((Map<?, ?>) map).forEach((k, part) -> changed.put(k, change.apply(part)));
      return changed;
    }

    @Override
    public int size(Object map) {
      return Math.max(1, ((Map<?, ?>) map).size());
    }

    @Override
    public Object live(Object map, long now) {
      if (ttlMillis == 0
          || ((Map<?, ?>) map).values().stream().noneMatch(p -> dead(p, ttlMillis, now))) {
        return map;
      }
      var live = new LinkedHashMap<Object, Object>((Map<?, ?>) map);
      live.values().removeIf(part -> dead(part, ttlMillis, now));
      return live.isEmpty() ? null : live;
    }

    @Override
    public Shape shape() {
      return Shape.of(key, plain(value));
    }

    @Override
    public Plan reading(Shape written) {
      Migration.Entries<Object, Object> entries = Migration.ofEntries(written, key, plain(value));
      Optional<String> refusal = entries.refusal();
      return new Plan(
          refusal.isPresent()
              ? this
              : new Mapped(
                  entries.keys().serializer(),
                  as(value, entries.values().serializer()),
                  types,
                  ttlMillis),
          refusal,
          entries.changes(),
          entries.losses());
    }

    @Override
    public boolean mutable() {
      return true;
    }

    @Override
    public Object shared(Object map) {
      return new SharedMap((Map<?, ?>) map);
    }

    @Override
    public void write(Object map, DataWriter out) {
      var entries = (Map<?, ?>) map;
      out.writeVarInt(entries.size());
      for (Map.Entry<?, ?> entry : entries.entrySet()) {
        key.write(entry.getKey(), out);
        value.write(entry.getValue(), out);
      }
    }

    @Override
    public Object read(DataReader in) {
      int size = in.readVarInt();
      var map = new LinkedHashMap<Object, Object>();
      for (int i = 0; i < size; i++) {
        Object k = key.read(in);
        map.put(k, value.read(in));
      }
      return map;
    }
  }

  /** Times of timers, a sorted array that is never changed. */
  record Times() implements StateKind {
    @Override
    public byte code() {
      return 4;
    }

    @Override
    public String types() {
      return "times";
    }

    @Override
    public Shape shape() {
      return Shape.of(Serializers.of(long[].class));
    }

    @Override
    public Plan reading(Shape written) {
      return new Plan(this, Optional.empty(), List.of(), List.of());
    }

    @Override
    public boolean mutable() {
      return false;
    }

    @Override
    public Object shared(Object value) {
      return value;
    }

    @Override
    public void write(Object value, DataWriter out) {
      long[] times = (long[]) value;
      out.writeVarInt(times.length);
      for (long time : times) {
        out.writeLong(time);
      }
    }

    @Override
    public Object read(DataReader in) {
      int count = in.readCount(8);
      long[] times = new long[count];
      for (int i = 0; i < count; i++) {
        times[i] = in.readLong();
      }
      return times;
    }
  }
}
