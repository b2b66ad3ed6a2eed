package io.millrace.api.accumulator;

/** The highest {@code int} value; {@code Integer.MIN_VALUE} if there was none. */
public final class IntMaximum implements SimpleAccumulator<Integer> {
  private int max;

  /** Begins without a value. */
  public IntMaximum() {
    this(Integer.MIN_VALUE);
  }

  /** Begins with a value; {@link #resetLocal} forgets it. */
  public IntMaximum(int value) {
    max = value;
  }

  @Override
  public void add(Integer value) {
    max = Math.max(max, value);
  }

  /** Without a box. */
  public void add(int value) {
    max = Math.max(max, value);
  }

  @Override
  public Integer getLocalValue() {
    return max;
  }

  @Override
  public void resetLocal() {
    max = Integer.MIN_VALUE;
  }

  @Override
  public void merge(Accumulator<Integer, Integer> other) {
    add(other.getLocalValue());
  }

  @Override
  public IntMaximum clone() {
    return new IntMaximum(max);
  }

  @Override
  public String toString() {
    return "IntMaximum " + max;
  }
}
