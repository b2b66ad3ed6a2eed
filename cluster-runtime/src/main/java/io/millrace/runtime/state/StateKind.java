package io.millrace.runtime.state;

import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How the value under one key is kept, written and copied. */
sealed interface StateKind {
  /** Stands in front of the state in a checkpoint. */
  byte code();

  /** What it holds, as the types are called; stands in a checkpoint beside the state. */
  String types();

  boolean mutable();

  Object copy(Object value);

  void write(Object value, DataWriter out);

  Object read(DataReader in);

  static StateKind of(StateDescriptor descriptor, ClassLoader loader) {
    if (descriptor instanceof ValueStateDescriptor<?> value) {
      return new One(serializer(value.type(), loader), value.type().name());
    }
    if (descriptor instanceof ListStateDescriptor<?> list) {
      return new Many(serializer(list.elementType(), loader), list.elementType().name());
    }
    var map = (MapStateDescriptor<?, ?>) descriptor;
    return new Mapped(
        serializer(map.keyType(), loader),
        serializer(map.valueType(), loader),
        map.keyType().name() + " to " + map.valueType().name());
  }

  @SuppressWarnings("unchecked")
  private static Serializer<Object> serializer(TypeInformation<?> type, ClassLoader loader) {
    return (Serializer<Object>) type.serializer(loader);
  }

  static String nameOf(byte code) {
    return switch (code) {
      case 1 -> "a value";
      case 2 -> "a list";
      case 3 -> "a map";
      case 4 -> "timers";
      default -> "of unknown kind " + code;
    };
  }

  /** A single value. */
  record One(Serializer<Object> serializer, String types) implements StateKind {
    @Override
    public byte code() {
      return 1;
    }

    @Override
    public boolean mutable() {
      return !serializer.immutable();
    }

    @Override
    public Object copy(Object value) {
      return serializer.copy(value);
    }

    @Override
    public void write(Object value, DataWriter out) {
      serializer.write(value, out);
    }

    @Override
    public Object read(DataReader in) {
      return serializer.read(in);
    }
  }

  /** A list, kept as an ArrayList. */
  record Many(Serializer<Object> element, String types) implements StateKind {
    @Override
    public byte code() {
      return 2;
    }

    @Override
    public boolean mutable() {
      return true;
    }

    @Override
    public Object copy(Object value) {
      var list = (List<?>) value;
      var copy = new ArrayList<Object>(list.size() + 1);
      for (Object one : list) {
        copy.add(element.copy(one));
      }
      return copy;
    }

    @Override
    public void write(Object value, DataWriter out) {
      var list = (List<?>) value;
      out.writeVarInt(list.size());
      for (Object one : list) {
        element.write(one, out);
      }
    }

    @Override
    public Object read(DataReader in) {
      int size = in.readVarInt();
      var list = new ArrayList<Object>();
      for (int i = 0; i < size; i++) {
        list.add(element.read(in));
      }
      return list;
    }
  }

  /** A map, kept as a LinkedHashMap. */
  record Mapped(Serializer<Object> key, Serializer<Object> value, String types)
      implements StateKind {
    @Override
    public byte code() {
      return 3;
    }

    @Override
    public boolean mutable() {
      return true;
    }

    @Override
    public Object copy(Object map) {
      var copy = new LinkedHashMap<Object, Object>();
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) map).entrySet()) {
        copy.put(key.copy(entry.getKey()), value.copy(entry.getValue()));
      }
      return copy;
    }

    @Override
    public void write(Object map, DataWriter out) {
      var entries = (Map<?, ?>) map;
      out.writeVarInt(entries.size());
      for (Map.Entry<?, ?> entry : entries.entrySet()) {
        key.write(entry.getKey(), out);
        value.write(entry.getValue(), out);
      }
    }

    @Override
    public Object read(DataReader in) {
      int size = in.readVarInt();
      var map = new LinkedHashMap<Object, Object>();
      for (int i = 0; i < size; i++) {
        Object k = key.read(in);
        map.put(k, value.read(in));
      }
      return map;
    }
  }

  /** Times of timers, a sorted array that is never changed. */
  record Times() implements StateKind {
    @Override
    public byte code() {
      return 4;
    }

    @Override
    public String types() {
      return "times";
    }

    @Override
    public boolean mutable() {
      return false;
    }

    @Override
    public Object copy(Object value) {
      return value;
    }

    @Override
    public void write(Object value, DataWriter out) {
      long[] times = (long[]) value;
      out.writeVarInt(times.length);
      for (long time : times) {
        out.writeLong(time);
      }
    }

    @Override
    public Object read(DataReader in) {
      int count = in.readCount(8);
      long[] times = new long[count];
      for (int i = 0; i < count; i++) {
        times[i] = in.readLong();
      }
      return times;
    }
  }
}
