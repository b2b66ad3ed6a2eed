package io.millrace.api.type;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

/**
 * One component of a record or property of a POJO, as handles that move it between its owner and
 * the bytes without boxing a primitive.
 *
 * @param serializer of its type; a primitive's own, which does not say null, is not used for bytes
 * @param declared its type where it is declared
 * @param write (Object owner, DataWriter)void
 * @param read (DataReader)P, P being the declared type
 * @param copy (Object owner)P
 * @param hash (Object owner)int
 */
record Component(
    String name,
    Serializer<?> serializer,
    Class<?> declared,
    MethodHandle write,
    MethodHandle read,
    MethodHandle copy,
    MethodHandle hash) {

  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  /** The getter takes the owner and returns the declared type. */
  static Component of(String name, MethodHandle getter, Serializer<?> serializer) {
    Class<?> type = getter.type().returnType();
    return type.isPrimitive()
        ? ofPrimitive(name, getter, serializer)
        : ofReference(name, getter, serializer);
  }

  private static Component ofPrimitive(String name, MethodHandle getter, Serializer<?> serializer) {
    Class<?> type = getter.type().returnType();
    Class<?> owner = getter.type().parameterType(0);
    String noun = Character.toUpperCase(type.getName().charAt(0)) + type.getName().substring(1);
    // Only writeByte takes an int.
    Class<?> written = type == byte.class ? int.class : type;
    MethodHandle writer =
        virtual(DataWriter.class, "write" + noun, void.class, written)
            .asType(MethodType.methodType(void.class, DataWriter.class, type));
    MethodHandle write =
        MethodHandles.permuteArguments(
            MethodHandles.filterArguments(writer, 1, getter),
            MethodType.methodType(void.class, owner, DataWriter.class),
            1,
            0);
    MethodHandle read = virtual(DataReader.class, "read" + noun, type);
    MethodHandle hash = MethodHandles.filterReturnValue(getter, hashOf(type));
    return new Component(
        name,
        serializer,
        type,
        ownedByObject(write),
        read,
        ownedByObject(getter),
        ownedByObject(hash));
  }

  private static Component ofReference(String name, MethodHandle getter, Serializer<?> serializer) {
    Class<?> type = getter.type().returnType();
    MethodHandle plain = getter.asType(getter.type().changeReturnType(Object.class));
    MethodHandle writer =
        virtual(Serializer.class, "write", void.class, Object.class, DataWriter.class);
    MethodHandle write = MethodHandles.filterArguments(writer.bindTo(serializer), 0, plain);
    MethodHandle read =
        virtual(Serializer.class, "read", Object.class, DataReader.class)
            .bindTo(serializer)
            .asType(MethodType.methodType(type, DataReader.class));
    MethodHandle copier =
        virtual(Serializer.class, "copy", Object.class, Object.class).bindTo(serializer);
    MethodHandle copy = MethodHandles.filterReturnValue(plain, copier);
    MethodHandle hasher =
        virtual(Serializer.class, "hash", int.class, Object.class).bindTo(serializer);
    MethodHandle hash = MethodHandles.filterReturnValue(plain, hasher);
    return new Component(
        name,
        serializer,
        type,
        ownedByObject(write),
        read,
        ownedByObject(copy.asType(copy.type().changeReturnType(type))),
        ownedByObject(hash));
  }

  static List<Serializer<?>> serializers(List<Component> components) {
    return components.stream().<Serializer<?>>map(Component::serializer).toList();
  }

  static List<ShapeDrawing.Piece> pieces(List<Component> components) {
    return components.stream()
        .map(one -> new ShapeDrawing.Piece(one.name, one.serializer, one.declared))
        .toList();
  }

  private static MethodHandle ownedByObject(MethodHandle handle) {
    return handle.asType(handle.type().changeParameterType(0, Object.class));
  }

  private static MethodHandle hashOf(Class<?> primitive) {
    try {
      return LOOKUP.findStatic(Hash.class, "of", MethodType.methodType(int.class, primitive));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no hash of " + primitive, e);
    }
  }

  private static MethodHandle virtual(
      Class<?> owner, String name, Class<?> returned, Class<?>... parameters) {
    try {
      return LOOKUP.findVirtual(owner, name, MethodType.methodType(returned, parameters));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no method " + owner.getSimpleName() + "." + name, e);
    }
  }

  /** What a handle has thrown, as what may leave a serializer that writes, copies or hashes. */
  static RuntimeException rethrown(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException("an accessor threw " + thrown, thrown);
  }

  /** What a handle has thrown while reading: user code that refuses the data, or bad data. */
  static CorruptDataException refused(String typeName, Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof CorruptDataException corrupt
        ? corrupt
        : new CorruptDataException(
            "no " + typeName + " can be made of the data: " + thrown, thrown);
  }
}
