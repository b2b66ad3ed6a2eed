package io.millrace.api.state;

import io.millrace.api.type.TypeInformation;

/** Numbers that fit into a {@code long}, and nothing else. */
enum Numbers implements Flattening<Object> {
  LONG(Long.class) {
    @Override
    long bits(Object value) {
      return (Long) value;
    }

    @Override
    public Object lift(long[] from, int at) {
      return from[at];
    }
  },

  INTEGER(Integer.class) {
    @Override
    long bits(Object value) {
      return (Integer) value;
    }

    @Override
    public Object lift(long[] from, int at) {
      return (int) from[at];
    }
  },

  DOUBLE(Double.class) {
    @Override
    long bits(Object value) {
      return Double.doubleToRawLongBits((Double) value);
    }

    @Override
    public Object lift(long[] from, int at) {
      return Double.longBitsToDouble(from[at]);
    }
  };

  private final Class<?> box;

  Numbers(Class<?> box) {
    this.box = box;
  }

  TypeInformation<?> type() {
    return TypeInformation.of(box);
  }

  abstract long bits(Object value);

  @Override
  public int width() {
    return 1;
  }

  @Override
  public boolean lay(Object value, long[] into, int at) {
    if (value == null || value.getClass() != box) {
      return false;
    }
    into[at] = bits(value);
    return true;
  }
}
