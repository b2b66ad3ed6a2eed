package io.millrace.api.type;

import java.io.Serializable;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Currency;
import java.util.Date;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which classes data may name: those of the job, which its loader finds, and of the JDK a fixed
 * list. A class is never initialised for having been named.
 */
final class AllowedClasses {
  static final String FOREIGN = "it is of a library of the platform, not of the job's jars";

  private static final int MAX_DIMENSIONS = 8;

  private static final Map<String, Class<?>> PRIMITIVE_CODES =
      Map.of(
          "Z", boolean.class,
          "B", byte.class,
          "S", short.class,
          "C", char.class,
          "I", int.class,
          "J", long.class,
          "F", float.class,
          "D", double.class);

  private static final List<String> REFUSED_PREFIXES =
      List.of("java.", "javax.", "jdk.", "sun.", "com.sun.");

  /** Classes of the JDK that hold data and that Kryo can write; ours know a few of them too. */
  private static final Map<String, Class<?>> JDK =
      Stream.<Class<?>>of(
              Boolean.class,
              Byte.class,
              Short.class,
              Character.class,
              Integer.class,
              Long.class,
              Float.class,
              Double.class,
              String.class,
              Object.class,
              StringBuilder.class,
              StringBuffer.class,
              BigInteger.class,
              BigDecimal.class,
              Instant.class,
              Duration.class,
              LocalDate.class,
              LocalTime.class,
              LocalDateTime.class,
              OffsetDateTime.class,
              OffsetTime.class,
              ZonedDateTime.class,
              ZoneOffset.class,
              Year.class,
              YearMonth.class,
              MonthDay.class,
              Period.class,
              DayOfWeek.class,
              Month.class,
              ChronoUnit.class,
              TimeUnit.class,
              UUID.class,
              Optional.class,
              OptionalInt.class,
              OptionalLong.class,
              OptionalDouble.class,
              Date.class,
              BitSet.class,
              Currency.class,
              Locale.class,
              URI.class,
              AtomicInteger.class,
              AtomicLong.class,
              AtomicBoolean.class,
              AtomicReference.class,
              List.class,
              ArrayList.class,
              LinkedList.class,
              Vector.class,
              CopyOnWriteArrayList.class,
              ArrayDeque.class,
              Set.class,
              HashSet.class,
              LinkedHashSet.class,
              TreeSet.class,
              Map.class,
              HashMap.class,
              LinkedHashMap.class,
              TreeMap.class,
              ConcurrentHashMap.class)
          .collect(Collectors.toUnmodifiableMap(Class::getName, type -> type));

  /** Open types of the JDK that may be declared: the value's own class decides. */
  private static final List<Class<?>> JDK_OPEN =
      List.of(
          Object.class,
          Number.class,
          Comparable.class,
          CharSequence.class,
          Serializable.class,
          Cloneable.class,
          Iterable.class,
          Collection.class,
          Queue.class,
          Deque.class,
          SortedSet.class,
          NavigableSet.class,
          SortedMap.class,
          NavigableMap.class,
          ConcurrentMap.class,
          Map.Entry.class,
          Enum.class,
          Record.class);

  private AllowedClasses() {}

  static boolean isJdk(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null || loader == ClassLoader.getPlatformClassLoader();
  }

  /** Whether it is a class of the JDK on the fixed list. */
  static boolean isListed(Class<?> type) {
    return JDK.get(type.getName()) == type;
  }

  /** Whether data may name the class, so that a reader will make something of it. */
  static boolean mayBeNamed(Class<?> type) {
    Class<?> element = type;
    while (element.isArray()) {
      element = element.getComponentType();
    }
    return element.isPrimitive() || !isJdk(element) || isListed(element);
  }

  /** Whether a field may be declared with this JDK type, of which others are subtypes. */
  static boolean isListedOpen(Class<?> type) {
    return JDK_OPEN.contains(type);
  }

  /**
   * Whether the class is of a library beside the engine, such as Hadoop's, though the job has a
   * loader of its own: data that somebody made up could set its fields as no code ever would.
   */
  static boolean isForeign(Class<?> type, ClassLoader loader) {
    ClassLoader engine = AllowedClasses.class.getClassLoader();
    Class<?> element = type;
    while (element.isArray()) {
      element = element.getComponentType();
    }
    return loader != null
        && loader != engine
        && element.getClassLoader() == engine
        && !element.getName().startsWith("io.millrace.");
  }

  /**
   * The class that data names.
   *
   * @throws NoSerializerException if data may not name it or the loader does not find it
   */
  static Class<?> named(String name, ClassLoader loader) {
    if (name == null || name.isEmpty()) {
      throw refused(String.valueOf(name), "it has no name");
    }
    if (name.startsWith("[")) {
      return array(name, loader);
    }
    Class<?> listed = JDK.get(name);
    if (listed != null) {
      return listed;
    }
    for (String prefix : REFUSED_PREFIXES) {
      if (name.startsWith(prefix)) {
        throw refused(name, "it is a class of the JDK that is not known to hold data");
      }
    }
    try {
      Class<?> found = Class.forName(name, false, loader);
      if (isJdk(found)) {
        throw refused(name, "it is a class of the JDK that is not known to hold data");
      }
      if (isForeign(found, loader)) {
        throw refused(name, FOREIGN);
      }
      return found;
    } catch (ClassNotFoundException | LinkageError e) {
      throw refused(name, "the job's class loader does not find it");
    }
  }

  private static Class<?> array(String name, ClassLoader loader) {
    int dimensions = 0;
    while (dimensions < name.length() && name.charAt(dimensions) == '[') {
      dimensions++;
    }
    String element = name.substring(dimensions);
    Class<?> type = PRIMITIVE_CODES.get(element);
    if (type == null) {
      if (!element.startsWith("L") || !element.endsWith(";") || element.startsWith("L[")) {
        throw refused(name, "it is not the name of an array class");
      }
      type = named(element.substring(1, element.length() - 1), loader);
    }
    if (dimensions > MAX_DIMENSIONS) {
      throw refused(name, "it has more than " + MAX_DIMENSIONS + " dimensions");
    }
    for (int i = 0; i < dimensions; i++) {
      type = Array.newInstance(type, 0).getClass();
    }
    return type;
  }

  private static NoSerializerException refused(String name, String reason) {
    return new NoSerializerException(
        name, "", reason, "only classes of the job and of a fixed list of the JDK are read");
  }
}
