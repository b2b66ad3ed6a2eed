package io.millrace.api.type;

import java.lang.reflect.Type;

/**
 * The door to all serializers.
 *
 * <p>Each call makes new ones, with caches of their own that die with them: ask once and keep the
 * answer. Which types are supported is told in {@link TypeInformation}.
 */
public final class Serializers {
  private Serializers() {}

  /**
   * The serializer of a class; classes that its values name are looked for by the same loader.
   *
   * @throws NoSerializerException if the class or something that it is made of has none
   */
  @SuppressWarnings("unchecked") // the catalog answers with the type that was asked
  public static <T> Serializer<T> of(Class<T> type) {
    return (Serializer<T>) of(type, type.getClassLoader());
  }

  /** The serializer of a generic type, seen from the loader of its outermost class. */
  public static Serializer<?> of(Type type) {
    return of(type, NormalTypes.raw(NormalTypes.normal(type)).getClassLoader());
  }

  /**
   * The serializer of a generic type.
   *
   * @param loader finds the classes that values name; null is the loader of the engine
   * @throws NoSerializerException if the type or something that it is made of has none
   */
  public static Serializer<?> of(Type type, ClassLoader loader) {
    return new Catalog(loader).resolve(type);
  }

  /**
   * The serializer of a class of which all that it can ever hold is known beforehand: no value
   * names a class, whatever the bytes say. For messages between processes.
   *
   * @throws NoSerializerException also if anything in it is dynamic or left to Kryo
   */
  @SuppressWarnings("unchecked") // the catalog answers with the type that was asked
  public static <T> Serializer<T> closed(Class<T> type) {
    Serializer<?> serializer = Catalog.closed(type.getClassLoader()).resolve(type);
    boolean closed =
        serializer instanceof StructuredSerializer<?> structured
            ? structured.closed()
            : !(serializer instanceof DynamicSerializer);
    if (!closed) {
      throw new NoSerializerException(
          type.getName(),
          "",
          "something that it holds is declared so openly that values must name their class",
          "declare records, enums, sealed families and collections of such only");
    }
    return (Serializer<T>) serializer;
  }

  /** Values of any supported class, which carry their class; of the classes the engine knows. */
  public static Serializer<Object> dynamic() {
    return dynamic(null);
  }

  /** Values of any supported class that the loader finds, which carry their class. */
  public static Serializer<Object> dynamic(ClassLoader loader) {
    return new Catalog(loader).dynamic();
  }
}
