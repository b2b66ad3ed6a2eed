package io.millrace.api.type;

import io.millrace.api.tuple.Tuple;
import java.lang.invoke.MethodType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The usual types by name, for whoever writes them down. Nobody has to: what a program does not say
 * is read from it, or found out from each record.
 */
public final class Types {
  public static final TypeInformation<String> STRING = TypeInformation.of(String.class);
  public static final TypeInformation<Boolean> BOOLEAN = TypeInformation.of(Boolean.class);
  public static final TypeInformation<Byte> BYTE = TypeInformation.of(Byte.class);
  public static final TypeInformation<Short> SHORT = TypeInformation.of(Short.class);
  public static final TypeInformation<Integer> INT = TypeInformation.of(Integer.class);
  public static final TypeInformation<Long> LONG = TypeInformation.of(Long.class);
  public static final TypeInformation<Float> FLOAT = TypeInformation.of(Float.class);
  public static final TypeInformation<Double> DOUBLE = TypeInformation.of(Double.class);
  public static final TypeInformation<Character> CHAR = TypeInformation.of(Character.class);
  public static final TypeInformation<BigDecimal> BIG_DEC = TypeInformation.of(BigDecimal.class);
  public static final TypeInformation<BigInteger> BIG_INT = TypeInformation.of(BigInteger.class);
  public static final TypeInformation<LocalDate> LOCAL_DATE = TypeInformation.of(LocalDate.class);
  public static final TypeInformation<LocalTime> LOCAL_TIME = TypeInformation.of(LocalTime.class);
  public static final TypeInformation<LocalDateTime> LOCAL_DATE_TIME =
      TypeInformation.of(LocalDateTime.class);
  public static final TypeInformation<Instant> INSTANT = TypeInformation.of(Instant.class);

  /** Null and nothing else: the values of a map that is a set, the results of who has none. */
  public static final TypeInformation<Void> VOID = TypeInformation.of(Void.class);

  /** A tuple of up to 25 fields. */
  @SuppressWarnings("unchecked") // the caller names the tuple of these fields
  public static <T extends Tuple> TypeInformation<T> TUPLE(TypeInformation<?>... fields) {
    Class<? extends Tuple> raw = Tuple.getTupleClass(fields.length);
    return (TypeInformation<T>)
        (fields.length == 0 ? TypeInformation.of(raw) : generic(raw, fields));
  }

  /**
   * @throws NoSerializerException if it is none
   */
  public static <T> TypeInformation<T> POJO(Class<T> type) {
    return TypeInformation.of(type);
  }

  /** Any class; those without a serializer of their own go through Kryo. */
  public static <T> TypeInformation<T> GENERIC(Class<T> type) {
    return TypeInformation.of(type);
  }

  public static <E extends Enum<E>> TypeInformation<E> ENUM(Class<E> type) {
    return TypeInformation.of(type);
  }

  @SuppressWarnings("unchecked") // a list of E
  public static <E> TypeInformation<List<E>> LIST(TypeInformation<E> element) {
    return (TypeInformation<List<E>>) generic(List.class, element);
  }

  @SuppressWarnings("unchecked") // a set of E
  public static <E> TypeInformation<Set<E>> SET(TypeInformation<E> element) {
    return (TypeInformation<Set<E>>) generic(Set.class, element);
  }

  @SuppressWarnings("unchecked") // a map of K and V
  public static <K, V> TypeInformation<Map<K, V>> MAP(
      TypeInformation<K> key, TypeInformation<V> value) {
    return (TypeInformation<Map<K, V>>) generic(Map.class, key, value);
  }

  @SuppressWarnings("unchecked") // an array of E
  public static <E> TypeInformation<E[]> OBJECT_ARRAY(TypeInformation<E> element) {
    return (TypeInformation<E[]>) TypeInformation.of(NormalTypes.arrayOf(element.type(loader())));
  }

  /**
   * An array of plain values.
   *
   * @param element such as {@link #INT}
   */
  public static TypeInformation<?> PRIMITIVE_ARRAY(TypeInformation<?> element) {
    Class<?> primitive = MethodType.methodType(element.getTypeClass()).unwrap().returnType();
    if (!primitive.isPrimitive()) {
      throw new IllegalArgumentException(
          element.name() + " is no primitive type; take OBJECT_ARRAY for it");
    }
    return TypeInformation.of((Type) primitive.arrayType());
  }

  private static TypeInformation<?> generic(Class<?> raw, TypeInformation<?>... arguments) {
    ClassLoader loader = loader();
    List<Type> types = Stream.of(arguments).map(each -> each.type(loader)).toList();
    return TypeInformation.of(new NormalTypes.Generic(raw, types));
  }

  /** Of the program that calls. */
  private static ClassLoader loader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null ? Types.class.getClassLoader() : context;
  }

  private Types() {}
}
