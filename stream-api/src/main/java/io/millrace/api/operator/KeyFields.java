package io.millrace.api.operator;

import io.millrace.api.function.KeySelector;
import io.millrace.api.tuple.Tuple;
import io.millrace.api.type.NoSerializerException;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.type.Types;
import java.util.List;

/**
 * A key made of fields that are given by position or name: a tuple of their values.
 *
 * @param <T> records
 */
public final class KeyFields<T> implements KeySelector<T, Tuple> {
  private final String[] fields;
  // Of the class of the last record; streams of several classes are rare.
  private transient Class<?> seen;
  private transient FieldAccess[] accesses;

  /**
   * @param fields at least one; names, or positions of a tuple
   */
  public KeyFields(List<String> fields) {
    if (fields.isEmpty()) {
      throw new IllegalArgumentException("keyBy needs at least one field");
    }
    this.fields = fields.toArray(String[]::new);
  }

  /** A key that is one field itself, not a tuple of it. */
  @SuppressWarnings("unchecked") // whoever names the field knows its type
  public static <T, K> KeySelector<T, K> single(String field) {
    var fields = new KeyFields<T>(List.of(field));
    return value -> (K) fields.getKey(value).getField(0);
  }

  /**
   * The type of the keys.
   *
   * @param records their type; what is not known of it, the records tell
   * @throws IllegalArgumentException if they have no such field
   */
  public TypeInformation<Tuple> typeIn(TypeInformation<T> records) {
    var types = new TypeInformation<?>[fields.length];
    for (int i = 0; i < fields.length; i++) {
      types[i] = typeOf(fields[i], records);
    }
    return Types.TUPLE(types);
  }

  private static TypeInformation<?> typeOf(String field, TypeInformation<?> records) {
    if (records.isDynamic()) {
      return TypeInformation.dynamic();
    }
    try {
      Class<?> type = FieldAccess.of(records.getTypeClass(), field).typeIn(records);
      return type == Object.class ? TypeInformation.dynamic() : TypeInformation.of(type);
    } catch (NoSerializerException e) {
      return TypeInformation.dynamic(); // no such class here, so the first record tells
    }
  }

  @Override
  public Tuple getKey(T value) throws Exception {
    if (value.getClass() != seen) {
      seen = value.getClass();
      accesses = new FieldAccess[fields.length];
      for (int i = 0; i < fields.length; i++) {
        accesses[i] = FieldAccess.of(seen, fields[i]);
      }
    }
    Tuple key = Tuple.newInstance(fields.length);
    for (int i = 0; i < fields.length; i++) {
      key.setField(accesses[i].get(value), i);
    }
    return key;
  }
}
