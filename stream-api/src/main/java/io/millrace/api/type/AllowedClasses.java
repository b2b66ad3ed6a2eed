package io.millrace.api.type;

import java.lang.reflect.Array;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

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

  private AllowedClasses() {}

  static boolean isJdk(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null || loader == ClassLoader.getPlatformClassLoader();
  }

  /** Whether it is a class of the JDK on the fixed list. */
  static boolean isListed(Class<?> type) {
    return JdkClasses.LISTED.get(type.getName()) == type;
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
    return JdkClasses.OPEN.contains(type);
  }

  /** Whether whatever extends it has no state but its own. */
  static boolean isBare(Class<?> type) {
    return JdkClasses.BARE.contains(type);
  }

  /** The listed class that stands for one of the JDK that is not listed; itself if none does. */
  static Class<?> family(Class<?> type) {
    if (isListed(type) || type.isArray() || type.isPrimitive()) {
      return type;
    }
    for (Class<?> family : JdkClasses.FAMILIES) {
      if (family.isAssignableFrom(type)) {
        return family;
      }
    }
    // Views and immutable collections: classes that no program can name, only use as interfaces.
    if (!Modifier.isPublic(type.getModifiers()) && !Queue.class.isAssignableFrom(type)) {
      return ofView(type);
    }
    return type;
  }

  private static Class<?> ofView(Class<?> type) {
    if (Map.class.isAssignableFrom(type)) {
      return SortedMap.class.isAssignableFrom(type) ? TreeMap.class : Map.class;
    }
    if (Set.class.isAssignableFrom(type)) {
      return SortedSet.class.isAssignableFrom(type) ? TreeSet.class : Set.class;
    }
    return Collection.class.isAssignableFrom(type) ? List.class : type;
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
    return JobClassLoader.tellsApart(loader)
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
    Class<?> listed = JdkClasses.LISTED.get(name);
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

  /** As {@link #named}; int is found, too. */
  static Class<?> namedOrPrimitive(String name, ClassLoader loader) {
    for (Class<?> primitive : PRIMITIVE_CODES.values()) {
      if (primitive.getName().equals(name)) {
        return primitive;
      }
    }
    return void.class.getName().equals(name) ? void.class : named(name, loader);
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
