package io.millrace.api.accumulator;

/** The highest {@code double} value; {@code Double.NEGATIVE_INFINITY} if there was none. */
public final class DoubleMaximum implements SimpleAccumulator<Double> {
  private double max;

  /** Begins without a value. */
  public DoubleMaximum() {
    this(Double.NEGATIVE_INFINITY);
  }

  /** Begins with a value; {@link #resetLocal} forgets it. */
  public DoubleMaximum(double value) {
    max = value;
  }

  @Override
  public void add(Double value) {
    max = Math.max(max, value);
  }

  /** Without a box. */
  public void add(double value) {
    max = Math.max(max, value);
  }

  @Override
  public Double getLocalValue() {
    return max;
  }

  @Override
  public void resetLocal() {
    max = Double.NEGATIVE_INFINITY;
  }

  @Override
  public void merge(Accumulator<Double, Double> other) {
    add(other.getLocalValue());
  }

  @Override
  public DoubleMaximum clone() {
    return new DoubleMaximum(max);
  }

  @Override
  public String toString() {
    return "DoubleMaximum " + max;
  }
}
