package io.millrace.api.type;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

/**
 * One component of a record or property of a POJO, and the handles that move it between its owner
 * and the bytes without boxing a primitive.
 *
 * <p>A handle costs the JVM classes of its own, and a process has hundreds of record types, most of
 * which it never meets: handles are made when they are asked for, and kept by whoever asks.
 *
 * @param getter takes the owner and returns the declared type
 * @param serializer of that type; a primitive's own, which does not say null, is not used for bytes
 */
record Component(String name, MethodHandle getter, Serializer<?> serializer) {

  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  /** Its type where it is declared. */
  Class<?> declared() {
    return getter.type().returnType();
  }

  /** (Object owner, DataWriter)void */
  MethodHandle write() {
    if (!declared().isPrimitive()) {
      MethodHandle writer =
          virtual(Serializer.class, "write", void.class, Object.class, DataWriter.class);
      return ownedByObject(
          MethodHandles.filterArguments(writer.bindTo(serializer), 0, untypedGetter()));
    }
    Class<?> type = declared();
    // Only writeByte takes an int.
    Class<?> written = type == byte.class ? int.class : type;
    MethodHandle writer =
        virtual(DataWriter.class, "write" + noun(), void.class, written)
            .asType(MethodType.methodType(void.class, DataWriter.class, type));
    return ownedByObject(
        MethodHandles.permuteArguments(
            MethodHandles.filterArguments(writer, 1, getter),
            MethodType.methodType(void.class, getter.type().parameterType(0), DataWriter.class),
            1,
            0));
  }

  /** (DataReader)P, P being the declared type. */
  MethodHandle read() {
    return declared().isPrimitive()
        ? virtual(DataReader.class, "read" + noun(), declared())
        : virtual(Serializer.class, "read", Object.class, DataReader.class)
            .bindTo(serializer)
            .asType(MethodType.methodType(declared(), DataReader.class));
  }

  /** (Object owner)P */
  MethodHandle copy() {
    if (declared().isPrimitive()) {
      return ownedByObject(getter);
    }
    MethodHandle copier =
        virtual(Serializer.class, "copy", Object.class, Object.class).bindTo(serializer);
    MethodHandle copy = MethodHandles.filterReturnValue(untypedGetter(), copier);
    return ownedByObject(copy.asType(copy.type().changeReturnType(declared())));
  }

  /**
   * As {@link #copy}, for code that is made when the types of all components are known: what is
   * immutable is handed on without asking anybody.
   */
  MethodHandle copyOrSame() {
    return serializer.immutable() ? ownedByObject(getter) : copy();
  }

  /** (Object owner)int */
  MethodHandle hash() {
    if (declared().isPrimitive()) {
      return ownedByObject(MethodHandles.filterReturnValue(getter, hashOf(declared())));
    }
    MethodHandle hasher =
        virtual(Serializer.class, "hash", int.class, Object.class).bindTo(serializer);
    return ownedByObject(MethodHandles.filterReturnValue(untypedGetter(), hasher));
  }

  /** As DataWriter and DataReader name the primitive: Int, Long ... */
  private String noun() {
    String type = declared().getName();
    return Character.toUpperCase(type.charAt(0)) + type.substring(1);
  }

  private MethodHandle untypedGetter() {
    return getter.asType(getter.type().changeReturnType(Object.class));
  }

  static List<Serializer<?>> serializers(List<Component> components) {
    return components.stream().<Serializer<?>>map(Component::serializer).toList();
  }

  static List<ShapeDrawing.Piece> pieces(List<Component> components) {
    return components.stream()
        .map(one -> new ShapeDrawing.Piece(one.name, one.serializer, one.declared()))
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
