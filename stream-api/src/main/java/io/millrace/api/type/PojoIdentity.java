package io.millrace.api.type;

import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/**
 * Whether the objects of a POJO are equal if, and only if, all their properties are, as far as it
 * can be found out: then what is computed from the properties is a hash of the object. Its own
 * {@code hashCode} is none, since it may be another in the next process, as that of an enum is.
 *
 * <p>Two objects are made and differ in one property after the other. An {@code equals} that does
 * not notice would make one key of objects that belong to several subtasks.
 *
 * @param constructor ()Object
 * @param setters each takes the bean and the property, both as Object
 */
record PojoIdentity(
    Class<?> type, MethodHandle constructor, List<Class<?>> declared, List<MethodHandle> setters) {

  private static final Map<Class<?>, List<Object>> SAMPLES =
      Map.ofEntries(
          Map.entry(boolean.class, List.of(false, true)),
          Map.entry(Boolean.class, List.of(false, true)),
          Map.entry(byte.class, List.of((byte) 1, (byte) 2)),
          Map.entry(Byte.class, List.of((byte) 1, (byte) 2)),
          Map.entry(short.class, List.of((short) 1, (short) 2)),
          Map.entry(Short.class, List.of((short) 1, (short) 2)),
          Map.entry(char.class, List.of('a', 'b')),
          Map.entry(Character.class, List.of('a', 'b')),
          Map.entry(int.class, List.of(1, 2)),
          Map.entry(Integer.class, List.of(1, 2)),
          Map.entry(long.class, List.of(1L, 2L)),
          Map.entry(Long.class, List.of(1L, 2L)),
          Map.entry(float.class, List.of(1f, 2f)),
          Map.entry(Float.class, List.of(1f, 2f)),
          Map.entry(double.class, List.of(1d, 2d)),
          Map.entry(Double.class, List.of(1d, 2d)),
          Map.entry(String.class, List.of("a", "b")),
          Map.entry(Instant.class, List.of(Instant.EPOCH, Instant.EPOCH.plusSeconds(1))),
          Map.entry(Duration.class, List.of(Duration.ZERO, Duration.ofSeconds(1))),
          Map.entry(LocalDate.class, List.of(LocalDate.EPOCH, LocalDate.EPOCH.plusDays(1))),
          Map.entry(List.class, List.of(List.of(), List.of(1))));

  boolean isOfAllProperties() {
    return overrides("equals", Object.class) && overrides("hashCode") && noticesAll();
  }

  private boolean overrides(String method, Class<?>... parameters) {
    try {
      return type.getMethod(method, parameters).getDeclaringClass() != Object.class;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  private boolean noticesAll() {
    Object one = filled();
    if (one == null || !equal(one, filled())) {
      // What its equals compares cannot be tried out; that it is there must do.
      return true;
    }
    for (int i = 0; i < setters.size(); i++) {
      List<Object> samples = samples(declared.get(i));
      Object other = filled();
      if (!samples.isEmpty() && set(other, i, samples.get(1)) && equal(one, other)) {
        return false;
      }
    }
    return true;
  }

  /** Null if the class makes none of samples. */
  private Object filled() {
    try {
      Object bean = (Object) constructor.invokeExact();
      for (int i = 0; i < setters.size(); i++) {
        List<Object> samples = samples(declared.get(i));
        if (!samples.isEmpty() && !set(bean, i, samples.get(0))) {
          return null;
        }
      }
      return bean;
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      return null;
    }
  }

  private boolean set(Object bean, int property, Object value) {
    try {
      setters.get(property).invokeExact(bean, value);
      return true;
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      return false;
    }
  }

  /** Also false if they cannot be compared. */
  private static boolean equal(Object one, Object other) {
    try {
      return one.equals(other);
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** Two that differ, or none. */
  private static List<Object> samples(Class<?> type) {
    if (type.isEnum()) {
      Object[] constants = type.getEnumConstants();
      return constants.length < 2 ? List.of() : List.of(constants[0], constants[1]);
    }
    return SAMPLES.getOrDefault(type, List.of());
  }
}
