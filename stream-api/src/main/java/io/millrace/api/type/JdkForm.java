package io.millrace.api.type;

import java.lang.reflect.Type;
import java.util.List;

/**
 * A class of the JDK whose state no other class may look at, as the values that say all of it and
 * that have serializers: what a program gets from its public methods and gives to its constructor.
 */
record JdkForm<T>(
    Class<T> type, List<Part> parts, Taking<T> taking, Making<T> making, Traits traits) {
  JdkForm {
    parts = List.copyOf(parts);
  }

  /** How its values may be used. */
  enum Traits {
    /** A program can change it, or it is equal to nothing but itself. */
    PLAIN,
    /** Nobody can change it. */
    FROZEN,
    /** It can be changed; two are equal if, and only if, their parts are. */
    KEYED,
    FROZEN_AND_KEYED;

    boolean frozen() {
      return this == FROZEN || this == FROZEN_AND_KEYED;
    }

    boolean keyed() {
      return this == KEYED || this == FROZEN_AND_KEYED;
    }
  }

  /**
   * @param type where it is the same for all
   * @param argument else the place of the type argument that it is
   */
  record Part(String name, Type type, int argument) {
    static Part of(String name, Class<?> type) {
      return new Part(name, type, -1);
    }

    static Part argument(String name, int argument) {
      return new Part(name, null, argument);
    }

    Type in(Type owner) {
      return type == null ? NormalTypes.argument(owner, argument) : type;
    }
  }

  /** What the parts of a value are. */
  interface Taking<T> {
    /**
     * @param loader will find the classes that parts name
     * @throws NoSerializerException if they do not say all of this one
     */
    Object[] parts(T value, ClassLoader loader);
  }

  /** The value of such parts; whatever it throws means that there is none. */
  interface Making<T> {
    /**
     * @param loader finds the classes that parts name
     */
    T of(Object[] parts, ClassLoader loader) throws Exception;
  }

  /** As {@link Making#of}, for parts that were read. */
  T read(Object[] values, ClassLoader loader) {
    try {
      return making.of(values, loader);
    } catch (Exception | StackOverflowError e) {
      throw e instanceof StackOverflowError
          ? new CorruptDataException("a " + type.getName() + " is nested too deep")
          : Component.refused(type.getName(), e);
    }
  }
}
