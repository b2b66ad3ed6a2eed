package io.millrace.api.type;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An array of references; those of primitives are {@link PrimitiveArraySerializer}s. */
final class ArraySerializer<E> extends StructuredSerializer<E[]> {
  /** Lists grow beyond this only as elements really turn up. */
  static final int TRUSTED_CAPACITY = 1_024;

  private final Class<?> elementType;
  private final Serializer<E> element;

  ArraySerializer(Class<?> elementType, Serializer<E> element) {
    super(elementType.getTypeName() + "[]");
    this.elementType = elementType;
    this.element = element;
  }

  static int hash(byte[] bytes) {
    int hash = Hash.SEED;
    for (byte next : bytes) {
      hash = 31 * hash + next;
    }
    return Hash.mix(hash);
  }

  @Override
  List<Serializer<?>> parts() {
    return List.of(element);
  }

  @Override
  ShapeDrawing.Sketch sketch() {
    return ShapeDrawing.Sketch.of(
        Shape.Kind.CONTAINER, typeName(), new ShapeDrawing.Piece("element", element));
  }

  @Override
  @SuppressWarnings("unchecked") // read as what they are read as now
  Serializer<?> of(List<Serializer<?>> parts) {
    return new ArraySerializer<>(elementType, (Serializer<E>) parts.get(0));
  }

  @Override
  boolean frozen() {
    return false;
  }

  @Override
  boolean ordered() {
    return false; // two arrays of the same content are not equal: no key is ever found again
  }

  @Override
  void writeValue(E[] value, DataWriter out) {
    out.writeVarInt(value.length);
    for (E next : value) {
      element.write(next, out);
    }
  }

  @Override
  E[] readValue(DataReader in) {
    int length = in.readCount();
    List<E> elements = new ArrayList<>(Math.min(length, TRUSTED_CAPACITY));
    for (int i = 0; i < length; i++) {
      elements.add(element.read(in));
    }
    try {
      return elements.toArray(array(0));
    } catch (ArrayStoreException e) {
      throw new CorruptDataException("an element of the wrong type in " + typeName(), e);
    }
  }

  @Override
  E[] copyValue(E[] value) {
    if (element.immutable()) {
      return value.clone();
    }
    E[] copy = Arrays.copyOf(value, value.length);
    for (int i = 0; i < copy.length; i++) {
      copy[i] = element.copy(copy[i]);
    }
    return copy;
  }

  @Override
  int hashValue(E[] value) {
    throw new NotHashableException(typeName());
  }

  @SuppressWarnings("unchecked") // elementType is the class of E
  private E[] array(int length) {
    return (E[]) Array.newInstance(elementType, length);
  }
}
