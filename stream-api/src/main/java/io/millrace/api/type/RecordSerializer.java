package io.millrace.api.type;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

/** A record, component by component in the order of declaration. */
final class RecordSerializer<T> extends StructuredSerializer<T> implements Fields {
  private final List<Serializer<?>> parts;
  private final List<ShapeDrawing.Piece> pieces;
  private final MethodHandle constructor;
  private final List<Component> components;
  private final Object[] none;

  // Each is made at its first use, see Component; threads that do so at once make the same.
  private volatile MethodHandle[] writers;
  private volatile MethodHandle[] hashes;

  /** (Object[])Object */
  private volatile MethodHandle maker;

  /** (DataReader)Object */
  private volatile MethodHandle reader;

  /** (Object)Object */
  private volatile MethodHandle copier;

  RecordSerializer(String typeName, MethodHandle constructor, List<Component> components) {
    super(typeName);
    this.constructor = constructor;
    this.components = List.copyOf(components);
    parts = Component.serializers(components);
    pieces = Component.pieces(components);
    none = components.stream().map(one -> Fields.none(one.declared())).toArray();
  }

  /** Calls the constructor with what each handle makes of the one source, left to right. */
  private static MethodHandle constructing(
      MethodHandle constructor, List<MethodHandle> arguments, Class<?> source) {
    MethodHandle handle = constructor;
    // The filter that is added last runs first.
    for (int i = arguments.size() - 1; i >= 0; i--) {
      handle = MethodHandles.filterArguments(handle, i, arguments.get(i));
    }
    MethodType one = MethodType.methodType(constructor.type().returnType(), source);
    return MethodHandles.permuteArguments(handle, one, new int[arguments.size()])
        .asType(one.changeReturnType(Object.class));
  }

  @Override
  List<Serializer<?>> parts() {
    return parts;
  }

  @Override
  ShapeDrawing.Sketch sketch() {
    return new ShapeDrawing.Sketch(Shape.Kind.RECORD, typeName(), pieces);
  }

  @Override
  public List<ShapeDrawing.Piece> pieces() {
    return pieces;
  }

  @Override
  public Object make(Object[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] == ABSENT ? none[i] : values[i];
    }
    MethodHandle handle = maker;
    if (handle == null) {
      handle =
          constructor
              .asType(constructor.type().generic())
              .asSpreader(Object[].class, components.size());
      maker = handle;
    }
    try {
      return (Object) handle.invokeExact(values);
    } catch (Throwable e) {
      throw Component.refused(typeName(), e);
    }
  }

  @Override
  boolean frozen() {
    return true;
  }

  @Override
  boolean ordered() {
    return true;
  }

  @Override
  void writeValue(T value, DataWriter out) {
    MethodHandle[] handles = writers();
    try {
      ValueCode code = code();
      if (code != null) {
        code.write(value, out);
        return;
      }
      for (MethodHandle writer : handles) {
        writer.invokeExact((Object) value, out);
      }
    } catch (Throwable e) {
      throw Component.rethrown(e);
    }
  }

  @Override
  @SuppressWarnings("unchecked") // the constructor is that of T
  T readValue(DataReader in) {
    MethodHandle handle = reader();
    try {
      ValueCode code = code();
      return (T) (code == null ? (Object) handle.invokeExact(in) : code.read(in));
    } catch (Throwable e) {
      throw Component.refused(typeName(), e);
    }
  }

  @Override
  @SuppressWarnings("unchecked") // the constructor is that of T
  T copyValue(T value) {
    MethodHandle handle = copier();
    try {
      ValueCode code = code();
      return (T) (code == null ? (Object) handle.invokeExact((Object) value) : code.copy(value));
    } catch (Throwable e) {
      throw Component.rethrown(e);
    }
  }

  private MethodHandle[] writers() {
    MethodHandle[] handles = writers;
    if (handles == null) {
      handles = components.stream().map(Component::write).toArray(MethodHandle[]::new);
      writers = handles;
    }
    return handles;
  }

  private MethodHandle reader() {
    MethodHandle handle = reader;
    if (handle == null) {
      List<MethodHandle> arguments = components.stream().map(Component::read).toList();
      handle = constructing(constructor, arguments, DataReader.class);
      reader = handle;
    }
    return handle;
  }

  private MethodHandle copier() {
    MethodHandle handle = copier;
    if (handle == null) {
      List<MethodHandle> arguments = components.stream().map(Component::copy).toList();
      handle = constructing(constructor, arguments, Object.class);
      copier = handle;
    }
    return handle;
  }

  @Override
  ValueCode compiled() {
    List<MethodHandle> parts = components.stream().map(Component::copyOrSame).toList();
    MethodHandle nothing =
        MethodHandles.empty(MethodType.methodType(void.class, Object.class, DataWriter.class));
    return ValueCode.of(
        constructing(constructor, parts, Object.class),
        ValueCode.inTurn(List.of(writers()), nothing),
        reader());
  }

  @Override
  int hashValue(T value) {
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
