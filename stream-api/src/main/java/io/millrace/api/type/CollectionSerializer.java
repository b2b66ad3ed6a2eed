package io.millrace.api.type;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.Vector;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * A list, set or deque: its kind, the number of elements, the elements in the order of iteration.
 * What has no kind of its own (views, unmodifiable and foreign lists) comes back as an equal value
 * of the default kind; what {@code List.of} and {@code Set.of} made comes back unmodifiable.
 */
final class CollectionSerializer<C extends Collection<E>, E> extends StructuredSerializer<C> {
  // The place in this list is the kind in the data: append only.
  private static final List<Kind> KINDS =
      List.of(
          new Kind(ArrayList.class, ArrayList::new),
          new Kind(LinkedList.class, LinkedList::new),
          new Kind(List.class, ArrayList::new),
          new Kind(HashSet.class, HashSet::new),
          new Kind(LinkedHashSet.class, LinkedHashSet::new),
          new Kind(TreeSet.class, TreeSet::new),
          new Kind(TreeSet.class, () -> new TreeSet<>(Collections.reverseOrder())),
          new Kind(Set.class, LinkedHashSet::new),
          new Kind(Vector.class, Vector::new),
          new Kind(CopyOnWriteArrayList.class, CopyOnWriteArrayList::new),
          new Kind(ArrayDeque.class, ArrayDeque::new));

  private static final int ARRAY_LIST = 0;
  private static final int IMMUTABLE_LIST = 2;
  private static final int LINKED_HASH_SET = 4;
  private static final int TREE_SET = 5;
  private static final int REVERSE_TREE_SET = 6;
  private static final int IMMUTABLE_SET = 7;

  private final Class<?> declared;
  private final Serializer<E> element;

  CollectionSerializer(Class<?> declared, Serializer<E> element) {
    super(declared.getName());
    this.declared = declared;
    this.element = element;
  }

  /** Whether the class is List, Set or one of the kinds. */
  static boolean handles(Class<?> type) {
    return KINDS.stream().anyMatch(kind -> kind.type() == type);
  }

  /** Whether a comparator can be written: only the natural order and its reverse have a name. */
  static boolean isReverse(Object comparator, String typeName) {
    if (comparator != null && comparator != Collections.reverseOrder()) {
      throw new NoSerializerException(
          typeName,
          "",
          "its comparator " + comparator.getClass().getName() + " would be lost",
          "use the natural order of a type of your own, or a LinkedHashSet or LinkedHashMap");
    }
    return comparator != null;
  }

  static boolean isImmutable(Object collection) {
    return collection.getClass().getName().startsWith("java.util.ImmutableCollections$");
  }

  @Override
  List<Serializer<?>> parts() {
    return List.of(element);
  }

  @Override
  ShapeDrawing.Sketch sketch() {
    return ShapeDrawing.Sketch.of(
        Shape.Kind.CONTAINER, typeName(), new ShapeDrawing.Piece("element", element));
  }

  @Override
  boolean identifies(int part) {
    return Set.class.isAssignableFrom(declared);
  }

  @Override
  @SuppressWarnings("unchecked") // read as what they are read as now
  Serializer<?> of(List<Serializer<?>> parts) {
    return new CollectionSerializer<C, E>(declared, (Serializer<E>) parts.get(0));
  }

  @Override
  boolean frozen() {
    return false;
  }

  @Override
  boolean ordered() {
    return List.class.isAssignableFrom(declared);
  }

  @Override
  void writeValue(C value, DataWriter out) {
    out.writeByte(out.isCanonical() && declared == List.class ? ARRAY_LIST : kind(value));
    int size = value.size();
    out.writeVarInt(size);
    for (E next : value) {
      element.write(next, out);
      size--;
    }
    if (size != 0) {
      throw new ConcurrentModificationException(
          "a " + value.getClass().getName() + " changed its size while it was written");
    }
  }

  @Override
  C readValue(DataReader in) {
    int kind = in.readByte();
    if (kind < 0 || kind >= KINDS.size() || !declared.isAssignableFrom(KINDS.get(kind).type())) {
      throw new CorruptDataException("no kind of " + typeName() + " has the number " + kind);
    }
    int size = in.readCount();
    Collection<E> value = KINDS.get(kind).make();
    try {
      for (int i = 0; i < size; i++) {
        value.add(element.read(in));
      }
      return finished(kind, value);
    } catch (RuntimeException e) {
      throw Component.refused(typeName(), e);
    }
  }

  @Override
  C copyValue(C value) {
    int kind = kind(value);
    Collection<E> copy = KINDS.get(kind).make();
    for (E next : value) {
      copy.add(element.copy(next));
    }
    return finished(kind, copy);
  }

  @Override
  int hashValue(C value) {
    int hash = Hash.SEED;
    for (E next : value) {
      hash = Hash.combine(hash, element.hash(next));
    }
    return hash;
  }

  @SuppressWarnings("unchecked") // every kind is assignable to what is declared
  private C finished(int kind, Collection<E> value) {
    switch (kind) {
      case IMMUTABLE_LIST:
        // Not List.copyOf where there is a null: streams make unmodifiable lists with nulls.
        return (C)
            (value.contains(null)
                ? Collections.unmodifiableList((List<E>) value)
                : List.copyOf(value));
      case IMMUTABLE_SET:
        return (C) Collections.unmodifiableSet((Set<E>) value);
      default:
        return (C) value;
    }
  }

  private int kind(C value) {
    if (declared == List.class && isImmutable(value)) {
      return IMMUTABLE_LIST;
    }
    if (declared == Set.class && isImmutable(value)) {
      return IMMUTABLE_SET;
    }
    if (value instanceof TreeSet<?> sorted) {
      return isReverse(sorted.comparator(), typeName()) ? REVERSE_TREE_SET : TREE_SET;
    }
    for (int i = 0; i < KINDS.size(); i++) {
      if (KINDS.get(i).type() == value.getClass()) {
        return i;
      }
    }
    // A subclass or an own implementation: the declared class, or what keeps the order.
    for (int i = 0; i < KINDS.size(); i++) {
      if (i != IMMUTABLE_LIST
          && i != IMMUTABLE_SET
          && KINDS.get(i).type().isInstance(value)
          && declared.isAssignableFrom(KINDS.get(i).type())) {
        return i;
      }
    }
    return declared == Set.class ? LINKED_HASH_SET : ARRAY_LIST;
  }

  private record Kind(Class<?> type, Supplier<Collection<?>> maker) {
    @SuppressWarnings("unchecked") // a new collection is one of anything
    <E> Collection<E> make() {
      return (Collection<E>) maker.get();
    }
  }
}
