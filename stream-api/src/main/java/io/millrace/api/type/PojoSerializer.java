package io.millrace.api.type;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;

/**
 * An object with a public constructor without arguments, property by property in the order of their
 * names. A value of a subclass is marked and written as a dynamic one.
 */
final class PojoSerializer<T> extends StructuredSerializer<T> implements Fields {
  static final int SUBCLASS = 2;

  private static final int EXACT = 1;

  private final Class<?> type;
  private final DynamicSerializer dynamic;
  private final Reading subclass;
  private final List<Serializer<?>> parts;
  private final List<ShapeDrawing.Piece> pieces;

  private final List<Component> components;
  private final List<MethodHandle> setters;

  /** ()Object */
  private final MethodHandle constructor;

  private final MethodHandle[] writers;

  /** (Object bean, DataReader)void */
  private final MethodHandle[] readers;

  /** (Object bean, Object value)void */
  private final MethodHandle[] plainSetters;

  /** (Object target, Object source)void */
  private final MethodHandle[] copiers;

  // Both are made at first use; a race makes the same.
  private volatile MethodHandle[] hashes;
  private volatile Boolean identified;

  /** Each setter takes the bean and the declared type of the component at the same place. */
  PojoSerializer(
      Class<?> type,
      MethodHandle constructor,
      List<Component> components,
      List<MethodHandle> setters,
      DynamicSerializer dynamic) {
    super(type.getName());
    this.type = type;
    this.dynamic = dynamic;
    this.subclass = dynamic::read;
    this.components = List.copyOf(components);
    this.setters = List.copyOf(setters);
    this.constructor = constructor.asType(MethodType.methodType(Object.class));
    parts = new ArrayList<>(Component.serializers(components));
    parts.add(dynamic);
    pieces = Component.pieces(components);
    writers = components.stream().map(Component::write).toArray(MethodHandle[]::new);
    readers = new MethodHandle[writers.length];
    copiers = new MethodHandle[writers.length];
    plainSetters = new MethodHandle[writers.length];
    for (int i = 0; i < writers.length; i++) {
      MethodHandle setter = setters.get(i);
      readers[i] =
          MethodHandles.filterArguments(setter, 1, components.get(i).read())
              .asType(MethodType.methodType(void.class, Object.class, DataReader.class));
      plainSetters[i] =
          setter.asType(MethodType.methodType(void.class, Object.class, Object.class));
      copiers[i] = moving(setter, components.get(i).copy());
    }
  }

  /** (Object target, Object source)void */
  private static MethodHandle moving(MethodHandle setter, MethodHandle value) {
    return MethodHandles.filterArguments(setter, 1, value)
        .asType(MethodType.methodType(void.class, Object.class, Object.class));
  }

  @Override
  List<Serializer<?>> parts() {
    return parts;
  }

  @Override
  ShapeDrawing.Sketch sketch() {
    return new ShapeDrawing.Sketch(Shape.Kind.POJO, typeName(), pieces);
  }

  @Override
  public List<ShapeDrawing.Piece> pieces() {
    return pieces;
  }

  /** What was not written stays as the constructor leaves it. */
  @Override
  public Object make(Object[] values) {
    try {
      Object bean = (Object) constructor.invokeExact();
      for (int i = 0; i < values.length; i++) {
        if (values[i] != ABSENT) {
          plainSetters[i].invokeExact(bean, values[i]);
        }
      }
      return bean;
    } catch (Throwable e) {
      throw Component.refused(typeName(), e);
    }
  }

  DynamicSerializer dynamic() {
    return dynamic;
  }

  @Override
  boolean frozen() {
    return false;
  }

  @Override
  boolean ordered() {
    Boolean known = identified;
    if (known == null) {
      List<Class<?>> declared = components.stream().<Class<?>>map(Component::declared).toList();
      known =
          new PojoIdentity(type, constructor, declared, List.of(plainSetters)).isOfAllProperties();
      identified = known;
    }
    return known;
  }

  @Override
  public void write(T value, DataWriter out) {
    if (value == null) {
      out.writeByte(0);
    } else if (value.getClass() == type) {
      out.writeByte(EXACT);
      writePresent(value, out);
    } else {
      out.writeByte(SUBCLASS);
      dynamic.write(value, out);
    }
  }

  @Override
  @SuppressWarnings("unchecked") // checked against the class
  public T read(DataReader in) {
    byte marker = in.readByte();
    switch (marker) {
      case 0:
        return null;
      case EXACT:
        return readPresent(in);
      case SUBCLASS:
        return (T) readSubclass(in, subclass);
      default:
        throw new CorruptDataException(
            "expected the marker of a " + typeName() + " (0 to 2), found " + marker);
    }
  }

  /** What stands behind the mark of a subclass. */
  Object readSubclass(DataReader in, Reading reading) {
    in.enter();
    Object value = reading.read(in);
    in.leave();
    if (!type.isInstance(value) || value.getClass() == type) {
      throw new CorruptDataException("expected a subclass of " + typeName() + ", found " + value);
    }
    return value;
  }

  @Override
  void writeValue(T value, DataWriter out) {
    try {
      ValueCode code = code();
      if (code != null) {
        code.write(value, out);
        return;
      }
      for (MethodHandle writer : writers) {
        writer.invokeExact((Object) value, out);
      }
    } catch (Throwable e) {
      throw Component.rethrown(e);
    }
  }

  @Override
  @SuppressWarnings("unchecked") // the constructor is that of T
  T readValue(DataReader in) {
    try {
      ValueCode code = code();
      if (code != null) {
        return (T) code.read(in);
      }
      Object bean = (Object) constructor.invokeExact();
      for (MethodHandle reader : readers) {
        reader.invokeExact(bean, in);
      }
      return (T) bean;
    } catch (Throwable e) {
      throw Component.refused(typeName(), e);
    }
  }

  @Override
  @SuppressWarnings("unchecked") // a copy has the class of the original
  T copyValue(T value) {
    if (value.getClass() != type) {
      return (T) dynamic.copy(value);
    }
    try {
      ValueCode code = code();
      if (code != null) {
        return (T) code.copy(value);
      }
      Object bean = (Object) constructor.invokeExact();
      for (MethodHandle each : copiers) {
        each.invokeExact(bean, (Object) value);
      }
      return (T) bean;
    } catch (Throwable e) {
      throw Component.rethrown(e);
    }
  }

  @Override
  ValueCode compiled() {
    MethodHandle bean = MethodHandles.identity(Object.class);
    var moves = new ArrayList<MethodHandle>();
    for (int i = 0; i < components.size(); i++) {
      moves.add(moving(setters.get(i), components.get(i).copyOrSame()));
    }
    MethodHandle copying =
        ValueCode.inTurn(moves, MethodHandles.dropArguments(bean, 1, Object.class));
    MethodHandle reading =
        ValueCode.inTurn(List.of(readers), MethodHandles.dropArguments(bean, 1, DataReader.class));
    return ValueCode.of(
        MethodHandles.foldArguments(
            copying, MethodHandles.dropArguments(constructor, 0, Object.class)),
        ValueCode.inTurn(
            List.of(writers),
            MethodHandles.empty(MethodType.methodType(void.class, Object.class, DataWriter.class))),
        MethodHandles.foldArguments(
            reading, MethodHandles.dropArguments(constructor, 0, DataReader.class)));
  }

  @Override
  int hashValue(T value) {
    if (value.getClass() != type) {
      return dynamic.hash(value);
    }
    MethodHandle[] handles = hashes;
    if (handles == null) {
      handles = components.stream().map(Component::hash).toArray(MethodHandle[]::new);
      hashes = handles;
    }
    int result = Hash.SEED;
    try {
      for (MethodHandle hash : handles) {
        result = Hash.combine(result, (int) hash.invokeExact((Object) value));
      }
    } catch (Throwable e) {
      throw Component.rethrown(e);
    }
    return result;
  }
}
