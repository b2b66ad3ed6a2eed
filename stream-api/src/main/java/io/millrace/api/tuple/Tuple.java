package io.millrace.api.tuple;

import java.io.Serializable;
import java.util.Objects;

/** Fields by position. Two tuples are equal if they have the same class and equal fields. */
public abstract sealed class Tuple implements Serializable permits Tuple2, Tuple3, Tuple4, Tuple5 {
  private static final long serialVersionUID = 1L;

  Tuple() {}

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
