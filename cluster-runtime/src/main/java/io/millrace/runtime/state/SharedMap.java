package io.millrace.runtime.state;

import io.millrace.api.type.Serializer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;

/**
 * A map in place of one that a writer still reads. It has the same values: each is copied before
 * somebody gets it who may change it, and the others never.
 */
final class SharedMap extends LinkedHashMap<Object, Object> {
  private static final long serialVersionUID = 1;

  /** Keys whose values nobody else has. */
  private final LinkedHashSet<Object> own = new LinkedHashSet<>();

  SharedMap(Map<?, ?> read) {
    super(read);
  }

  /** The value of the key is not the writer's. */
  void isOwn(Object key) {
    own.add(key);
  }

  /** From now on nobody else has that value. */
  void own(Object key, Serializer<Object> values) {
    Object value = get(key);
    if (value != null && own.add(key)) {
      put(key, values.copy(value));
    }
  }

  void ownAll(Serializer<Object> values) {
    new ArrayList<>(keySet()).forEach(key -> own(key, values));
  }
}
