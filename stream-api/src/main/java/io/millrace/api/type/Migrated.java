package io.millrace.api.type;

/** Reads by a plan; does all else as the type does now. */
record Migrated<T>(Serializer<T> now, Reading reading) implements Serializer<T> {
  @Override
  public void write(T value, DataWriter out) {
    now.write(value, out);
  }

  @Override
  @SuppressWarnings("unchecked") // the plan ends in what the type is now
  public T read(DataReader in) {
    return (T) reading.read(in);
  }

  @Override
  public T copy(T value) {
    return now.copy(value);
  }

  @Override
  public boolean immutable() {
    return now.immutable();
  }

  @Override
  public boolean hashable() {
    return now.hashable();
  }

  @Override
  public int hash(T value) {
    return now.hash(value);
  }
}
