package io.millrace.api.type;

import java.util.Collection;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A list, set or deque: its kind, the number of elements, the elements in the order of iteration.
 * What has no kind of its own (views, unmodifiable and foreign lists) comes back as an equal value
 * of the default kind; what {@code List.of} and {@code Set.of} made comes back unmodifiable.
 */
final class CollectionSerializer<C extends Collection<E>, E> extends StructuredSerializer<C> {
  private static final List<ContainerKind<Collection<Object>>> KINDS = ContainerKind.COLLECTIONS;

  private static final int ARRAY_LIST = 0;
  private static final int IMMUTABLE_LIST = 2;
  private static final int LINKED_HASH_SET = 4;
  private static final int TREE_SET = 5;
  private static final int REVERSE_TREE_SET = 6;
  private static final int IMMUTABLE_SET = 7;

  private final Class<?> declared;
  private final Serializer<E> element;
  private final Extras extras;

  CollectionSerializer(Class<?> declared, Serializer<E> element, Extras extras) {
    super(declared.getName());
    this.declared = declared;
    this.element = element;
    this.extras = extras;
  }

  /** Whether the class is List, Set or one of the kinds. */
  static boolean handles(Class<?> type) {
    return KINDS.stream().anyMatch(kind -> kind.type() == type);
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
    return new CollectionSerializer<C, E>(declared, (Serializer<E>) parts.get(0), extras);
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
    int kind = out.isCanonical() && declared == List.class ? ARRAY_LIST : kind(value);
    extras.write(kind, KINDS.get(kind).extraOf(objects(value)), typeName(), out);
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
    int marked = in.readByte();
    int kind = Extras.kind(marked);
    if (kind < 0 || kind >= KINDS.size() || !declared.isAssignableFrom(KINDS.get(kind).type())) {
      throw new CorruptDataException("no kind of " + typeName() + " has the number " + marked);
    }
    Object extra = extras.read(marked, typeName(), in);
    int size = in.readCount();
    try {
      Collection<E> value = make(kind, extra);
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
    Collection<E> copy = make(kind, KINDS.get(kind).extraOf(objects(value)));
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
    // A view of a sorted set is declared as one where only its class is known.
    if (value instanceof TreeSet<?> || declared == TreeSet.class) {
      boolean reverse = Orders.isReverse(((SortedSet<?>) value).comparator());
      return reverse ? REVERSE_TREE_SET : TREE_SET;
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

  @SuppressWarnings("unchecked") // a new collection is one of anything
  private static <E> Collection<E> make(int kind, Object extra) {
    return (Collection<E>) KINDS.get(kind).make(extra);
  }

  @SuppressWarnings("unchecked") // only looked at
  private static Collection<Object> objects(Collection<?> value) {
    return (Collection<Object>) value;
  }
}
