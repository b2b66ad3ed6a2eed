package io.millrace.api.type;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A value made of other values. Adds the byte that tells null from a value, bounds the nesting, and
 * answers whether the whole is immutable or hashable from what it is made of; types may be
 * recursive, so both are asked only once all parts are known.
 */
abstract class StructuredSerializer<T> implements Serializer<T> {
  /** Uses after which a class of its own pays for a type: most are hardly ever met. */
  private static final int WORTH_COMPILING = 1_000;

  private final String typeName;
  // Both are computed at first use; a race computes the same answer twice.
  private Boolean immutable;
  private Boolean hashable;
  private int uses;
  private volatile ValueCode code;

  StructuredSerializer(String typeName) {
    this.typeName = typeName;
  }

  /** Serializers of what the value is made of; may hold knots that are tied later. */
  abstract List<Serializer<?>> parts();

  /** What is written of the value, part by part; the shape of its type is drawn from it. */
  abstract ShapeDrawing.Sketch sketch();

  /** Whether the value itself, apart from its parts, cannot be changed. */
  abstract boolean frozen();

  /** Whether the value has a stable hash when its parts have. */
  abstract boolean ordered();

  /** Whether its bytes name classes, apart from those of its parts. */
  boolean namesClasses() {
    return false;
  }

  /** Whether values are found in it by what that part of theirs is equal to. */
  boolean identifies(int part) {
    return false;
  }

  /**
   * The same with other parts, to read with; what has fields has {@link Fields} instead.
   *
   * @param parts in the order in which they are written
   */
  Serializer<?> of(List<Serializer<?>> parts) {
    throw new UnsupportedOperationException(typeName + " is not taken apart");
  }

  abstract void writeValue(T value, DataWriter out);

  abstract T readValue(DataReader in);

  abstract T copyValue(T value);

  abstract int hashValue(T value);

  /** Called for a type that asks for its {@link #code} often. */
  ValueCode compiled() {
    throw new UnsupportedOperationException(typeName + " has no code of its own");
  }

  /** Null as long as it was not asked for often. Threads that make it at once make the same. */
  final ValueCode code() {
    ValueCode known = code;
    if (known == null && ++uses == WORTH_COMPILING) {
      known = compiled();
      code = known;
    }
    return known;
  }

  final String typeName() {
    return typeName;
  }

  @Override
  public void write(T value, DataWriter out) {
    if (value == null) {
      out.writeByte(0);
      return;
    }
    out.writeByte(1);
    writePresent(value, out);
  }

  /** Writes a value that the caller has already said is there. */
  final void writePresent(T value, DataWriter out) {
    out.enter(typeName);
    writeValue(value, out);
    out.leave();
  }

  @Override
  public T read(DataReader in) {
    byte marker = in.readByte();
    if (marker == 0) {
      return null;
    }
    checkPresent(marker, typeName);
    return readPresent(in);
  }

  static void checkPresent(byte marker, String typeName) {
    if (marker != 1) {
      throw new CorruptDataException(
          "expected the marker of a " + typeName + " (0 or 1), found " + marker);
    }
  }

  final T readPresent(DataReader in) {
    in.enter();
    T value = readValue(in);
    in.leave();
    return value;
  }

  /** Depth is not counted here: what is too deep for the stack is very deep, or endless. */
  @Override
  public final T copy(T value) {
    if (value == null || immutable()) {
      return value;
    }
    try {
      return copyValue(value);
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException(
          "a value of "
              + typeName
              + " is nested too deep to be copied; if it refers to itself, replace that reference"
              + " by an id");
    }
  }

  @Override
  public final boolean immutable() {
    if (immutable == null) {
      immutable = everywhere(StructuredSerializer::frozen, Serializer::immutable);
    }
    return immutable;
  }

  @Override
  public final boolean hashable() {
    if (hashable == null) {
      hashable = everywhere(StructuredSerializer::ordered, Serializer::hashable);
    }
    return hashable;
  }

  @Override
  public final int hash(T value) {
    if (!ordered()) {
      throw new NotHashableException(typeName);
    }
    return value == null ? Hash.NULL : hashValue(value);
  }

  /** Whether no class is ever looked up by a name in the data. */
  final boolean closed() {
    return everywhere(
        structured -> !structured.namesClasses(), leaf -> !(leaf instanceof DynamicSerializer));
  }

  private boolean everywhere(
      Predicate<StructuredSerializer<?>> own, Predicate<Serializer<?>> leaf) {
    Set<Serializer<?>> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    return everywhere(this, own, leaf, seen);
  }

  private static boolean everywhere(
      Serializer<?> serializer,
      Predicate<StructuredSerializer<?>> own,
      Predicate<Serializer<?>> leaf,
      Set<Serializer<?>> seen) {
    if (serializer instanceof Knot<?> knot) {
      return everywhere(knot.tied(), own, leaf, seen);
    }
    if (!(serializer instanceof StructuredSerializer<?> structured)) {
      return leaf.test(serializer);
    }
    if (!seen.add(structured)) {
      return true;
    }
    if (!own.test(structured)) {
      return false;
    }
    for (Serializer<?> part : structured.parts()) {
      if (!everywhere(part, own, leaf, seen)) {
        return false;
      }
    }
    return true;
  }
}
