package io.millrace.api.tuple;

/** A tuple of two fields. */
public final class Tuple2<T0, T1> extends Tuple {
  private static final long serialVersionUID = 1L;

  public T0 f0;
  public T1 f1;

  public Tuple2() {}

  public Tuple2(T0 f0, T1 f1) {
    this.f0 = f0;
    this.f1 = f1;
  }

  public static <T0, T1> Tuple2<T0, T1> of(T0 f0, T1 f1) {
    return new Tuple2<>(f0, f1);
  }

  @Override
  public int getArity() {
    return 2;
  }

  @Override
  @SuppressWarnings("unchecked") // as unsafe as the caller's choice of T
  public <T> T getField(int position) {
    switch (position) {
      case 0:
        return (T) f0;
      case 1:
        return (T) f1;
      default:
        throw noField(position);
    }
  }

  @Override
  @SuppressWarnings("unchecked") // as unsafe as the caller's choice of T
  public <T> void setField(T value, int position) {
    switch (position) {
      case 0:
        f0 = (T0) value;
        break;
      case 1:
        f1 = (T1) value;
        break;
      default:
        throw noField(position);
    }
  }
}
