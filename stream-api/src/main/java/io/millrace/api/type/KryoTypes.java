package io.millrace.api.type;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which classes Kryo may write and read here. */
final class KryoTypes {
  private KryoTypes() {}

  /**
   * A class that a value was found to have.
   *
   * @throws NoSerializerException if it is not one of the job's, nor on the list of the JDK
   */
  static void check(Class<?> type, String path) {
    if (type.isPrimitive() || type.isArray()) {
      return;
    }
    if (type.isHidden() || type.isSynthetic() || Proxy.isProxyClass(type)) {
      throw refused(type, path, "it is a lambda or another class without a name");
    }
    if (AllowedClasses.isJdk(type)) {
      if (!AllowedClasses.isListed(type) && !type.isEnum()) {
        throw refused(type, path, "it is a class of the JDK that is not known to hold data");
      }
      return;
    }
    if (Collection.class.isAssignableFrom(type) || Map.class.isAssignableFrom(type)) {
      return;
    }
    Class<?> ancestor = type;
    while (ancestor != null && !AllowedClasses.isJdk(ancestor)) {
      ancestor = ancestor.getSuperclass();
    }
    if (ancestor != null && !AllowedClasses.isBare(ancestor)) {
      throw refused(type, path, "it extends " + ancestor.getName() + ", whose state is hidden");
    }
  }

  /** The same for the declared types of all fields, however deep, as far as they are decided. */
  static void checkFields(Class<?> type, String path) {
    checkFields(type, path, new HashSet<>());
  }

  private static void checkFields(Class<?> type, String path, Set<Class<?>> seen) {
    check(type, path);
    for (Class<?> owner = type;
        owner != null && !AllowedClasses.isJdk(owner) && seen.add(owner);
        owner = owner.getSuperclass()) {
      for (Field field : owner.getDeclaredFields()) {
        int modifiers = field.getModifiers();
        if (!Modifier.isStatic(modifiers) && !Modifier.isTransient(modifiers)) {
          String fieldPath = path.isEmpty() ? field.getName() : path + "." + field.getName();
          checkField(field.getType(), fieldPath, seen);
        }
      }
    }
  }

  private static void checkField(Class<?> declared, String path, Set<Class<?>> seen) {
    Class<?> type = declared;
    while (type.isArray()) {
      type = type.getComponentType();
    }
    if (type.isPrimitive() || AllowedClasses.isListedOpen(type)) {
      return;
    }
    if (AllowedClasses.isJdk(type) || !Modifier.isAbstract(type.getModifiers())) {
      checkFields(type, path, seen);
    }
  }

  private static NoSerializerException refused(Class<?> type, String path, String reason) {
    return new NoSerializerException(
        type.getName(),
        path,
        reason,
        "make the field transient, or keep the data it stands for in a type of your own");
  }
}
