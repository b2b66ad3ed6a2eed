package io.millrace.api.tuple;

/** A tuple of five fields. */
public final class Tuple5<T0, T1, T2, T3, T4> extends Tuple {
  private static final long serialVersionUID = 1L;

  public T0 f0;
  public T1 f1;
  public T2 f2;
  public T3 f3;
  public T4 f4;

  public Tuple5() {}

  public Tuple5(T0 f0, T1 f1, T2 f2, T3 f3, T4 f4) {
    this.f0 = f0;
    this.f1 = f1;
    this.f2 = f2;
    this.f3 = f3;
    this.f4 = f4;
  }

  public static <T0, T1, T2, T3, T4> Tuple5<T0, T1, T2, T3, T4> of(
      T0 f0, T1 f1, T2 f2, T3 f3, T4 f4) {
    return new Tuple5<>(f0, f1, f2, f3, f4);
  }

  @Override
  public int getArity() {
    return 5;
  }

  @Override
  @SuppressWarnings("unchecked") // as unsafe as the caller's choice of T
  public <T> T getField(int position) {
    switch (position) {
      case 0:
        return (T) f0;
      case 1:
        return (T) f1;
      case 2:
        return (T) f2;
      case 3:
        return (T) f3;
      case 4:
        return (T) f4;
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
      case 2:
        f2 = (T2) value;
        break;
      case 3:
        f3 = (T3) value;
        break;
      case 4:
        f4 = (T4) value;
        break;
      default:
        throw noField(position);
    }
  }
}
