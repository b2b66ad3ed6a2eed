package io.millrace.api.type;

/** Stands for the serializer of a recursive type while that one is being made. */
final class Knot<T> implements Serializer<T> {
  private Serializer<T> tied;

  @SuppressWarnings("unchecked") // made and tied for the same type
  void tie(Serializer<?> serializer) {
    tied = (Serializer<T>) serializer;
  }

  Serializer<T> tied() {
    return tied;
  }

  @Override
  public void write(T value, DataWriter out) {
    tied.write(value, out);
  }

  @Override
  public T read(DataReader in) {
    return tied.read(in);
  }

  @Override
  public T copy(T value) {
    return tied.copy(value);
  }

  @Override
  public boolean immutable() {
    return tied.immutable();
  }

  @Override
  public boolean hashable() {
    return tied.hashable();
  }

  @Override
  public int hash(T value) {
    return tied.hash(value);
  }
}
