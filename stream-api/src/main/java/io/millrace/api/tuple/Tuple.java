package io.millrace.api.tuple;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** Fields by position. Two tuples are equal if they have the same class and equal fields. */
public abstract sealed class Tuple implements Serializable
    permits Tuple0,
        Tuple1,
        Tuple2,
        Tuple3,
        Tuple4,
        Tuple5,
        Tuple6,
        Tuple7,
        Tuple8,
        Tuple9,
        Tuple10,
        Tuple11,
        Tuple12,
        Tuple13,
        Tuple14,
        Tuple15,
        Tuple16,
        Tuple17,
        Tuple18,
        Tuple19,
        Tuple20,
        Tuple21,
        Tuple22,
        Tuple23,
        Tuple24,
        Tuple25 {
  private static final long serialVersionUID = 1L;

  /** Most fields that a tuple can have. */
  public static final int MAX_ARITY = 25;

  private static final List<Supplier<Tuple>> MAKERS =
      List.of(
          Tuple0::new,
          Tuple1::new,
          Tuple2::new,
          Tuple3::new,
          Tuple4::new,
          Tuple5::new,
          Tuple6::new,
          Tuple7::new,
          Tuple8::new,
          Tuple9::new,
          Tuple10::new,
          Tuple11::new,
          Tuple12::new,
          Tuple13::new,
          Tuple14::new,
          Tuple15::new,
          Tuple16::new,
          Tuple17::new,
          Tuple18::new,
          Tuple19::new,
          Tuple20::new,
          Tuple21::new,
          Tuple22::new,
          Tuple23::new,
          Tuple24::new,
          Tuple25::new);

  Tuple() {}

  /**
   * A tuple of so many fields, all null.
   *
   * @param arity 0 to 25
   */
  public static Tuple newInstance(int arity) {
    return MAKERS.get(checked(arity)).get();
  }

  /**
   * The class of the tuples of so many fields.
   *
   * @param arity 0 to 25
   */
  public static Class<? extends Tuple> getTupleClass(int arity) {
    return newInstance(arity).getClass();
  }

  private static int checked(int arity) {
    if (arity < 0 || arity > MAX_ARITY) {
      throw new IllegalArgumentException(
          "there are tuples of 0 to " + MAX_ARITY + " fields, found " + arity + "; write a record");
    }
    return arity;
  }

  public abstract int getArity();

  /**
   * The field at a position, counted from 0.
   *
   * @throws IndexOutOfBoundsException if there is no such field
   */
  public abstract <T> T getField(int position);

  /**
   * Sets the field at a position, counted from 0.
   *
   * @throws IndexOutOfBoundsException if there is no such field
   */
  public abstract <T> void setField(T value, int position);

  /** A new tuple with the very same fields. */
  public abstract Tuple copy();

  @Override
  public final boolean equals(Object other) {
    if (this == other) {
      return true;
    }
    if (other == null || other.getClass() != getClass()) {
      return false;
    }
    Tuple that = (Tuple) other;
    for (int i = 0; i < getArity(); i++) {
      if (!Objects.equals(this.<Object>getField(i), that.<Object>getField(i))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public final int hashCode() {
    int hash = 1;
    for (int i = 0; i < getArity(); i++) {
      hash = 31 * hash + Objects.hashCode(this.<Object>getField(i));
    }
    return hash;
  }

  @Override
  public final String toString() {
    StringBuilder text = new StringBuilder("(");
    for (int i = 0; i < getArity(); i++) {
      text.append(i == 0 ? "" : ",").append(this.<Object>getField(i));
    }
    return text.append(')').toString();
  }

  final IndexOutOfBoundsException noField(int position) {
    return new IndexOutOfBoundsException(
        "a tuple of " + getArity() + " fields has no field " + position);
  }
}
