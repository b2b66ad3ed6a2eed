package io.millrace.api.operator;

import io.millrace.api.tuple.Tuple;
import io.millrace.api.type.TypeInformation;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads and replaces one field of records of one class. */
abstract sealed class FieldAccess {
  /** Names a record that is a plain value itself. */
  static final String WHOLE = "*";

  /** The declared class of the field, wrapped if primitive; Object where it is not known. */
  abstract Class<?> type();

  /** The same in records of that type, of which more may be known than the class says. */
  Class<?> typeIn(TypeInformation<?> records) {
    return type();
  }

  abstract Object get(Object owner) throws Exception;

  /** The owner with another value in the field: itself, changed, if it can be changed. */
  abstract Object with(Object owner, Object value) throws Exception;

  /**
   * @throws IllegalArgumentException naming the fields there are
   */
  static FieldAccess of(Class<?> owner, String field) {
    if (Tuple.class.isAssignableFrom(owner)) {
      return ofTuple(owner, field);
    }
    if (Number.class.isAssignableFrom(owner) || Comparable.class.isAssignableFrom(owner)) {
      if (field.equals(WHOLE) || field.equals("0")) {
        return new Whole(owner);
      }
    }
    return owner.isRecord() ? ofRecord(owner, field) : ofPojo(owner, field);
  }

  private static FieldAccess ofTuple(Class<?> owner, String field) {
    int arity = owner.getTypeParameters().length;
    String digits = field.startsWith("f") ? field.substring(1) : field;
    // Tuple itself has no type parameters: then only the records know how many fields there are.
    if (digits.matches("[0-9]{1,2}") && (arity == 0 || Integer.parseInt(digits) < arity)) {
      return new Position(Integer.parseInt(digits));
    }
    throw unknown(
        owner, field, "positions 0 to " + (arity - 1) + " or names f0 to f" + (arity - 1));
  }

  private static FieldAccess ofRecord(Class<?> owner, String field) {
    RecordComponent[] components = owner.getRecordComponents();
    for (int i = 0; i < components.length; i++) {
      if (components[i].getName().equals(field)) {
        return new OfRecord(components, i, canonical(owner, components));
      }
    }
    throw unknown(
        owner,
        field,
        String.join(", ", Arrays.stream(components).map(RecordComponent::getName).toList()));
  }

  private static Constructor<?> canonical(Class<?> owner, RecordComponent[] components) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = owner.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor;
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("a record without canonical constructor: " + owner, e);
    }
  }

  private static FieldAccess ofPojo(Class<?> owner, String field) {
    Map<String, FieldAccess> found = new TreeMap<>();
    for (Field each : owner.getFields()) {
      if (!Modifier.isStatic(each.getModifiers()) && !Modifier.isFinal(each.getModifiers())) {
        found.put(each.getName(), new OfField(each));
      }
    }
    for (Method getter : owner.getMethods()) {
      String name = propertyOf(getter);
      if (name != null && !found.containsKey(name)) {
        try {
          Method setter = owner.getMethod("set" + capital(name), getter.getReturnType());
          found.put(name, new Property(getter, setter));
        } catch (NoSuchMethodException e) {
          continue; // can be read but not replaced
        }
      }
    }
    FieldAccess access = found.get(field);
    if (access == null) {
      throw unknown(owner, field, found.isEmpty() ? "none" : String.join(", ", found.keySet()));
    }
    return access;
  }

  private static String propertyOf(Method getter) {
    String name = getter.getName();
    boolean reads =
        name.startsWith("get")
            && name.length() > 3
            && getter.getParameterCount() == 0
            && !Modifier.isStatic(getter.getModifiers());
    return reads ? Character.toLowerCase(name.charAt(3)) + name.substring(4) : null;
  }

  private static String capital(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }

  private static Class<?> wrapped(Class<?> type) {
    return MethodType.methodType(type).wrap().returnType();
  }

  private static IllegalArgumentException unknown(Class<?> owner, String field, String fields) {
    return new IllegalArgumentException(
        owner.getName()
            + " has no field '"
            + field
            + "' that can be read and replaced; it has: "
            + fields);
  }

  private static final class Whole extends FieldAccess {
    private final Class<?> type;

    Whole(Class<?> type) {
      this.type = type;
    }

    @Override
    Class<?> type() {
      return type;
    }

    @Override
    Object get(Object owner) {
      return owner;
    }

    @Override
    Object with(Object owner, Object value) {
      return value;
    }
  }

  private static final class Position extends FieldAccess {
    private final int position;

    Position(int position) {
      this.position = position;
    }

    @Override
    Class<?> type() {
      return Object.class;
    }

    @Override
    Class<?> typeIn(TypeInformation<?> records) {
      List<TypeInformation<?>> fields = records.arguments();
      return position < fields.size() ? fields.get(position).getTypeClass() : type();
    }

    @Override
    Object get(Object owner) {
      return ((Tuple) owner).<Object>getField(position);
    }

    @Override
    Object with(Object owner, Object value) {
      ((Tuple) owner).setField(value, position);
      return owner;
    }
  }

  private static final class OfRecord extends FieldAccess {
    private final RecordComponent[] components;
    private final int index;
    private final Constructor<?> constructor;

    OfRecord(RecordComponent[] components, int index, Constructor<?> constructor) {
      this.components = components;
      this.index = index;
      this.constructor = constructor;
      for (RecordComponent component : components) {
        component.getAccessor().setAccessible(true);
      }
    }

    @Override
    Class<?> type() {
      return wrapped(components[index].getType());
    }

    @Override
    Object get(Object owner) throws ReflectiveOperationException {
      return components[index].getAccessor().invoke(owner);
    }

    @Override
    Object with(Object owner, Object value) throws ReflectiveOperationException {
      Object[] arguments = new Object[components.length];
      for (int i = 0; i < components.length; i++) {
        arguments[i] = i == index ? value : components[i].getAccessor().invoke(owner);
      }
      return constructor.newInstance(arguments);
    }
  }

  private static final class OfField extends FieldAccess {
    private final Field field;

    OfField(Field field) {
      this.field = field;
      field.setAccessible(true);
    }

    @Override
    Class<?> type() {
      return wrapped(field.getType());
    }

    @Override
    Object get(Object owner) throws ReflectiveOperationException {
      return field.get(owner);
    }

    @Override
    Object with(Object owner, Object value) throws ReflectiveOperationException {
      field.set(owner, value);
      return owner;
    }
  }

  private static final class Property extends FieldAccess {
    private final Method getter;
    private final Method setter;

    Property(Method getter, Method setter) {
      this.getter = getter;
      this.setter = setter;
      getter.setAccessible(true);
      setter.setAccessible(true);
    }

    @Override
    Class<?> type() {
      return wrapped(getter.getReturnType());
    }

    @Override
    Object get(Object owner) throws ReflectiveOperationException {
      return getter.invoke(owner);
    }

    @Override
    Object with(Object owner, Object value) throws ReflectiveOperationException {
      setter.invoke(owner, value);
      return owner;
    }
  }
}
