package io.millrace.api.type;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;

/** For which enum a set or map is made, which an empty one tells nobody. */
final class EnumTypes {
  private EnumTypes() {}

  /** Of a set of an enum without constants, where one is as good as another. */
  private enum Nothing {}

  /** Null if it has no constants. */
  static Class<?> ofConstants(EnumSet<?> set) {
    EnumSet<?> some = set.isEmpty() ? EnumSet.complementOf(set) : set;
    return some.isEmpty() ? null : some.iterator().next().getDeclaringClass();
  }

  static Class<?> ofKeys(EnumMap<?, ?> map) {
    if (!map.isEmpty()) {
      return map.keySet().iterator().next().getDeclaringClass();
    }
    try (var named = new NamedEnum()) {
      named.writeObject(map);
      return named.found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Only its serialised form has it. */
  private static final class NamedEnum extends ObjectOutputStream {
    private Class<?> found;

    NamedEnum() throws IOException {
      super(OutputStream.nullOutputStream());
    }

    @Override
    protected void annotateClass(Class<?> type) {
      if (type.isEnum()) {
        found = type;
      }
    }
  }

  @SuppressWarnings({"rawtypes", "unchecked"}) // looked at before
  static Collection<Object> emptySet(Object type) {
    return (Collection) EnumSet.noneOf(type == null ? Nothing.class : (Class) anEnum(type));
  }

  @SuppressWarnings({"rawtypes", "unchecked"}) // looked at before
  static Map<Object, Object> emptyMap(Object type) {
    return (Map) new EnumMap((Class) anEnum(type));
  }

  private static Class<?> anEnum(Object type) {
    if (type instanceof Class<?> named && named.isEnum()) {
      return named;
    }
    throw new CorruptDataException(type + " in the place of an enum class");
  }
}
