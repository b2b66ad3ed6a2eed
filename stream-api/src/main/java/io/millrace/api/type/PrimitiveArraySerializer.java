package io.millrace.api.type;

import java.lang.reflect.Array;
import java.util.List;
import java.util.Map;

/** An array of primitives: its length and the plain values. */
final class PrimitiveArraySerializer<A> extends StructuredSerializer<A> {
  private static final Map<Class<?>, Layout<?>> LAYOUTS =
      Map.of(
          boolean[].class,
          new Layout<>(
              1,
              boolean[]::new,
              (a, i, out) -> out.writeBoolean(a[i]),
              (a, i, in) -> a[i] = in.readBoolean()),
          byte[].class,
          new Layout<>(
              1,
              byte[]::new,
              (a, i, out) -> out.writeByte(a[i]),
              (a, i, in) -> a[i] = in.readByte()),
          short[].class,
          new Layout<>(
              2,
              short[]::new,
              (a, i, out) -> out.writeShort(a[i]),
              (a, i, in) -> a[i] = in.readShort()),
          char[].class,
          new Layout<>(
              2,
              char[]::new,
              (a, i, out) -> out.writeChar(a[i]),
              (a, i, in) -> a[i] = in.readChar()),
          int[].class,
          new Layout<>(
              4, int[]::new, (a, i, out) -> out.writeInt(a[i]), (a, i, in) -> a[i] = in.readInt()),
          long[].class,
          new Layout<>(
              8,
              long[]::new,
              (a, i, out) -> out.writeLong(a[i]),
              (a, i, in) -> a[i] = in.readLong()),
          float[].class,
          new Layout<>(
              4,
              float[]::new,
              (a, i, out) -> out.writeFloat(a[i]),
              (a, i, in) -> a[i] = in.readFloat()),
          double[].class,
          new Layout<>(
              8,
              double[]::new,
              (a, i, out) -> out.writeDouble(a[i]),
              (a, i, in) -> a[i] = in.readDouble()));

  private final Layout<A> layout;

  private PrimitiveArraySerializer(String typeName, Layout<A> layout) {
    super(typeName);
    this.layout = layout;
  }

  /** The array type must be one of the eight. */
  @SuppressWarnings("unchecked") // each layout is stored under its own array type
  static <A> Serializer<A> of(Class<A> arrayType) {
    return new PrimitiveArraySerializer<>(
        arrayType.getTypeName(), (Layout<A>) LAYOUTS.get(arrayType));
  }

  @Override
  List<Serializer<?>> parts() {
    return List.of();
  }

  @Override
  ShapeDrawing.Sketch sketch() {
    return ShapeDrawing.Sketch.of(Shape.Kind.CONTAINER, typeName());
  }

  @Override
  Serializer<?> of(List<Serializer<?>> parts) {
    return this;
  }

  /** Reads an array whose elements were narrower. */
  Reading widened(Reading element) {
    return in -> {
      byte marker = in.readByte();
      if (marker == 0) {
        return null;
      }
      checkPresent(marker, typeName());
      int length = in.readCount();
      A value = layout.maker().make(length);
      for (int i = 0; i < length; i++) {
        Array.set(value, i, element.read(in));
      }
      return value;
    };
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
  void writeValue(A value, DataWriter out) {
    if (value instanceof byte[] bytes) {
      out.writeByteArray(bytes);
      return;
    }
    int length = Array.getLength(value);
    out.writeVarInt(length);
    for (int i = 0; i < length; i++) {
      layout.writer().write(value, i, out);
    }
  }

  @Override
  A readValue(DataReader in) {
    int length = in.readCount(layout.bytesEach());
    A value = layout.maker().make(length);
    if (value instanceof byte[] bytes) {
      in.readBytes(bytes, 0, length);
      return value;
    }
    for (int i = 0; i < length; i++) {
      layout.reader().read(value, i, in);
    }
    return value;
  }

  @Override
  A copyValue(A value) {
    int length = Array.getLength(value);
    A copy = layout.maker().make(length);
    System.arraycopy(value, 0, copy, 0, length);
    return copy;
  }

  @Override
  int hashValue(A value) {
    throw new NotHashableException(typeName());
  }

  private record Layout<A>(int bytesEach, Maker<A> maker, Writer<A> writer, Reader<A> reader) {}

  private interface Maker<A> {
    A make(int length);
  }

  private interface Writer<A> {
    void write(A array, int index, DataWriter out);
  }

  private interface Reader<A> {
    void read(A array, int index, DataReader in);
  }
}
