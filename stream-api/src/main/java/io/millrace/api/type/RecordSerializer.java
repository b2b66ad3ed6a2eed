package io.millrace.api.type;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

/** A record, component by component in the order of declaration. */
final class RecordSerializer<T> extends StructuredSerializer<T> implements Fields {
  private final List<Serializer<?>> parts;
  private final List<ShapeDrawing.Piece> pieces;
  private final MethodHandle[] writers;
  private final MethodHandle[] hashes;

  /** (Object[])Object */
  private final MethodHandle maker;

  private final Object[] none;

  /** (DataReader)Object */
  private final MethodHandle reader;

  /** (Object)Object */
  private final MethodHandle copier;

  RecordSerializer(String typeName, MethodHandle constructor, List<Component> components) {
    super(typeName);
    parts = Component.serializers(components);
    pieces = Component.pieces(components);
    writers = components.stream().map(Component::write).toArray(MethodHandle[]::new);
    hashes = components.stream().map(Component::hash).toArray(MethodHandle[]::new);
    reader =
        constructing(
            constructor, components.stream().map(Component::read).toList(), DataReader.class);
    maker =
        constructor
            .asType(constructor.type().generic())
            .asSpreader(Object[].class, components.size());
    none = components.stream().map(one -> Fields.none(one.declared())).toArray();
    copier =
        constructing(constructor, components.stream().map(Component::copy).toList(), Object.class);
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
    try {
      return (Object) maker.invokeExact(values);
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
    try {
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
      return (T) (Object) reader.invokeExact(in);
    } catch (Throwable e) {
      throw Component.refused(typeName(), e);
    }
  }

  @Override
  @SuppressWarnings("unchecked") // the constructor is that of T
  T copyValue(T value) {
    try {
      return (T) (Object) copier.invokeExact((Object) value);
    } catch (Throwable e) {
      throw Component.rethrown(e);
    }
  }

  @Override
  int hashValue(T value) {
    int result = Hash.SEED;
    try {
      for (MethodHandle hash : hashes) {
        result = Hash.combine(result, (int) hash.invokeExact((Object) value));
      }
    } catch (Throwable e) {
      throw Component.rethrown(e);
    }
    return result;
  }
}
