package io.millrace.api.graph;

import io.millrace.api.function.KeySelector;
import io.millrace.api.function.Partitioner;
import io.millrace.api.type.TypeInformation;
import java.io.Serializable;

/**
 * What an edge needs of the user's classes.
 *
 * @param type of the records
 * @param key for KEY_GROUP; else null
 * @param keyType for KEY_GROUP; else null
 * @param partitioner of records, for CUSTOM; else null
 */
public record EdgeCode<T, K>(
    TypeInformation<T> type,
    KeySelector<T, K> key,
    TypeInformation<K> keyType,
    Partitioner<T> partitioner)
    implements Serializable {
  public EdgeCode(TypeInformation<T> type, KeySelector<T, K> key, TypeInformation<K> keyType) {
    this(type, key, keyType, null);
  }

  public static <T> EdgeCode<T, Void> plain(TypeInformation<T> type) {
    return new EdgeCode<>(type, null, null);
  }
}
