package io.millrace.api.type;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Primitives, their boxes, and which of them hold all values of which others. */
enum Widening {
  BOOLEAN(boolean.class, Boolean.class, DataReader::readBoolean, Set.of()),
  BYTE(
      byte.class,
      Byte.class,
      DataReader::readByte,
      Set.of("short", "int", "long", "float", "double")),
  SHORT(short.class, Short.class, DataReader::readShort, Set.of("int", "long", "float", "double")),
  CHAR(char.class, Character.class, DataReader::readChar, Set.of("int", "long", "float", "double")),
  INT(int.class, Integer.class, DataReader::readInt, Set.of("long", "double")),
  LONG(long.class, Long.class, DataReader::readLong, Set.of()),
  FLOAT(float.class, Float.class, DataReader::readFloat, Set.of("double")),
  DOUBLE(double.class, Double.class, DataReader::readDouble, Set.of());

  private static final Set<Widening> HASHED_AS_INT = Set.of(BYTE, SHORT, CHAR, INT);
  private static final Map<String, Widening> ALL = new HashMap<>();

  static {
    for (Widening each : values()) {
      ALL.put(each.primitive.getName(), each);
      ALL.put(each.box.getName(), each);
    }
  }

  private final Class<?> primitive;
  private final Class<?> box;
  private final Function<DataReader, Object> bare;
  private final Set<String> wider;

  Widening(Class<?> primitive, Class<?> box, Function<DataReader, Object> bare, Set<String> wider) {
    this.primitive = primitive;
    this.box = box;
    this.bare = bare;
    this.wider = wider;
  }

  /** By the name of a primitive or its box; null for any other. */
  static Widening of(String name) {
    return ALL.get(name);
  }

  /**
   * Reads what was written under one name as what has another, null if that may lose something.
   * Both may be the same. A box may be null, so it never becomes a primitive.
   */
  static Reading between(String written, String now, Migration.Use use) {
    Widening was = of(written);
    Widening is = of(now);
    if (was == null || is == null) {
      return null;
    }
    boolean boxed = written.equals(was.box.getName());
    if (boxed && now.equals(is.primitive.getName())
        || was != is && !was.wider.contains(is.primitive.getName())
        || was != is
            && use == Migration.Use.KEY
            && !(HASHED_AS_INT.contains(was) && HASHED_AS_INT.contains(is))) {
      return null;
    }
    return in -> {
      Object value = boxed && !in.readBoolean() ? null : was.bare.apply(in);
      return was == is || value == null ? value : is.from(value);
    };
  }

  private Object from(Object value) {
    Number number = value instanceof Character letter ? (int) letter : (Number) value;
    return switch (this) {
      case BOOLEAN, CHAR -> throw new IllegalStateException("nothing widens to " + primitive);
      case BYTE -> number.byteValue();
      case SHORT -> number.shortValue();
      case INT -> number.intValue();
      case LONG -> number.longValue();
      case FLOAT -> number.floatValue();
      case DOUBLE -> number.doubleValue();
    };
  }
}
