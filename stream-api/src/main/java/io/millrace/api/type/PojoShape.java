package io.millrace.api.type;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What reflection knows about a POJO: its public constructor without arguments and its properties
 * by name, each a public field or a private one with a public getter and setter.
 */
record PojoShape(MethodHandle constructor, List<Property> properties) {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  /**
   * A property.
   *
   * @param getter from the POJO to the declared type
   * @param setter from the POJO and the declared type to nothing
   */
  record Property(String name, Type type, MethodHandle getter, MethodHandle setter) {}

  /** The shape of the class, or null if it is no POJO. */
  static PojoShape of(Type type, Class<?> raw) {
    boolean inner = raw.isMemberClass() && !Modifier.isStatic(raw.getModifiers());
    if (inner || raw.isLocalClass() || raw.isAnonymousClass()) {
      return null;
    }
    try {
      Constructor<?> constructor = raw.getConstructor();
      constructor.setAccessible(true);
      Map<String, Property> properties = new TreeMap<>();
      for (Class<?> owner = raw; owner != Object.class; owner = owner.getSuperclass()) {
        if (AllowedClasses.isJdk(owner) || !addAll(type, owner, properties)) {
          return null;
        }
      }
      return new PojoShape(
          LOOKUP.unreflectConstructor(constructor), List.copyOf(properties.values()));
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      return null;
    }
  }

  private static boolean addAll(Type type, Class<?> owner, Map<String, Property> properties)
      throws ReflectiveOperationException {
    Map<TypeVariable<?>, Type> bindings = NormalTypes.bindings(NormalTypes.asSuper(type, owner));
    for (Field field : owner.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) || Modifier.isTransient(field.getModifiers())) {
        continue;
      }
      Property property = property(field, NormalTypes.normal(field.getGenericType(), bindings));
      if (property == null || properties.put(field.getName(), property) != null) {
        return false;
      }
    }
    return true;
  }

  private static Property property(Field field, Type type) throws ReflectiveOperationException {
    int modifiers = field.getModifiers();
    if (Modifier.isPublic(modifiers) && !Modifier.isFinal(modifiers)) {
      field.setAccessible(true);
      return new Property(
          field.getName(), type, LOOKUP.unreflectGetter(field), LOOKUP.unreflectSetter(field));
    }
    Class<?> owner = field.getDeclaringClass();
    String noun = Character.toUpperCase(field.getName().charAt(0)) + field.getName().substring(1);
    Method getter = accessor(owner, "get" + noun, field.getType());
    if (getter == null && field.getType() == boolean.class) {
      getter = accessor(owner, "is" + noun, field.getType());
    }
    Method setter = accessor(owner, "set" + noun, void.class, field.getType());
    if (getter == null || setter == null) {
      return null;
    }
    return new Property(
        field.getName(),
        type,
        LOOKUP.unreflect(getter),
        LOOKUP.unreflect(setter).asType(MethodType.methodType(void.class, owner, field.getType())));
  }

  private static Method accessor(
      Class<?> owner, String name, Class<?> returned, Class<?>... parameters) {
    try {
      Method method = owner.getMethod(name, parameters);
      // A setter may return the POJO itself, for chaining.
      boolean fits = returned == void.class || method.getReturnType() == returned;
      if (!fits || Modifier.isStatic(method.getModifiers())) {
        return null;
      }
      method.setAccessible(true);
      return method;
    } catch (NoSuchMethodException e) {
      return null;
    }
  }
}
