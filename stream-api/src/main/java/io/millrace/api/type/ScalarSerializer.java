package io.millrace.api.type;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** Immutable values without parts: one byte for null, then the value. */
final class ScalarSerializer<T> implements Serializer<T> {
  private static final Map<Class<?>, Serializer<?>> ALL = all();
  private static final Map<Serializer<?>, String> NAMES = names();
  private static final Map<String, Serializer<?>> BY_NAME = byName();

  private final BiConsumer<T, DataWriter> writer;
  private final Function<DataReader, T> reader;
  private final ToIntFunction<T> hash;

  private ScalarSerializer(
      BiConsumer<T, DataWriter> writer, Function<DataReader, T> reader, ToIntFunction<T> hash) {
    this.writer = writer;
    this.reader = reader;
    this.hash = hash;
  }

  /** The serializer of a scalar class, or null for any other class. */
  static Serializer<?> of(Class<?> type) {
    return ALL.get(type);
  }

  /** The serializer of a scalar class of that name, a primitive's that of its box, or null. */
  static Serializer<?> named(String name) {
    return BY_NAME.get(name);
  }

  /** The name of the class, or null if it is not the serializer of a scalar. */
  static String nameOf(Serializer<?> serializer) {
    return NAMES.get(serializer);
  }

  private static Map<Serializer<?>, String> names() {
    Map<Serializer<?>, String> names = new IdentityHashMap<>();
    ALL.forEach(
        (type, serializer) -> {
          if (!type.isPrimitive()) {
            names.put(serializer, type.getName());
          }
        });
    return names;
  }

  private static Map<String, Serializer<?>> byName() {
    Map<String, Serializer<?>> byName = new HashMap<>();
    ALL.forEach((type, serializer) -> byName.put(type.getName(), serializer));
    return byName;
  }

  private static Map<Class<?>, Serializer<?>> all() {
    Map<Class<?>, Serializer<?>> all = new HashMap<>();
    add(all, Boolean.class, (v, out) -> out.writeBoolean(v), DataReader::readBoolean, Hash::of);
    add(all, Byte.class, (v, out) -> out.writeByte(v), DataReader::readByte, Hash::of);
    add(all, Short.class, (v, out) -> out.writeShort(v), DataReader::readShort, Hash::of);
    add(all, Character.class, (v, out) -> out.writeChar(v), DataReader::readChar, Hash::of);
    add(all, Integer.class, (v, out) -> out.writeInt(v), DataReader::readInt, Hash::of);
    add(all, Long.class, (v, out) -> out.writeLong(v), DataReader::readLong, Hash::of);
    add(all, Float.class, (v, out) -> out.writeFloat(v), DataReader::readFloat, Hash::of);
    add(all, Double.class, (v, out) -> out.writeDouble(v), DataReader::readDouble, Hash::of);
    all.put(boolean.class, all.get(Boolean.class));
    all.put(byte.class, all.get(Byte.class));
    all.put(short.class, all.get(Short.class));
    all.put(char.class, all.get(Character.class));
    all.put(int.class, all.get(Integer.class));
    all.put(long.class, all.get(Long.class));
    all.put(float.class, all.get(Float.class));
    all.put(double.class, all.get(Double.class));
    all.put(String.class, new StringSerializer());
    add(
        all,
        BigInteger.class,
        ScalarSerializer::writeBigInteger,
        ScalarSerializer::readBigInteger,
        v -> ArraySerializer.hash(v.toByteArray()));
    add(
        all,
        BigDecimal.class,
        (v, out) -> {
          out.writeInt(v.scale());
          writeBigInteger(v.unscaledValue(), out);
        },
        in -> {
          int scale = in.readInt();
          return new BigDecimal(readBigInteger(in), scale);
        },
        v ->
            Hash.combine(
                Hash.of(v.scale()), ArraySerializer.hash(v.unscaledValue().toByteArray())));
    add(
        all,
        Instant.class,
        (v, out) -> {
          out.writeLong(v.getEpochSecond());
          out.writeInt(v.getNano());
        },
        in -> Instant.ofEpochSecond(in.readLong(), in.readInt()),
        v -> Hash.combine(Hash.of(v.getEpochSecond()), v.getNano()));
    add(
        all,
        Duration.class,
        (v, out) -> {
          out.writeLong(v.getSeconds());
          out.writeInt(v.getNano());
        },
        in -> Duration.ofSeconds(in.readLong(), in.readInt()),
        v -> Hash.combine(Hash.of(v.getSeconds()), v.getNano()));
    add(
        all,
        LocalDate.class,
        (v, out) -> out.writeLong(v.toEpochDay()),
        in -> LocalDate.ofEpochDay(in.readLong()),
        v -> Hash.of(v.toEpochDay()));
    add(
        all,
        LocalTime.class,
        (v, out) -> out.writeLong(v.toNanoOfDay()),
        in -> LocalTime.ofNanoOfDay(in.readLong()),
        v -> Hash.of(v.toNanoOfDay()));
    add(
        all,
        LocalDateTime.class,
        (v, out) -> {
          out.writeLong(v.toLocalDate().toEpochDay());
          out.writeLong(v.toLocalTime().toNanoOfDay());
        },
        in -> {
          LocalDate date = LocalDate.ofEpochDay(in.readLong());
          return date.atTime(LocalTime.ofNanoOfDay(in.readLong()));
        },
        v ->
            Hash.combine(
                Hash.of(v.toLocalDate().toEpochDay()), Hash.of(v.toLocalTime().toNanoOfDay())));
    add(
        all,
        UUID.class,
        (v, out) -> {
          out.writeLong(v.getMostSignificantBits());
          out.writeLong(v.getLeastSignificantBits());
        },
        in -> {
          long most = in.readLong();
          return new UUID(most, in.readLong());
        },
        v ->
            Hash.combine(
                Hash.of(v.getMostSignificantBits()), Hash.of(v.getLeastSignificantBits())));
    add(
        all,
        Void.class,
        (v, out) -> {
          throw new AssertionError("there is a Void that is not null");
        },
        in -> {
          throw new CorruptDataException("a Void that is not null");
        },
        v -> 0);
    return all;
  }

  private static <T> void add(
      Map<Class<?>, Serializer<?>> all,
      Class<T> type,
      BiConsumer<T, DataWriter> writer,
      Function<DataReader, T> reader,
      ToIntFunction<T> hash) {
    all.put(type, new ScalarSerializer<>(writer, reader, hash));
  }

  private static void writeBigInteger(BigInteger value, DataWriter out) {
    out.writeByteArray(value.toByteArray());
  }

  private static BigInteger readBigInteger(DataReader in) {
    byte[] bytes = in.readByteArray();
    if (bytes.length == 0) {
      throw new CorruptDataException("a BigInteger of no bytes");
    }
    return new BigInteger(bytes);
  }

  @Override
  public void write(T value, DataWriter out) {
    if (value == null) {
      out.writeByte(0);
      return;
    }
    out.writeByte(1);
    writer.accept(value, out);
  }

  @Override
  public T read(DataReader in) {
    if (!in.readBoolean()) {
      return null;
    }
    try {
      return reader.apply(in);
    } catch (DateTimeException | ArithmeticException e) {
      throw new CorruptDataException("a time out of range: " + e.getMessage(), e);
    }
  }

  @Override
  public T copy(T value) {
    return value;
  }

  @Override
  public boolean immutable() {
    return true;
  }

  @Override
  public boolean hashable() {
    return true;
  }

  @Override
  public int hash(T value) {
    return value == null ? Hash.NULL : hash.applyAsInt(value);
  }

  /** Null is folded into the length. */
  private static final class StringSerializer implements Serializer<String> {
    @Override
    public void write(String value, DataWriter out) {
      out.writeString(value);
    }

    @Override
    public String read(DataReader in) {
      return in.readString();
    }

    @Override
    public String copy(String value) {
      return value;
    }

    @Override
    public boolean immutable() {
      return true;
    }

    @Override
    public boolean hashable() {
      return true;
    }

    @Override
    public int hash(String value) {
      return value == null ? Hash.NULL : Hash.of(value);
    }
  }
}
