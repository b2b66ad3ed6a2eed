package io.millrace.api.type;

import java.util.List;

/**
 * The way out for classes of the job that are neither records nor POJOs nor anything else that is
 * known here: a block of its own, written by Kryo from the fields. Cycles are allowed inside.
 */
final class KryoSerializer<T> extends StructuredSerializer<T> {
  private final Class<T> type;
  private final KryoPool pool;

  /**
   * Checks the declared fields at once.
   *
   * @throws NoSerializerException if the class, or a field however deep, cannot be written
   */
  KryoSerializer(Class<T> type, KryoPool pool, String path) {
    super(type.getName());
    this.type = type;
    this.pool = pool;
    KryoTypes.checkFields(type, path);
  }

  Class<T> type() {
    return type;
  }

  @Override
  List<Serializer<?>> parts() {
    return List.of();
  }

  @Override
  ShapeDrawing.Sketch sketch() {
    return ShapeDrawing.Sketch.of(Shape.Kind.KRYO, typeName());
  }

  @Override
  boolean namesClasses() {
    return true;
  }

  @Override
  boolean frozen() {
    return false;
  }

  @Override
  boolean ordered() {
    return false;
  }

  @Override
  void writeValue(T value, DataWriter out) {
    out.writeByteArray(pool.write(value));
  }

  @Override
  T readValue(DataReader in) {
    return pool.read(type, in.readByteArray(), in.loader());
  }

  /** By way of the bytes: what arrives is then the same whether an edge is local or remote. */
  @Override
  T copyValue(T value) {
    return pool.read(type, pool.write(value), null);
  }

  @Override
  int hashValue(T value) {
    throw new NotHashableException(typeName());
  }
}
