package io.millrace.api.type;

import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Currency;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * The way out for classes of the job that are neither records nor POJOs nor anything else that is
 * known here: a block of its own, written by Kryo from the fields. Cycles are allowed inside.
 */
final class KryoSerializer<T> extends StructuredSerializer<T> {
  /** Classes of the JDK whose values are equal if, and only if, a text of theirs is. */
  private static final Map<Class<?>, Function<Object, String>> KEYED =
      Map.ofEntries(
          Map.entry(Date.class, date -> Long.toString(((Date) date).getTime())),
          Map.entry(ZonedDateTime.class, Object::toString),
          Map.entry(OffsetDateTime.class, Object::toString),
          Map.entry(OffsetTime.class, Object::toString),
          Map.entry(ZoneOffset.class, Object::toString),
          Map.entry(Year.class, Object::toString),
          Map.entry(YearMonth.class, Object::toString),
          Map.entry(MonthDay.class, Object::toString),
          Map.entry(Period.class, Object::toString),
          Map.entry(Currency.class, Object::toString),
          Map.entry(OptionalInt.class, Object::toString),
          Map.entry(OptionalLong.class, Object::toString));

  private final Class<T> type;
  private final KryoPool pool;

  /**
   * Checks the declared fields at once.
   *
   * @throws NoSerializerException if the class, or a field however deep, cannot be written
   */
  KryoSerializer(Class<T> type, KryoPool pool, String path) {
    super(type.getName());
    this.type = type;
    this.pool = pool;
    KryoTypes.checkFields(type, path);
  }

  Class<T> type() {
    return type;
  }

  @Override
  List<Serializer<?>> parts() {
    return List.of();
  }

  @Override
  ShapeDrawing.Sketch sketch() {
    return ShapeDrawing.Sketch.of(Shape.Kind.KRYO, typeName());
  }

  @Override
  boolean namesClasses() {
    return true;
  }

  @Override
  boolean frozen() {
    return false;
  }

  @Override
  boolean ordered() {
    return KEYED.containsKey(type);
  }

  @Override
  void writeValue(T value, DataWriter out) {
    out.writeByteArray(pool.write(value));
  }

  @Override
  T readValue(DataReader in) {
    return pool.read(type, in.readByteArray(), in.loader());
  }

  /** By way of the bytes: what arrives is then the same whether an edge is local or remote. */
  @Override
  T copyValue(T value) {
    return pool.read(type, pool.write(value), null);
  }

  @Override
  int hashValue(T value) {
    return Hash.of(KEYED.get(type).apply(value));
  }
}
