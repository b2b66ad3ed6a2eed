package io.millrace.api.graph;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.IdentityHashMap;

/** A function holds something that cannot be sent to the cluster; the message names the field. */
public final class NotSerializableCodeException extends RuntimeException {
  private static final int MAX_PATH = 20;

  private NotSerializableCodeException(String message, Throwable cause) {
    super(message, cause);
  }

  static NotSerializableCodeException explain(String what, Object root, Throwable cause) {
    String path = culprit(root, nameOf(root.getClass()), new IdentityHashMap<>());
    return new NotSerializableCodeException(
        what
            + " cannot be sent to the cluster: "
            + (path == null ? cause.getMessage() : path)
            + " is not serializable; make it transient, static or local to the function, or let its"
            + " class implement java.io.Serializable",
        cause);
  }

  /** Not the simple name: an anonymous class has none, and that of a lambda says nothing. */
  private static String nameOf(Class<?> type) {
    String name = type.getName();
    int lambda = name.indexOf("$$Lambda");
    String known = lambda < 0 ? name : name.substring(0, lambda) + "::lambda";
    return known.substring(known.lastIndexOf('.') + 1);
  }

  /** The path to the first object that cannot be written, {@code null} if none is found. */
  private static String culprit(Object object, String path, IdentityHashMap<Object, Boolean> seen) {
    if (object == null || seen.put(object, true) != null || writable(object)) {
      return null;
    }
    if (!(object instanceof Serializable)) {
      return path + " (" + object.getClass().getName() + ")";
    }
    if (path.length() < MAX_PATH * 40) {
      for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
        for (Field field : type.getDeclaredFields()) {
          String found = culprit(valueOf(field, object), path + "." + field.getName(), seen);
          if (found != null) {
            return found;
          }
        }
      }
    }
    return path + " (" + object.getClass().getName() + ")";
  }

  private static Object valueOf(Field field, Object object) {
    int flags = field.getModifiers();
    if (Modifier.isStatic(flags) || Modifier.isTransient(flags) || field.getType().isPrimitive()) {
      return null;
    }
    try {
      field.setAccessible(true);
      return field.get(object);
    } catch (IllegalAccessException | InaccessibleObjectException e) {
      return null; // a class of the JDK: the path ends at the field that holds it
    }
  }

  private static boolean writable(Object object) {
    try (var out = new UserCodeOutput(new ByteArrayOutputStream())) {
      out.writeObject(object);
      return true;
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }
}
