package io.millrace.api.type;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.Stack;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A class of collections or maps of the JDK that comes back as what it was.
 *
 * @param extra what a new one must be given besides its elements: an order, a capacity, the type of
 *     its constants; null where no value of the kind has such a thing. Of a value it answers null
 *     for what is usual, of which nothing is written
 * @param making an empty one, given the extra
 */
record ContainerKind<C>(Class<?> type, Function<C, Object> extra, Function<Object, C> making) {
  /** The place in this list is the kind in the data: append only. */
  static final List<ContainerKind<Collection<Object>>> COLLECTIONS =
      List.of(
          collection(ArrayList.class, ArrayList::new),
          collection(LinkedList.class, LinkedList::new),
          collection(List.class, ArrayList::new),
          collection(HashSet.class, HashSet::new),
          collection(LinkedHashSet.class, LinkedHashSet::new),
          sorted(TreeSet.class, extra -> new TreeSet<>(Orders.of(extra))),
          collection(TreeSet.class, () -> new TreeSet<>(Collections.reverseOrder())),
          collection(Set.class, LinkedHashSet::new),
          collection(Vector.class, Vector::new),
          collection(CopyOnWriteArrayList.class, CopyOnWriteArrayList::new),
          collection(ArrayDeque.class, ArrayDeque::new),
          collection(Stack.class, Stack::new),
          collection(CopyOnWriteArraySet.class, CopyOnWriteArraySet::new),
          collection(ConcurrentHashMap.KeySetView.class, ConcurrentHashMap::newKeySet),
          collection(ConcurrentLinkedQueue.class, ConcurrentLinkedQueue::new),
          collection(ConcurrentLinkedDeque.class, ConcurrentLinkedDeque::new),
          collection(LinkedTransferQueue.class, LinkedTransferQueue::new),
          sorted(
              ConcurrentSkipListSet.class, extra -> new ConcurrentSkipListSet<>(Orders.of(extra))),
          collection(
              PriorityQueue.class,
              queue ->
                  Orders.written(
                      ((PriorityQueue<?>) queue).comparator(), name(PriorityQueue.class)),
              extra -> new PriorityQueue<>(Orders.of(extra))),
          collection(
              PriorityBlockingQueue.class,
              queue ->
                  Orders.written(
                      ((PriorityBlockingQueue<?>) queue).comparator(),
                      name(PriorityBlockingQueue.class)),
              extra -> new PriorityBlockingQueue<>(11, Orders.of(extra))),
          collection(
              LinkedBlockingQueue.class,
              queue -> capacity(queue.size(), ((LinkedBlockingQueue<?>) queue).remainingCapacity()),
              extra -> new LinkedBlockingQueue<>(capacity(extra))),
          collection(
              LinkedBlockingDeque.class,
              queue -> capacity(queue.size(), ((LinkedBlockingDeque<?>) queue).remainingCapacity()),
              extra -> new LinkedBlockingDeque<>(capacity(extra))),
          collection(
              EnumSet.class,
              set -> EnumTypes.ofConstants((EnumSet<?>) (Collection<?>) set),
              EnumTypes::emptySet));

  /** The place in this list is the kind in the data: append only. */
  static final List<ContainerKind<Map<Object, Object>>> MAPS =
      List.of(
          map(HashMap.class, HashMap::new),
          map(LinkedHashMap.class, LinkedHashMap::new),
          sortedMap(TreeMap.class, extra -> new TreeMap<>(Orders.of(extra))),
          map(TreeMap.class, () -> new TreeMap<>(Collections.reverseOrder())),
          map(Map.class, LinkedHashMap::new),
          map(ConcurrentHashMap.class, ConcurrentHashMap::new),
          new ContainerKind<>(
              Properties.class, map -> defaults((Properties) (Map<?, ?>) map), ContainerKind::of),
          map(Hashtable.class, Hashtable::new),
          sortedMap(
              ConcurrentSkipListMap.class, extra -> new ConcurrentSkipListMap<>(Orders.of(extra))),
          new ContainerKind<>(
              EnumMap.class,
              map -> EnumTypes.ofKeys((EnumMap<?, ?>) (Map<?, ?>) map),
              EnumTypes::emptyMap));

  /** The one that new collections of exactly that class have; null if there is none. */
  static ContainerKind<Collection<Object>> ofCollection(Class<?> type) {
    return first(COLLECTIONS, type);
  }

  static ContainerKind<Map<Object, Object>> ofMap(Class<?> type) {
    return first(MAPS, type);
  }

  private static <C> ContainerKind<C> first(List<ContainerKind<C>> kinds, Class<?> type) {
    return kinds.stream().filter(kind -> kind.type == type).findFirst().orElse(null);
  }

  /** What is written of it besides its elements; null if that is nothing. */
  Object extraOf(C value) {
    return extra == null ? null : extra.apply(value);
  }

  /**
   * An empty one.
   *
   * @param read as {@link #extraOf} has answered, or whatever data says
   */
  C make(Object read) {
    if (read != null && extra == null) {
      throw new CorruptDataException("a " + type.getName() + " is given something to begin with");
    }
    return making.apply(read);
  }

  private static ContainerKind<Collection<Object>> collection(
      Class<?> type, Supplier<Collection<Object>> maker) {
    return new ContainerKind<>(type, null, extra -> maker.get());
  }

  private static ContainerKind<Collection<Object>> collection(
      Class<?> type,
      Function<Collection<Object>, Object> extra,
      Function<Object, Collection<Object>> making) {
    return new ContainerKind<>(type, extra, making);
  }

  private static ContainerKind<Collection<Object>> sorted(
      Class<?> type, Function<Object, Collection<Object>> making) {
    return new ContainerKind<>(
        type, set -> Orders.written(((SortedSet<?>) set).comparator(), name(type)), making);
  }

  private static ContainerKind<Map<Object, Object>> map(
      Class<?> type, Supplier<Map<Object, Object>> maker) {
    return new ContainerKind<>(type, null, extra -> maker.get());
  }

  private static ContainerKind<Map<Object, Object>> sortedMap(
      Class<?> type, Function<Object, Map<Object, Object>> making) {
    return new ContainerKind<>(
        type, map -> Orders.written(((SortedMap<?, ?>) map).comparator(), name(type)), making);
  }

  private static String name(Class<?> type) {
    return type.getName();
  }

  private static Integer capacity(int used, int left) {
    int capacity = used + left;
    return capacity == Integer.MAX_VALUE ? null : capacity;
  }

  /** A number only: these queues take memory for what is in them. */
  private static int capacity(Object extra) {
    return extra == null ? Integer.MAX_VALUE : (Integer) extra;
  }

  /** What one answers though it does not hold it. */
  private static Object defaults(Properties properties) {
    var defaults = new HashMap<String, String>();
    for (String name : properties.stringPropertyNames()) {
      if (!properties.containsKey(name)) {
        defaults.put(name, properties.getProperty(name));
      }
    }
    return defaults.isEmpty() ? null : defaults;
  }

  private static Properties of(Object read) {
    if (read == null) {
      return new Properties();
    }
    var defaults = new Properties();
    defaults.putAll((Map<?, ?>) read);
    return new Properties(defaults);
  }
}
