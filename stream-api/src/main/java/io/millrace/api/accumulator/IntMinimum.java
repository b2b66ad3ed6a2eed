package io.millrace.api.accumulator;

/** The lowest {@code int} value; {@code Integer.MAX_VALUE} if there was none. */
public final class IntMinimum implements SimpleAccumulator<Integer> {
  private int min;

  /** Begins without a value. */
  public IntMinimum() {
    this(Integer.MAX_VALUE);
  }

  /** Begins with a value; {@link #resetLocal} forgets it. */
  public IntMinimum(int value) {
    min = value;
  }

  @Override
  public void add(Integer value) {
    min = Math.min(min, value);
  }

  /** Without a box. */
  public void add(int value) {
    min = Math.min(min, value);
  }

  @Override
  public Integer getLocalValue() {
    return min;
  }

  @Override
  public void resetLocal() {
    min = Integer.MAX_VALUE;
  }

  @Override
  public void merge(Accumulator<Integer, Integer> other) {
    add(other.getLocalValue());
  }

  @Override
  public IntMinimum clone() {
    return new IntMinimum(min);
  }

  @Override
  public String toString() {
    return "IntMinimum " + min;
  }
}
