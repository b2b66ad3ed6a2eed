package io.millrace.runtime.state;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.NotHashableException;
import io.millrace.api.type.Serializer;

/**
 * A value, or an element of a list or map, with the wall clock's time at which its time to live
 * began last.
 */
record Timed(Object value, long millis) {
  /** Not by sum: a time to live may be as long as time itself. */
  boolean expired(long ttlMillis, long now) {
    return expired(millis, ttlMillis, now);
  }

  static boolean expired(long millis, long ttlMillis, long now) {
    return now - millis >= ttlMillis;
  }

  /** Writes the time, then the value. */
  record Form(Serializer<Object> value) implements Serializer<Object> {
    @Override
    public void write(Object timed, DataWriter out) {
      out.writeLong(((Timed) timed).millis);
      value.write(((Timed) timed).value, out);
    }

    /** The time alone, of what {@link #write} wrote. */
    static long millis(DataReader in) {
      return in.readLong();
    }

    @Override
    public Object read(DataReader in) {
      long millis = millis(in);
      return new Timed(value.read(in), millis);
    }

    @Override
    public Object copy(Object timed) {
      return immutable()
          ? timed
          : new Timed(value.copy(((Timed) timed).value), ((Timed) timed).millis);
    }

    @Override
    public boolean immutable() {
      return value.immutable();
    }

    @Override
    public boolean hashable() {
      return false;
    }

    @Override
    public int hash(Object timed) {
      throw new NotHashableException("a value with a time to live");
    }
  }
}
