package io.millrace.api.type;

import java.lang.reflect.Array;
import java.util.List;

/** A type whose values are made of fields that have names. */
interface Fields {
  /** Stands for the value of a field that was not written. */
  Object ABSENT = new Object();

  List<ShapeDrawing.Piece> pieces();

  /**
   * A value.
   *
   * @param values in the order of the pieces, primitives in their boxes
   */
  Object make(Object[] values);

  /** 0, false or null. */
  static Object none(Class<?> type) {
    return type.isPrimitive() ? Array.get(Array.newInstance(type, 1), 0) : null;
  }
}
