package io.millrace.api.type;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A map: its kind, the number of entries, the entries in the order of iteration. What has no kind
 * of its own comes back as an equal LinkedHashMap; what {@code Map.of} made comes back
 * unmodifiable.
 */
final class MapSerializer<M extends Map<K, V>, K, V> extends StructuredSerializer<M> {
  private static final List<ContainerKind<Map<Object, Object>>> KINDS = ContainerKind.MAPS;

  private static final int HASH_MAP = 0;
  private static final int LINKED_HASH_MAP = 1;
  private static final int TREE_MAP = 2;
  private static final int REVERSE_TREE_MAP = 3;
  private static final int IMMUTABLE_MAP = 4;
  private static final int CONCURRENT_HASH_MAP = 5;
  private static final int FIRST_OF_OTHERS = 6;

  private final Class<?> declared;
  private final Serializer<K> key;
  private final Serializer<V> value;
  private final Extras extras;

  MapSerializer(Class<?> declared, Serializer<K> key, Serializer<V> value, Extras extras) {
    super(declared.getName());
    this.declared = declared;
    this.key = key;
    this.value = value;
    this.extras = extras;
  }

  /** Whether the class is Map or one of the kinds. */
  static boolean handles(Class<?> type) {
    return KINDS.stream().anyMatch(kind -> kind.type() == type);
  }

  @Override
  List<Serializer<?>> parts() {
    return List.of(key, value);
  }

  @Override
  ShapeDrawing.Sketch sketch() {
    return ShapeDrawing.Sketch.of(
        Shape.Kind.CONTAINER,
        typeName(),
        new ShapeDrawing.Piece("key", key),
        new ShapeDrawing.Piece("value", value));
  }

  @Override
  boolean identifies(int part) {
    return part == 0;
  }

  @Override
  @SuppressWarnings("unchecked") // read as what they are read as now
  Serializer<?> of(List<Serializer<?>> parts) {
    return new MapSerializer<M, K, V>(
        declared, (Serializer<K>) parts.get(0), (Serializer<V>) parts.get(1), extras);
  }

  @Override
  boolean frozen() {
    return false;
  }

  @Override
  boolean ordered() {
    return false;
  }

  @Override
  void writeValue(M map, DataWriter out) {
    int kind = kind(map);
    extras.write(kind, KINDS.get(kind).extraOf(objects(map)), typeName(), out);
    int countAt = out.position();
    out.writeInt(0);
    int count = 0;
    // Counted while written: a concurrent map may change between its size and its entries.
    for (Map.Entry<K, V> entry : map.entrySet()) {
      key.write(entry.getKey(), out);
      value.write(entry.getValue(), out);
      count++;
    }
    out.patchInt(countAt, count);
  }

  @Override
  M readValue(DataReader in) {
    int marked = in.readByte();
    int kind = Extras.kind(marked);
    if (kind < 0 || kind >= KINDS.size() || !declared.isAssignableFrom(KINDS.get(kind).type())) {
      throw new CorruptDataException("no kind of " + typeName() + " has the number " + marked);
    }
    Object extra = extras.read(marked, typeName(), in);
    int size = readSize(in);
    try {
      Map<K, V> map = make(kind, extra);
      for (int i = 0; i < size; i++) {
        K nextKey = key.read(in);
        map.put(nextKey, value.read(in));
      }
      return finished(kind, map);
    } catch (RuntimeException e) {
      throw Component.refused(typeName(), e);
    }
  }

  /** The number of entries that follow. */
  static int readSize(DataReader in) {
    int size = in.readInt();
    if (size < 0 || size > in.remaining() / 2) {
      throw new CorruptDataException(
          size + " entries do not fit in the " + in.remaining() + " bytes that are left");
    }
    return size;
  }

  @Override
  M copyValue(M map) {
    int kind = kind(map);
    Map<K, V> copy = make(kind, KINDS.get(kind).extraOf(objects(map)));
    map.forEach((k, v) -> copy.put(key.copy(k), value.copy(v)));
    return finished(kind, copy);
  }

  @Override
  int hashValue(M map) {
    throw new NotHashableException(typeName());
  }

  @SuppressWarnings("unchecked") // every kind is assignable to what is declared
  private M finished(int kind, Map<K, V> map) {
    return (M) (kind == IMMUTABLE_MAP ? Collections.unmodifiableMap(map) : map);
  }

  private int kind(M map) {
    if (declared == Map.class && CollectionSerializer.isImmutable(map)) {
      return IMMUTABLE_MAP;
    }
    // A view of a sorted map is declared as one where only its class is known.
    if (map instanceof TreeMap<?, ?> || declared == TreeMap.class) {
      boolean reverse = Orders.isReverse(((SortedMap<?, ?>) map).comparator());
      return reverse ? REVERSE_TREE_MAP : TREE_MAP;
    }
    if (map instanceof ConcurrentHashMap<?, ?>) {
      return CONCURRENT_HASH_MAP;
    }
    if (map.getClass() == HashMap.class
        || declared == HashMap.class && !(map instanceof LinkedHashMap<?, ?>)) {
      return HASH_MAP;
    }
    for (int i = FIRST_OF_OTHERS; i < KINDS.size(); i++) {
      Class<?> type = KINDS.get(i).type();
      if (type.isInstance(map) && declared.isAssignableFrom(type)) {
        return i;
      }
    }
    return LINKED_HASH_MAP;
  }

  @SuppressWarnings("unchecked") // a new map is one of anything
  private static <K, V> Map<K, V> make(int kind, Object extra) {
    return (Map<K, V>) KINDS.get(kind).make(extra);
  }

  @SuppressWarnings("unchecked") // only looked at
  private static Map<Object, Object> objects(Map<?, ?> map) {
    return (Map<Object, Object>) map;
  }
}
