package io.millrace.api.type;

/**
 * Turns values of one type into bytes and back, copies and hashes them.
 *
 * <p>Every serializer accepts null. A serializer holds no state of a single call: any number of
 * threads may use it, each with a writer or reader of its own.
 */
public interface Serializer<T> {

  /**
   * Appends the value.
   *
   * @throws NoSerializerException if the value holds an object of a type that has no serializer
   */
  void write(T value, DataWriter out);

  /**
   * Reads what {@link #write} has written.
   *
   * @throws CorruptDataException for whatever else the bytes may be; no other exception leaves
   */
  T read(DataReader in);

  /** A value that shares nothing changeable with the given one: itself when {@link #immutable}. */
  T copy(T value);

  /** Whether nobody can change any value of this type. */
  boolean immutable();

  /** Whether {@link #hash} has an answer; for dynamic types it depends on the value. */
  boolean hashable();

  /**
   * A hash that depends on nothing but the content: the same in every process and version.
   *
   * @throws NotHashableException if the type has no such hash
   */
  int hash(T value);
}
